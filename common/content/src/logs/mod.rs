//! Task logs, whatever form they are stored in: chunks while and after they are written,
//! later sealed frames in a row or an object.
//!
//! Both forms yield [`Chunk`]s of whole lines with the same numbers and places, so whoever
//! reads cannot tell which it was. Chunks are looked for first; who finds none looks at the
//! pointer, which is there before the chunks go.

mod frame;
mod seal;

use weir_domain::TaskId;
use weir_store::{
    sealed_logs::{self, Frame, Sealed},
    task_logs::{self, Chunk},
};

use crate::{Content, ContentError};

impl Content {
    /// Returns some chunks of a log (at most `limit`) from the one that contains `line` on,
    /// in order; none if the log ends before.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub async fn log_from_line(
        &self,
        task: TaskId,
        line: i64,
        limit: i64,
    ) -> Result<Vec<Chunk>, ContentError> {
        let chunks = task_logs::chunks_from_line(self.db.read(), task, line, limit).await?;
        if !chunks.is_empty() {
            return Ok(chunks);
        }
        self.sealed(task, |frame| frame.first_line + frame.line_count > line)
            .await
    }

    /// Returns some chunks of a log (at most `limit`) from the one that contains byte
    /// `offset` on, in order; none if the log ends before.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub async fn log_from_byte(
        &self,
        task: TaskId,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<Chunk>, ContentError> {
        let chunks = task_logs::chunks_from_byte(self.db.read(), task, offset, limit).await?;
        if !chunks.is_empty() {
            return Ok(chunks);
        }
        self.sealed(task, |frame| frame.byte_offset + frame.byte_count > offset)
            .await
    }

    /// Reads the first frame that `is_wanted`, if the log is sealed and has one.
    async fn sealed(
        &self,
        task: TaskId,
        is_wanted: impl Fn(&Frame) -> bool,
    ) -> Result<Vec<Chunk>, ContentError> {
        let Some(sealed) = sealed_logs::find(self.db.read(), task).await? else {
            return Ok(Vec::new());
        };
        match sealed.frames.iter().find(|frame| is_wanted(frame)) {
            Some(frame) => Ok(vec![self.frame(&sealed, frame).await?]),
            None => Ok(Vec::new()),
        }
    }

    async fn frame(&self, sealed: &Sealed, frame: &Frame) -> Result<Chunk, ContentError> {
        let range = frame.packed_offset..frame.packed_offset + frame.packed_count;
        let lost = |why| ContentError::Log(sealed.task, why);
        let packed = if let Some(body) = &sealed.body {
            let at = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
            let part = body.get(at(range.start)..at(range.end));
            part.ok_or(lost("a frame is not in its row"))?
                .to_vec()
                .into()
        } else {
            let generation = sealed.generation.unsigned_abs();
            let read = self.blobs.read_log(sealed.task, generation, range).await?;
            read.ok_or(lost("its object is not there"))?
        };
        let frame = *frame;
        let unpacked = tokio::task::spawn_blocking(move || frame::unpack(&packed, &frame)).await;
        let chunk = unpacked.map_err(|_| ContentError::Interrupted)?;
        chunk.ok_or(lost("a frame is not what was sealed"))
    }
}
