//! Wire shapes of counts.

use poem_openapi::{Object, types::Example};
use serde::Serialize;

/// Downloads of one day.
#[derive(Debug, Clone, Serialize, Object)]
pub(crate) struct DayCount {
    /// How many.
    pub(crate) downloads: u64,
    /// The day.
    pub(crate) day: String,
}

/// Downloads of each day of a period.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "DownloadsRange", example)]
pub(crate) struct Range {
    /// The first day.
    pub(crate) start: String,
    /// The last day.
    pub(crate) end: String,
    /// The package.
    pub(crate) package: String,
    /// Each day, in order.
    pub(crate) downloads: Vec<DayCount>,
}

/// Downloads of a period.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "DownloadsPoint", example)]
pub(crate) struct Point {
    /// How many.
    pub(crate) downloads: u64,
    /// The first day.
    pub(crate) start: String,
    /// The last day.
    pub(crate) end: String,
    /// The package.
    pub(crate) package: String,
}

impl Point {
    /// Adds the days up.
    pub(super) fn of(range: Range) -> Self {
        let days = range.downloads.iter();
        Self {
            downloads: days.fold(0, |sum, day| sum.saturating_add(day.downloads)),
            start: range.start,
            end: range.end,
            package: range.package,
        }
    }
}

impl Example for Range {
    fn example() -> Self {
        let day = |day: &str, downloads| DayCount {
            downloads,
            day: day.to_owned(),
        };
        Self {
            start: "2026-01-30".to_owned(),
            end: "2026-01-31".to_owned(),
            package: "left-pad".to_owned(),
            downloads: vec![day("2026-01-30", 4001), day("2026-01-31", 0)],
        }
    }
}

impl Example for Point {
    fn example() -> Self {
        Self::of(Range::example())
    }
}
