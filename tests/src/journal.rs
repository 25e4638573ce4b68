//! A task's log, line by line, and what must hold for every log.

use weir_domain::Timestamp;

/// One line: `2026-01-01T00:00:00.000Z LEVEL text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When it was said.
    pub at: Timestamp,
    /// `INFO`, `WARN` or `ERROR`.
    pub level: String,
    /// What was said.
    pub text: String,
}

/// Reads a whole log.
///
/// # Panics
/// If a line has not the form that all lines have.
pub fn read(log: &str) -> Vec<Line> {
    assert!(
        log.is_empty() || log.ends_with('\n'),
        "the log breaks off in a line: {log}"
    );
    log.lines().map(line).collect()
}

fn line(line: &str) -> Line {
    let read = || {
        let (at, rest) = line.split_once(' ')?;
        let (level, text) = rest.split_once(' ')?;
        (at.len() == 24 && at.ends_with('Z')).then_some(())?;
        matches!(level, "INFO" | "WARN" | "ERROR" | "DEBUG").then_some(Line {
            at: Timestamp::parse(at)?,
            level: level.to_owned(),
            text: text.to_owned(),
        })
    };
    read().unwrap_or_else(|| panic!("not a log line: {line:?}"))
}

/// Fails the test unless the log's times never go back.
#[track_caller]
pub fn assert_in_order(lines: &[Line]) {
    for pair in lines.windows(2) {
        assert!(pair[0].at <= pair[1].at, "time runs backwards: {pair:#?}");
    }
}

/// Fails the test unless some line of this level contains `part`.
#[track_caller]
pub fn assert_says(lines: &[Line], level: &str, part: &str) {
    let found = lines
        .iter()
        .any(|line| line.level == level && line.text.contains(part));
    assert!(found, "no {level} line says {part:?}: {lines:#?}");
}
