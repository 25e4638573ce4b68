//! Every log of every task: numbered from 1, without a gap, a repeat or a step back.

use std::collections::HashSet;

use futures::TryStreamExt;
use sqlx::PgPool;

use crate::report::Row;

/// A chunk: first line, lines, first byte, generation, text.
type Chunk = (String, i64, i64, i64, i64, Vec<u8>);

/// The log of one task, as far as it was read.
#[derive(Debug, Default)]
struct Log {
    task: String,
    lines: i64,
    bytes: i64,
    generation: i64,
    said: HashSet<Vec<u8>>,
    fault: Option<String>,
}

/// Returns how many logs are broken.
pub async fn compare(row: &mut Row, pool: &PgPool) -> usize {
    let mut chunks = sqlx::query_as::<_, Chunk>(
        "SELECT task_id::text, first_line, line_count, byte_offset, generation, body \
         FROM task_log_chunks ORDER BY task_id, first_line",
    )
    .fetch(pool);
    let (mut log, mut broken) = (Log::default(), Vec::new());
    while let Some(chunk) = chunks.try_next().await.expect("logs can be read") {
        if chunk.0 != log.task {
            broken.extend(log.fault.take());
            log = Log {
                task: chunk.0.clone(),
                ..Log::default()
            };
        }
        log.read(&chunk);
    }
    broken.extend(log.fault.take());
    // A log sealed for more than ten minutes has no chunks any more, only frames.
    let sql = "SELECT count(*) FROM task_runs r \
         LEFT JOIN sealed_logs s ON s.task_id = r.task_id AND s.is_stripped \
         WHERE CASE WHEN s.task_id IS NULL THEN (log_lines, log_bytes) <> (SELECT \
         COALESCE(sum(line_count), 0), COALESCE(sum(length(body)), 0) FROM task_log_chunks c \
         WHERE c.task_id = r.task_id) ELSE (log_lines, log_bytes) <> (SELECT \
         sum((f->>'line_count')::bigint), sum((f->>'byte_count')::bigint) \
         FROM json_array_elements(s.frames::json) f) END";
    let miscounted: i64 = sqlx::query_scalar(sql)
        .fetch_one(pool)
        .await
        .expect("logs can be counted");
    let gaps = broken.len() + usize::try_from(miscounted).unwrap_or(usize::MAX);
    row.broken.append(&mut broken);
    gaps
}

impl Log {
    fn read(&mut self, (task, first, lines, offset, generation, body): &Chunk) {
        let breaks = body.split(|byte| *byte == b'\n').count() - 1;
        let place = (*first, *offset, i64::try_from(breaks).unwrap_or(-1));
        let expected = (self.lines + 1, self.bytes, *lines);
        if place != expected {
            self.fault = Some(format!(
                "the log of {task} has {place:?} where {expected:?} follows"
            ));
        }
        // The sweep's remarks are nobody's: generation 0.
        if *generation != 0 && *generation < self.generation {
            self.fault = Some(format!(
                "generation {generation} of {task} wrote after its successor"
            ));
        }
        for line in body.split_inclusive(|byte| *byte == b'\n') {
            if !self.said.insert(line.to_vec()) {
                let line = String::from_utf8_lossy(line);
                self.fault = Some(format!("the log of {task} says twice: {line}"));
            }
        }
        self.lines += lines;
        self.bytes += i64::try_from(body.len()).unwrap_or(i64::MAX);
        self.generation = self.generation.max(*generation);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says whether a log of these chunks is broken: first line, first byte, generation, text.
    fn is_broken(chunks: &[(i64, i64, i64, &str)]) -> bool {
        let mut log = Log::default();
        for (first, offset, generation, text) in chunks {
            let lines = i64::try_from(text.lines().count()).expect("few");
            let body = text.as_bytes().to_vec();
            log.read(&("t".to_owned(), *first, lines, *offset, *generation, body));
        }
        log.fault.is_some()
    }

    #[test]
    fn a_whole_log_passes_and_every_fault_is_seen() {
        let whole = [(1, 0, 1, "a\nb\n"), (3, 4, 0, "c\n"), (4, 6, 2, "d\n")];
        assert!(!is_broken(&whole));
        assert!(is_broken(&[(2, 0, 1, "a\n")]), "it begins with 2");
        assert!(is_broken(&[(1, 0, 1, "a\n"), (3, 2, 1, "b\n")]), "a gap");
        assert!(
            is_broken(&[(1, 0, 1, "a\nb\n"), (2, 4, 1, "c\n")]),
            "a repeat"
        );
        assert!(
            is_broken(&[(1, 0, 1, "a\n"), (2, 3, 1, "b\n")]),
            "a byte too far"
        );
        assert!(
            is_broken(&[(1, 0, 2, "a\n"), (2, 2, 1, "b\n")]),
            "an old generation"
        );
        assert!(
            is_broken(&[(1, 0, 1, "a\n"), (2, 2, 2, "a\n")]),
            "said twice"
        );
        assert!(is_broken(&[(1, 0, 1, "a\nb")]), "half a line");
    }
}
