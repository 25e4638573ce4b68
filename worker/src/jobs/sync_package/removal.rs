//! What upstream no longer has: when that is believed, and what the policy makes of it. Pure.
//!
//! One answer proves nothing: registries err, lag and are misconfigured. An absence is
//! believed after three looks, each of another task, over a day. A security holder is no
//! absence but a statement: versions behind it are blocked at once, whatever the policy.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use weir_domain::{RemovalPolicy, TaskId, Timestamp, Version, removal::Absence};
use weir_store::{blocks::Source, removals::Sighting};

/// Looks before an absence is believed.
pub(super) const LOOKS: i64 = 3;
/// What is said of what a removal upstream blocked.
pub(super) const REMOVED: &str = "Removed from the upstream registry";
const HARMFUL: &str = "Replaced by a security holder in the upstream registry";

/// What is known of absences, and by what they are judged.
#[derive(Debug)]
pub(super) struct Removals {
    pub(super) policy: RemovalPolicy,
    /// How long something must be gone.
    pub(super) span: Duration,
    /// The task that looks now.
    pub(super) task: TaskId,
    pub(super) now: Timestamp,
    /// What was gone at earlier looks; `None` is the whole package.
    pub(super) seen: BTreeMap<Option<Version>, Sighting>,
    /// Versions that are blocked, and by whom.
    pub(super) blocked: BTreeMap<Version, Source>,
    /// Whether a removal upstream blocked the whole package.
    pub(super) is_blocked: bool,
}

/// What to think of an absence, this look included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Belief {
    /// It is only suspected; so many looks saw it.
    Suspected(i64),
    /// It is certain, and nothing was done about it yet.
    Believed,
    /// What the policy wants was done.
    Settled,
}

/// What a sync does about versions that came or went upstream.
#[derive(Debug, Clone, Default)]
pub(super) struct Losses {
    /// The task that looks.
    pub(super) task: Option<TaskId>,
    /// Seen to be gone, and not settled before.
    pub(super) looked: Vec<Option<Version>>,
    /// In which way.
    pub(super) absence: Option<Absence>,
    /// What is settled now, other than by going.
    pub(super) settled: Vec<(Version, RemovalPolicy)>,
    /// Hidden from now on, with the reason that readers are given.
    pub(super) blocked: BTreeMap<Version, &'static str>,
    /// No longer there from now on.
    pub(super) deleted: BTreeSet<Version>,
    /// Upstream has them again; `None` is the whole package.
    pub(super) returned: BTreeSet<Option<Version>>,
    /// Of those, versions that were hidden and are shown again.
    pub(super) shown_again: BTreeSet<Version>,
}

impl Removals {
    /// Judges the absence of a version, or of the whole package.
    pub(super) fn judge(&self, gone: Option<&Version>) -> Belief {
        let Some(seen) = self.seen.get(&gone.cloned()) else {
            return self.weigh(1, self.now);
        };
        if seen.outcome == Some(self.policy) {
            return Belief::Settled;
        }
        let is_another = i64::from(seen.last_task != self.task);
        self.weigh(seen.looks + is_another, seen.first_seen_at)
    }

    fn weigh(&self, looks: i64, first_seen_at: Timestamp) -> Belief {
        if looks >= LOOKS && self.now.since(first_seen_at) >= self.span {
            Belief::Believed
        } else {
            Belief::Suspected(looks)
        }
    }

    /// Says whether anything must be read anew although upstream may call it unchanged.
    pub(super) fn is_open(&self) -> bool {
        let is_open = |seen: &Sighting| {
            seen.version.is_none() || seen.outcome.is_none_or(|outcome| outcome != self.policy)
        };
        self.is_blocked || self.seen.values().any(is_open)
    }

    /// Says whether an operator blocked this version: it is left as it is.
    pub(super) fn is_forbidden(&self, version: &Version) -> bool {
        self.blocked.get(version) == Some(&Source::Operator)
    }

    /// Returns the versions that an operator blocked.
    pub(super) fn forbidden(&self) -> impl Iterator<Item = &Version> {
        let blocked = self.blocked.iter();
        blocked
            .filter(|(_, source)| **source == Source::Operator)
            .map(|(version, _)| version)
    }

    /// Sorts what came and went. `gone` are versions of ours that upstream does not list,
    /// `listed` those it lists.
    pub(super) fn sort<'v>(
        &self,
        gone: impl IntoIterator<Item = &'v Version>,
        listed: impl IntoIterator<Item = &'v Version>,
        is_holder: bool,
    ) -> Losses {
        let absence = if is_holder {
            Absence::SecurityHolder
        } else {
            Absence::Missing
        };
        let mut losses = Losses {
            task: Some(self.task),
            absence: Some(absence),
            ..Losses::default()
        };
        for version in gone {
            self.lose(version, is_holder, &mut losses);
        }
        if self.is_blocked || self.seen.contains_key(&None) {
            losses.returned.insert(None);
        }
        for version in listed {
            let was_blocked = self.blocked.get(version) == Some(&Source::Removal);
            if was_blocked {
                losses.shown_again.insert(version.clone());
            }
            if was_blocked || self.seen.contains_key(&Some(version.clone())) {
                losses.returned.insert(Some(version.clone()));
            }
        }
        losses
    }

    fn lose(&self, version: &Version, is_holder: bool, losses: &mut Losses) {
        if self.is_forbidden(version) {
            return;
        }
        let is_blocked = self.blocked.contains_key(version);
        let belief = self.judge(Some(version));
        if belief != Belief::Settled {
            losses.looked.push(Some(version.clone()));
        }
        if belief == Belief::Believed {
            match self.policy {
                RemovalPolicy::Delete => {
                    losses.deleted.insert(version.clone());
                    return;
                }
                policy => losses.settled.push((version.clone(), policy)),
            }
        }
        let is_due = belief == Belief::Believed && self.policy == RemovalPolicy::Block;
        if !is_blocked && (is_holder || is_due) {
            let reason = if is_holder { HARMFUL } else { REMOVED };
            losses.blocked.insert(version.clone(), reason);
        }
    }
}

impl Losses {
    /// Says whether anything shown changes.
    pub(super) fn is_visible(&self) -> bool {
        !(self.blocked.is_empty() && self.deleted.is_empty() && self.shown_again.is_empty())
    }

    /// Says whether the version is not shown any more.
    pub(super) fn hides(&self, version: &Version) -> bool {
        self.blocked.contains_key(version) || self.deleted.contains(version)
    }
}
