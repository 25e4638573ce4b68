//! Where a document waits between network and parser: memory, or an unnamed file.
//!
//! The bytes are kept as they came (usually compressed), so almost every document of the
//! world fits into memory. The file has no name from the start: whatever kills the process,
//! nothing is left on the disk.

use std::{
    fs::File,
    io::{self, Cursor, Read, Write},
    os::unix::fs::FileExt,
    path::PathBuf,
    sync::Arc,
};

use bytes::Bytes;
use tokio::task::spawn_blocking;

use crate::{Place, UpstreamConfig, UpstreamError};

/// Bytes in memory up to a limit, in a file beyond it.
#[derive(Debug)]
pub(super) struct Spool {
    folder: PathBuf,
    memory_limit: usize,
    /// The whole document, or what has not reached the file yet.
    memory: Vec<u8>,
    file: Option<Arc<File>>,
    len: u64,
}

/// What is gathered in memory before each write to the file.
const FILE_PIECE: usize = 1 << 20;

impl Spool {
    pub(super) fn new(config: &UpstreamConfig) -> Self {
        Self {
            folder: config.spool_folder.clone(),
            memory_limit: config.sizes.spool_memory_bytes,
            memory: Vec::new(),
            file: None,
            len: 0,
        }
    }

    /// Returns the number of bytes written so far.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Appends a piece.
    pub(super) async fn write(
        mut self,
        place: &Place,
        piece: Bytes,
    ) -> Result<Self, UpstreamError> {
        self.memory.extend_from_slice(&piece);
        self.len += piece.len() as u64;
        let limit = match self.file {
            Some(_) => FILE_PIECE,
            None => self.memory_limit,
        };
        if self.memory.len() <= limit {
            return Ok(self);
        }
        let spilled = spawn_blocking(move || self.spill()).await;
        let spilled = spilled.unwrap_or_else(|panic| Err(io::Error::other(panic)));
        spilled.map_err(|source| UpstreamError::Spool {
            place: place.clone(),
            source,
        })
    }

    fn spill(mut self) -> io::Result<Self> {
        let file = if let Some(file) = self.file.take() {
            file
        } else {
            std::fs::create_dir_all(&self.folder)?;
            Arc::new(tempfile::tempfile_in(&self.folder)?)
        };
        (&*file).write_all(&self.memory)?;
        self.memory.clear();
        self.file = Some(file);
        Ok(self)
    }

    /// Returns a reader from the beginning; several may read at once.
    pub(super) fn reader(&self) -> impl Read + '_ {
        let file = self.file.as_deref().map(|file| FromStart { file, at: 0 });
        file.map_or_else(
            || Either::Memory(Cursor::new(&self.memory)),
            |file| Either::File(file.chain(Cursor::new(&self.memory))),
        )
    }
}

enum Either<M, F> {
    Memory(M),
    File(F),
}

impl<M: Read, F: Read> Read for Either<M, F> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Memory(memory) => memory.read(into),
            Self::File(file) => file.read(into),
        }
    }
}

/// Reads a file by position, so that readers do not share a cursor.
struct FromStart<'f> {
    file: &'f File,
    at: u64,
}

impl Read for FromStart<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(into, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}
