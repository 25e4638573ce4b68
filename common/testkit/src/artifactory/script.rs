//! Which faults and holds are in force for which requests.
//!
//! A rule is for the requests that its pattern fits: `METHOD /path?query` without the context
//! path, where `*` stands for anything. The rule that was made last is asked first.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
};

use super::{ArtifactoryFault, Hold, Shared};
use crate::stand_in::Gate;

#[derive(Debug, Default)]
struct Rule {
    pattern: String,
    /// One for each of the next requests.
    queue: VecDeque<ArtifactoryFault>,
    /// For every request once the queue is empty.
    sticky: Option<ArtifactoryFault>,
    gate: Option<Arc<Gate>>,
}

/// All rules of one server.
#[derive(Debug, Default)]
pub(super) struct Script(Mutex<Vec<Rule>>);

impl Script {
    fn rules(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.0
            .lock()
            .expect("nobody panics while holding the script")
    }

    fn change(&self, pattern: &str, change: impl FnOnce(&mut Rule)) {
        let mut rules = self.rules();
        if let Some(rule) = rules.iter_mut().find(|rule| rule.pattern == pattern) {
            return change(rule);
        }
        let mut rule = Rule {
            pattern: pattern.to_owned(),
            ..Rule::default()
        };
        change(&mut rule);
        rules.push(rule);
    }

    /// Returns the gates that a request has to pass.
    pub fn gates(&self, what: &str) -> Vec<Arc<Gate>> {
        let rules = self.rules();
        let fitting = rules.iter().filter(|rule| fits(&rule.pattern, what));
        fitting.filter_map(|rule| rule.gate.clone()).collect()
    }

    /// Takes the fault that a request meets.
    pub fn take(&self, what: &str) -> ArtifactoryFault {
        let mut rules = self.rules();
        let mut fitting = rules.iter_mut().rev().filter(|r| fits(&r.pattern, what));
        let next = fitting.find_map(|rule| rule.queue.pop_front().or_else(|| rule.sticky.clone()));
        next.unwrap_or(ArtifactoryFault::Pass)
    }

    pub fn clear(&self) {
        for rule in self.rules().drain(..) {
            if let Some(gate) = rule.gate {
                gate.open();
            }
        }
    }
}

/// Some requests, to be scripted; see [`super::Artifactory::on`].
#[derive(Debug)]
pub struct Requests<'a> {
    pub(super) shared: &'a Shared,
    pub(super) pattern: String,
}

impl Requests<'_> {
    fn change(&self, change: impl FnOnce(&mut Rule)) {
        self.shared.script.change(&self.pattern, change);
    }

    /// The next one meets this.
    pub fn once(&self, fault: ArtifactoryFault) {
        self.times(1, fault);
    }

    /// The next so many meet this.
    pub fn times(&self, count: usize, fault: ArtifactoryFault) {
        let faults = std::iter::repeat_n(fault, count);
        self.change(|rule| rule.queue.extend(faults));
    }

    /// Each one meets this.
    pub fn always(&self, fault: ArtifactoryFault) {
        self.change(|rule| rule.sticky = Some(fault));
    }

    /// So many are answered rightly, then each one meets this.
    pub fn after(&self, count: usize, fault: ArtifactoryFault) {
        self.times(count, ArtifactoryFault::Pass);
        self.always(fault);
    }

    /// Lets them wait until the hold is released.
    pub fn hold(&self) -> Hold {
        let gate = Gate::new();
        self.change(|rule| rule.gate = Some(gate.clone()));
        Hold::new(gate)
    }

    /// Counts those that came.
    pub fn count(&self) -> usize {
        let asked = self.shared.asked();
        let fitting = asked
            .iter()
            .filter(|asked| fits(&self.pattern, &asked.what));
        fitting.count()
    }
}

/// Says whether `text` is what `pattern` means, in which `*` stands for anything.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(first) else {
        return false;
    };
    let Some((middle, last)) = rest.rsplit_once('*') else {
        return text.ends_with(rest);
    };
    for part in middle.split('*') {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_anything() {
        let table = [
            ("*", "", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c", "ac", true),
            ("a*b*c", "a-b-c", true),
            ("a*b*b", "ab", false),
            ("ab", "abc", false),
            ("sht30/*@sifli*", "sht30/0.0.5@sifli/_", true),
            ("sht30/*@sifli", "sht30/0.0.5@other", false),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
