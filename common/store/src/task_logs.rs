//! Task logs: chunks of whole lines, addressed by line number and by byte.
//!
//! A chunk holds lines `first_line` to `first_line + line_count - 1` (numbered from 1),
//! each ended by a line break, starting at `byte_offset` of the whole text. Chunks are
//! appended only by [`crate::task_runs::heartbeat`] or the sweep, both of which move the
//! counters in the same transaction: no gap, no repeat.

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{
    TaskId,
    task::{LogLine, TaskState},
};

use crate::{
    Signal, StoreError, Tx,
    sql::{Count, sql},
};

/// Some consecutive lines of a task's log.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Chunk {
    /// Number of the first line, from 1.
    pub first_line: i64,
    /// Place of the first byte in the whole log, from 0.
    pub byte_offset: i64,
    /// The lines, each ended by `\n`.
    pub body: Vec<u8>,
    line_count: i64,
}

impl Default for Chunk {
    fn default() -> Self {
        Self::new(1, 0)
    }
}

impl Chunk {
    /// Returns an empty chunk at this place.
    pub fn new(first_line: i64, byte_offset: i64) -> Self {
        Self {
            first_line,
            byte_offset,
            body: Vec::new(),
            line_count: 0,
        }
    }

    /// Returns these lines of a log, as they were stored.
    pub fn stored((first_line, line_count): (i64, i64), byte_offset: i64, body: Vec<u8>) -> Self {
        Self {
            first_line,
            byte_offset,
            body,
            line_count,
        }
    }

    /// Adds the lines of the chunk that follows.
    pub fn append(&mut self, next: Self) {
        self.body.extend(next.body);
        self.line_count += next.line_count;
    }

    /// Returns the empty chunk that follows this one.
    #[must_use]
    pub fn following(&self) -> Self {
        Self::new(
            self.first_line + self.line_count,
            self.byte_offset + self.byte_count(),
        )
    }

    /// Returns what this chunk has beyond `stored`, an earlier state of it.
    #[must_use]
    pub fn after(&self, stored: &Self) -> Self {
        let following = stored.following();
        let end = Extent {
            log_lines: following.first_line - 1,
            log_bytes: following.byte_offset,
        };
        self.beyond(end).unwrap_or(following)
    }

    /// Returns the part of this chunk beyond a log of this extent; `None` if there is none.
    pub(crate) fn beyond(&self, extent: Extent) -> Option<Self> {
        let skipped = usize::try_from(extent.log_bytes - self.byte_offset).ok()?;
        let body = self.body.get(skipped..)?.to_vec();
        let mut rest = Self::new(extent.log_lines + 1, extent.log_bytes);
        rest.line_count = self.first_line + self.line_count - rest.first_line;
        rest.body = body;
        (rest.line_count > 0).then_some(rest)
    }

    /// Adds a line.
    pub fn push(&mut self, line: &LogLine) {
        self.body.extend_from_slice(line.to_string().as_bytes());
        self.body.push(b'\n');
        self.line_count += 1;
    }

    /// Returns the number of lines.
    pub fn line_count(&self) -> i64 {
        self.line_count
    }

    /// Returns the number of bytes.
    pub fn byte_count(&self) -> i64 {
        i64::try_from(self.body.len()).unwrap_or(i64::MAX)
    }

    pub(crate) async fn insert(
        &self,
        tx: &Tx,
        task: TaskId,
        generation: i64,
    ) -> Result<(), StoreError> {
        sql("INSERT INTO task_log_chunks (task_id, first_line, line_count, byte_offset, generation, body) \
             VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(task.0)
            .bind(self.first_line)
            .bind(self.line_count)
            .bind(self.byte_offset)
            .bind(generation)
            .bind(self.body.clone())
            .execute(&**tx)
            .await?;
        Ok(())
    }

    /// Says whether the run has stored a chunk that begins where this one does.
    pub(crate) async fn has_begun(
        &self,
        tx: &Tx,
        task: TaskId,
        generation: i64,
    ) -> Result<bool, StoreError> {
        let row: Option<Count> = sql("SELECT line_count AS n FROM task_log_chunks \
             WHERE task_id = $1 AND first_line = $2 AND generation = $3")
        .bind(task.0)
        .bind(self.first_line)
        .bind(generation)
        .one(&**tx)
        .await?;
        Ok(row.is_some())
    }
}

/// How long a log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromQueryResult)]
pub struct Extent {
    /// Lines.
    pub log_lines: i64,
    /// Bytes.
    pub log_bytes: i64,
}

/// Returns how long the log of a task is; nothing for one that never ran.
///
/// # Errors
/// If the database cannot be asked.
pub async fn extent(connection: &impl ConnectionTrait, task: TaskId) -> Result<Extent, StoreError> {
    let row = sql("SELECT log_lines, log_bytes FROM task_runs WHERE task_id = $1")
        .bind(task.0)
        .one(connection)
        .await?;
    Ok(row.unwrap_or_default())
}

/// What a watcher of a task may not have seen yet; compare it with an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    log_lines: i64,
    generation: i64,
    state: TaskState,
}

/// Most tasks that one statement asks for.
const MARKS: usize = 500;

/// Returns the marks of those of `tasks` that there are.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn marks(
    connection: &impl ConnectionTrait,
    tasks: &[TaskId],
) -> Result<Vec<(TaskId, Mark)>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        generation: i64,
        state: String,
        log_lines: Option<i64>,
    }
    let mut marks = Vec::with_capacity(tasks.len());
    for some in tasks.chunks(MARKS) {
        let rows: Vec<Row> = sql(
            "SELECT t.id, t.generation, t.state, r.log_lines FROM tasks t \
             LEFT JOIN task_runs r ON r.task_id = t.id WHERE t.id IN ($*)",
        )
        .bind_all(some.iter().map(|task| task.0))
        .all(connection)
        .await?;
        for row in rows {
            let corrupt = |_| StoreError::Corrupt {
                table: "tasks",
                column: "state",
                id: row.id.to_string(),
            };
            let mark = Mark {
                log_lines: row.log_lines.unwrap_or(0),
                generation: row.generation,
                state: row.state.parse().map_err(corrupt)?,
            };
            marks.push((TaskId(row.id), mark));
        }
    }
    Ok(marks)
}

/// Returns up to `limit` chunks from the one that contains `line` on, in order.
///
/// # Errors
/// If the database cannot be asked.
pub async fn chunks_from_line(
    connection: &impl ConnectionTrait,
    task: TaskId,
    line: i64,
    limit: i64,
) -> Result<Vec<Chunk>, StoreError> {
    sql(
        "SELECT first_line, byte_offset, body, line_count FROM task_log_chunks WHERE task_id = $1 \
         AND first_line >= COALESCE((SELECT MAX(first_line) FROM task_log_chunks \
         WHERE task_id = $1 AND first_line <= $2), 0) \
         AND first_line + line_count > $2 ORDER BY first_line LIMIT $3",
    )
    .bind(task.0)
    .bind(line)
    .bind(limit)
    .all(connection)
    .await
}

/// Returns up to `limit` chunks from the one that contains byte `offset` on, in order.
///
/// # Errors
/// If the database cannot be asked.
pub async fn chunks_from_byte(
    connection: &impl ConnectionTrait,
    task: TaskId,
    offset: i64,
    limit: i64,
) -> Result<Vec<Chunk>, StoreError> {
    let first: Option<Count> = sql("SELECT first_line AS n FROM task_log_chunks \
         WHERE task_id = $1 AND byte_offset <= $2 ORDER BY first_line DESC LIMIT 1")
    .bind(task.0)
    .bind(offset)
    .one(connection)
    .await?;
    let first = first.map_or(1, |row| row.n);
    let mut chunks = chunks_from_line(connection, task, first, limit).await?;
    // Only the last chunk of a log can end before an offset that it begins before.
    chunks.retain(|chunk| chunk.byte_offset + chunk.byte_count() > offset);
    Ok(chunks)
}

/// Appends one line in the name of nobody's run: about a run that was lost, or about a task
/// that ends although nobody runs it.
pub(crate) async fn append_line(tx: &Tx, task: TaskId, line: &LogLine) -> Result<(), StoreError> {
    let extent = extent(&**tx, task).await?;
    let mut chunk = Chunk::new(extent.log_lines + 1, extent.log_bytes);
    chunk.push(line);
    sql(
        "INSERT INTO task_runs (task_id, generation, lease_expires_at, log_lines, log_bytes) \
         VALUES ($1, 0, 0, 1, $2) ON CONFLICT (task_id) DO UPDATE SET \
         log_lines = task_runs.log_lines + 1, log_bytes = task_runs.log_bytes + excluded.log_bytes",
    )
    .bind(task.0)
    .bind(chunk.byte_count())
    .execute(&**tx)
    .await?;
    // Generation 0 is no run's, so a lost run never mistakes this chunk for its own.
    chunk.insert(tx, task, 0).await?;
    tx.signal(Signal::LogGrew(task));
    Ok(())
}
