//! Moments as Artifactory writes them: three ways, by place and version.
//!
//! Source: "Artifactory REST API, File info" (`Z` or an offset with a colon) and the Conan
//! interface of public Artifactory servers (`+0000`).

use std::time::Duration;

use weir_domain::Timestamp;

/// How a moment is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `2026-01-01T00:00:00.000Z`
    Zulu,
    /// `2026-01-01T00:00:00.000+0000`
    Bare,
    /// `2026-01-01T04:00:00.000+04:00`
    Offset,
}

/// Writes a moment.
pub(super) fn write(at: Timestamp, style: Style) -> String {
    let end = match style {
        Style::Zulu => return at.to_string(),
        Style::Bare => "+0000",
        Style::Offset => "+04:00",
    };
    let local = match style {
        Style::Offset => at.plus(Duration::from_secs(4 * 3600)),
        _ => at,
    };
    format!("{}{end}", local.to_string().trim_end_matches('Z'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_moment_has_three_spellings() {
        let at = Timestamp(1_700_000_000_123);
        let table = [
            (Style::Zulu, "2023-11-14T22:13:20.123Z"),
            (Style::Bare, "2023-11-14T22:13:20.123+0000"),
            (Style::Offset, "2023-11-15T02:13:20.123+04:00"),
        ];
        for (style, expected) in table {
            assert_eq!(write(at, style), expected);
        }
    }
}
