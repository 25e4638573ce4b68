//! A message on the channel of hints, as text that a person can read with `SUBSCRIBE`.
//!
//! The first line is who says it, each further line one thing: `bell`, `invalidations`, or the
//! id of a task that changed. Lines that are not understood are another release's, and skipped.

use weir_domain::{TaskId, WorkerId};

use super::outbox::Note;

const BELL: &str = "bell";
const INVALIDATIONS: &str = "invalidations";

/// What another process says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Hint {
    /// A bell was rung.
    pub(super) has_bell: bool,
    /// The table of invalidations has grown.
    pub(super) has_invalidations: bool,
    /// These tasks changed.
    pub(super) tasks: Vec<TaskId>,
}

/// Writes a note as a message.
pub(super) fn message(me: WorkerId, note: &Note) -> String {
    let mut lines = vec![me.to_string()];
    if note.bells > 0 {
        lines.push(BELL.to_owned());
    }
    if note.has_invalidations {
        lines.push(INVALIDATIONS.to_owned());
    }
    lines.extend(note.tasks.iter().map(ToString::to_string));
    lines.join("\n")
}

impl Hint {
    /// Reads a message; `None` if it is one's own, or nobody's.
    pub(super) fn read(message: &[u8], me: WorkerId) -> Option<Self> {
        let mut lines = std::str::from_utf8(message).ok()?.lines();
        let sender: WorkerId = lines.next()?.parse().ok()?;
        if sender == me {
            return None;
        }
        let mut hint = Self::default();
        for line in lines {
            match line {
                BELL => hint.has_bell = true,
                INVALIDATIONS => hint.has_invalidations = true,
                id => hint.tasks.extend(id.parse::<TaskId>()),
            }
        }
        Some(hint)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn what_one_writes_the_others_read_and_it_does_not() {
        let (me, other, task) = (WorkerId::new(), WorkerId::new(), TaskId::new());
        let note = Note {
            bells: 3,
            tasks: HashSet::from([task]),
            has_invalidations: true,
        };
        let message = message(me, &note);
        let hint = Hint::read(message.as_bytes(), other).expect("another's");
        let expected = Hint {
            has_bell: true,
            has_invalidations: true,
            tasks: vec![task],
        };
        assert_eq!(hint, expected);
        assert_eq!(Hint::read(message.as_bytes(), me), None);
    }

    #[test]
    fn odd_messages_are_no_hints_and_odd_lines_are_skipped() {
        let me = WorkerId::new();
        for odd in [&b""[..], b"\xff", b"bell", b"\nbell"] {
            assert_eq!(Hint::read(odd, me), None);
        }
        let later = format!("{}\nsomething else\nbell", WorkerId::new());
        let hint = Hint::read(later.as_bytes(), me).expect("a hint");
        assert!(hint.has_bell && hint.tasks.is_empty());
    }
}
