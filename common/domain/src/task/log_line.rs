//! One line of a task's log, as users read it.

use std::fmt;

use crate::{Timestamp, text::printable};

/// Longest line, in bytes, stamp and level included.
pub const MAX_LINE_BYTES: usize = 16 * 1024;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What happened.
    Info,
    /// What a person should know although the task goes on.
    Warn,
    /// Why something failed.
    Error,
}

impl Level {
    /// Returns the word in the line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// A line: `2026-01-01T00:00:00.000Z LEVEL text`, without its line break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written.
    pub at: Timestamp,
    /// How much it matters.
    pub level: Level,
    /// What it says; on one line, without control characters.
    text: String,
}

impl LogLine {
    /// Makes a line; `text` is disarmed and cut at [`MAX_LINE_BYTES`].
    pub fn new(at: Timestamp, level: Level, text: &str) -> Self {
        // Stamp, level and spaces take 32 bytes; a character takes at most four.
        Self {
            at,
            level,
            text: printable(text, (MAX_LINE_BYTES - 32) / 4 - 1),
        }
    }

    /// Returns what the line says.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.at, self.level.as_str(), self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_bounded_line() {
        let line = LogLine::new(
            Timestamp(0),
            Level::Warn,
            &format!("a\nb{}", "é".repeat(20_000)),
        );
        let text = line.to_string();
        assert!(
            text.starts_with("1970-01-01T00:00:00.000Z WARN a b"),
            "{text:.60}"
        );
        assert!(text.len() <= MAX_LINE_BYTES && !text.contains('\n'));
    }
}
