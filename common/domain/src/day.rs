//! Days by UTC's calendar, as counts of downloads are kept.

use std::{fmt, time::Duration};

use crate::Timestamp;

const MS: i64 = 86_400_000;

/// Days since 1970-01-01; written `2026-01-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(pub i64);

impl Day {
    /// Returns the day on which an instant lies.
    pub fn of(at: Timestamp) -> Self {
        Self(at.0.div_euclid(MS))
    }

    /// Reads `YYYY-MM-DD`, from 1970 on; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let at = Timestamp::parse(&format!("{text}T00:00:00Z"));
        at.filter(|at| is_plain && at.0 >= 0).map(Self::of)
    }

    /// Returns the day so many days later, or earlier.
    #[must_use]
    pub fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = Duration::from_secs(u64::try_from(self.0).unwrap_or(0).saturating_mul(86_400));
        let text = Timestamp(0).plus(since).to_string();
        f.write_str(text.get(..10).unwrap_or("1970-01-01"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_written_alike() {
        for text in ["1970-01-01", "2015-01-10", "2024-02-29", "2026-12-31"] {
            assert_eq!(Day::parse(text).expect(text).to_string(), text);
        }
        for text in [
            "",
            "2026-1-1",
            "2026-02-30",
            "2026-13-01",
            "20260101",
            "+2026-01-1",
            "today",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        let last = Timestamp::parse("2026-01-31T23:59:59.999Z").expect("a time");
        assert_eq!(Day::of(last).to_string(), "2026-01-31");
        assert_eq!(Day::of(last).plus(1).to_string(), "2026-02-01");
    }
}
