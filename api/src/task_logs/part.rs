//! A part of a log that is there: from a byte to a byte.

use std::ops::Range;

use bytes::Bytes;
use futures::{Stream, TryStreamExt, stream};
use weir_domain::TaskId;
use weir_store::task_logs::{self, Extent};

use crate::{
    app::Running,
    error::{ApiError, ApiResult},
};

/// Chunks read at a time; each is at most 64 KiB.
const CHUNKS: i64 = 16;
/// Most bytes of a log in one JSON answer; the rest is asked for by line.
const MAX_TEXT_BYTES: u64 = 8 * 1024 * 1024;

/// Where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// After this many lines.
    AfterLines(u64),
    /// So that this many lines are left.
    LastLines(u64),
}

impl Start {
    /// Returns the number of the first line wanted, of a log that has `lines` now.
    pub(super) fn first_line(self, lines: i64) -> i64 {
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        match self {
            Self::AfterLines(skipped) => number(skipped).saturating_add(1),
            Self::LastLines(count) => (lines.saturating_sub(number(count))).max(0) + 1,
        }
    }
}

/// Returns where a line begins; the end of the log if it has no such line yet.
pub(super) async fn byte_of_line(
    running: &Running,
    task: TaskId,
    line: i64,
    extent: Extent,
) -> ApiResult<u64> {
    let end = u64::try_from(extent.log_bytes).unwrap_or(0);
    if line <= 1 {
        return Ok(0);
    }
    if line > extent.log_lines {
        return Ok(end);
    }
    let chunks = running.app.content.log_from_line(task, line, 1).await?;
    let chunk = chunks.first().ok_or_else(|| gap(task))?;
    let skipped = usize::try_from(line - chunk.first_line).map_err(ApiError::internal)?;
    let within = after_lines(&chunk.body, skipped);
    Ok(u64::try_from(chunk.byte_offset).unwrap_or(0) + within as u64)
}

/// Returns the number of bytes that the first `lines` lines of `text` take.
pub(super) fn after_lines(text: &[u8], lines: usize) -> usize {
    text.split_inclusive(|byte| *byte == b'\n')
        .take(lines)
        .map(<[u8]>::len)
        .sum()
}

/// Yields the bytes of a log from `range.start` to `range.end`, which must be there.
pub(super) fn bytes(
    running: Running,
    task: TaskId,
    range: Range<u64>,
) -> impl Stream<Item = Result<Bytes, ApiError>> + Send {
    stream::try_unfold((running, range), move |(running, range)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        let from = i64::try_from(range.start).map_err(ApiError::internal)?;
        let content = &running.app.content;
        let chunks = content.log_from_byte(task, from, CHUNKS).await?;
        let piece = cut(chunks, &range);
        if piece.is_empty() {
            return Err(gap(task));
        }
        let rest = range.start + piece.len() as u64..range.end;
        Ok(Some((piece, (running, rest))))
    })
}

/// Joins chunks and cuts what lies outside `range`.
fn cut(chunks: Vec<task_logs::Chunk>, range: &Range<u64>) -> Bytes {
    let Some(first) = chunks.first() else {
        return Bytes::new();
    };
    let before = range
        .start
        .saturating_sub(u64::try_from(first.byte_offset).unwrap_or(0));
    let joined: Bytes = chunks.into_iter().flat_map(|chunk| chunk.body).collect();
    let at = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).min(joined.len());
    joined.slice(at(before)..at(before + (range.end - range.start)))
}

/// Returns the text from a line on, no more than fits into a JSON answer, and whether that
/// is all there is.
///
/// # Errors
/// If the log cannot be read.
pub(crate) async fn text_from_line(
    running: &Running,
    task: TaskId,
    skipped: u64,
) -> ApiResult<(String, bool)> {
    let extent = task_logs::extent(running.reader(), task).await?;
    let line = Start::AfterLines(skipped).first_line(extent.log_lines);
    let from = byte_of_line(running, task, line, extent).await?;
    let end = u64::try_from(extent.log_bytes).unwrap_or(0);
    let cut_at = end.min(from.saturating_add(MAX_TEXT_BYTES));
    let pieces = bytes(running.clone(), task, from..cut_at);
    let text = pieces
        .try_fold(Vec::new(), async |mut text, piece| {
            text.extend_from_slice(&piece);
            Ok(text)
        })
        .await?;
    let is_all = cut_at == end;
    let whole_lines = if is_all {
        text.len()
    } else {
        text.iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1)
    };
    let text = String::from_utf8_lossy(&text[..whole_lines]).into_owned();
    Ok((text, is_all))
}

fn gap(task: TaskId) -> ApiError {
    ApiError::internal(format!("the log of task {task} has a gap"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_becomes_a_line() {
        let table = [
            (Start::AfterLines(0), 10, 1),
            (Start::AfterLines(3), 10, 4),
            (Start::AfterLines(30), 10, 31),
            (Start::AfterLines(u64::MAX), 10, i64::MAX),
            (Start::LastLines(3), 10, 8),
            (Start::LastLines(30), 10, 1),
            (Start::LastLines(0), 10, 11),
            (Start::LastLines(5), 0, 1),
        ];
        for (start, lines, first) in table {
            assert_eq!(start.first_line(lines), first, "{start:?} of {lines}");
        }
    }

    #[test]
    fn lines_are_counted_by_their_breaks() {
        assert_eq!(after_lines(b"a\nbc\nd\n", 0), 0);
        assert_eq!(after_lines(b"a\nbc\nd\n", 2), 5);
        assert_eq!(after_lines(b"a\nbc\nd\n", 9), 7);
    }
}
