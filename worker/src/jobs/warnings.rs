//! What a person should know although a sync went well, in bounds: the log has every
//! line, the task the first hundred.

use weir_domain::catalogue::Note;

/// Warnings kept with the task.
const KEPT: usize = 100;

/// The warnings of a run.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    kept: Vec<String>,
    notes: Vec<Note>,
    further: usize,
}

impl Warnings {
    pub(super) fn add(&mut self, text: String) {
        if self.kept.len() < KEPT {
            self.kept.push(text);
        } else {
            self.further += 1;
        }
    }

    /// Adds one of which it is known what it is about.
    pub(super) fn note(&mut self, note: Note) {
        self.add(note.message.clone());
        if self.further == 0 {
            self.notes.push(note);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    pub(super) fn count(&self) -> usize {
        self.kept.len() + self.further
    }

    /// Returns them for the task's row, and what they are about as far as that is known.
    pub(super) fn take_all(&mut self) -> (Vec<String>, Vec<Note>) {
        (self.take(), std::mem::take(&mut self.notes))
    }

    /// Returns them for the task's row; the last line counts those that are left out.
    pub(super) fn take(&mut self) -> Vec<String> {
        let mut kept = std::mem::take(&mut self.kept);
        if self.further > 0 {
            kept.push(format!("… and {} more; the log has them all", self.further));
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_warnings_become_a_hundred_and_a_count() {
        let mut warnings = Warnings::default();
        assert!(warnings.is_empty());
        (0..1000).for_each(|n| warnings.add(n.to_string()));
        assert_eq!(warnings.count(), 1000);
        let kept = warnings.take();
        assert_eq!(kept.len(), KEPT + 1);
        assert_eq!(kept[KEPT], "… and 900 more; the log has them all");
    }
}
