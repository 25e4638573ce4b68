//! Sealing: the chunks of a finished log become frames, few of them in a row, more of them
//! in an object.
//!
//! What was written is read back before anybody is pointed at it. Pointing is the caller's
//! (see [`weir_store::sealed_logs::insert`]); until then nothing has changed.

use weir_blob::LogWriter;
use weir_store::{
    sealed_logs::{Frame, Sealed, Unsealed},
    task_logs::{self, Chunk},
};

use super::frame;
use crate::{Content, ContentError};

/// A frame is closed before it would have more bytes.
const FRAME_BYTES: i64 = 1024 * 1024;
/// Most compressed bytes that stay in a row.
const ROW_BYTES: usize = 64 * 1024;
/// Chunks read at a time; each is at most 64 KiB.
const CHUNKS: i64 = 16;

/// The compressed bytes so far.
enum Packed {
    Row(Vec<u8>),
    Object(LogWriter),
}

/// A log that is being sealed.
struct Sealing<'a> {
    content: &'a Content,
    log: Unsealed,
    frames: Vec<Frame>,
    open: Chunk,
    packed: Packed,
    packed_count: u64,
}

impl Content {
    /// Writes the frames of a finished log and reads them back.
    ///
    /// # Errors
    /// [`ContentError::Log`] if the log has a gap or comes back as another one.
    ///
    /// # Cancel safety
    /// A dropped call leaves at most an object that nobody is pointed at.
    pub async fn seal_log(&self, log: Unsealed) -> Result<Sealed, ContentError> {
        let mut sealing = Sealing {
            content: self,
            log,
            frames: Vec::new(),
            open: Chunk::default(),
            packed: Packed::Row(Vec::new()),
            packed_count: 0,
        };
        loop {
            let next = sealing.open.following().first_line;
            let db = self.db.read();
            let chunks = task_logs::chunks_from_line(db, log.task, next, CHUNKS).await?;
            if chunks.is_empty() {
                break;
            }
            for chunk in chunks {
                sealing.add(chunk).await?;
            }
        }
        let sealed = sealing.finish().await?;
        for frame in &sealed.frames {
            self.frame(&sealed, frame).await?;
        }
        Ok(sealed)
    }
}

impl Sealing<'_> {
    async fn add(&mut self, chunk: Chunk) -> Result<(), ContentError> {
        let next = self.open.following();
        if (chunk.first_line, chunk.byte_offset) != (next.first_line, next.byte_offset) {
            return Err(ContentError::Log(self.log.task, "it has a gap"));
        }
        if self.open.byte_count() + chunk.byte_count() > FRAME_BYTES {
            self.close().await?;
        }
        self.open.append(chunk);
        Ok(())
    }

    /// Ends the frame that is open, if it has lines.
    async fn close(&mut self) -> Result<(), ContentError> {
        let next = self.open.following();
        let chunk = std::mem::replace(&mut self.open, next);
        if chunk.line_count() == 0 {
            return Ok(());
        }
        let mut frame = Frame {
            first_line: chunk.first_line,
            line_count: chunk.line_count(),
            byte_offset: chunk.byte_offset,
            byte_count: chunk.byte_count(),
            packed_offset: self.packed_count,
            packed_count: 0,
        };
        let packed = tokio::task::spawn_blocking(move || frame::pack(&chunk.body)).await;
        let packed = packed.map_err(|_| ContentError::Interrupted)?;
        let packed =
            packed.map_err(|_| ContentError::Log(self.log.task, "it does not compress"))?;
        frame.packed_count = packed.len() as u64;
        self.packed_count += frame.packed_count;
        self.frames.push(frame);
        self.put(&packed).await
    }

    async fn put(&mut self, bytes: &[u8]) -> Result<(), ContentError> {
        if let Packed::Row(row) = &mut self.packed {
            row.extend_from_slice(bytes);
            if row.len() <= ROW_BYTES {
                return Ok(());
            }
            let (log, row) = (self.log, std::mem::take(row));
            let generation = log.generation.unsigned_abs();
            let mut writer = self.content.blobs.create_log(log.task, generation).await?;
            writer.write(&row).await?;
            self.packed = Packed::Object(writer);
            return Ok(());
        }
        if let Packed::Object(writer) = &mut self.packed {
            writer.write(bytes).await?;
        }
        Ok(())
    }

    async fn finish(mut self) -> Result<Sealed, ContentError> {
        self.close().await?;
        let body = match self.packed {
            Packed::Row(row) => Some(row),
            Packed::Object(writer) => {
                writer.finish().await?;
                None
            }
        };
        Ok(Sealed {
            task: self.log.task,
            generation: self.log.generation,
            frames: self.frames,
            body,
        })
    }
}
