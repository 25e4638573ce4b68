//! Writing a blob: hashed as it goes, invisible until its group is published.
//!
//! [`BlockingBlobWriter`] does the work on the calling thread. [`BlobWriter`] wraps it for
//! async callers: it gathers small pieces and hands [`FLUSH_BYTES`] at a time to the
//! blocking pool, where they are hashed and written.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest as _, Sha256};
use weir_domain::Digest;

use crate::{
    BlobError, blocking,
    disk::{Disk, TempFile},
};

/// How much an async writer gathers before it troubles a blocking thread, in bytes.
const FLUSH_BYTES: usize = 256 * 1024;

/// Writes one blob from a thread that may block.
#[derive(Debug)]
pub struct BlockingBlobWriter {
    file: TempFile,
    hash: Sha256,
    size: u64,
}

impl BlockingBlobWriter {
    pub(crate) fn create(disk: &Arc<Disk>) -> Result<Self, BlobError> {
        Ok(Self {
            file: TempFile::create(disk)?,
            hash: Sha256::new(),
            size: 0,
        })
    }

    /// Appends `bytes`.
    ///
    /// # Errors
    /// [`BlobError::Io`]; the file's end is then unknown, drop the writer.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        self.file.append(bytes)?;
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }

    /// Returns the number of bytes so far.
    pub fn len(&self) -> u64 {
        self.size
    }

    /// Says whether nothing was written yet.
    pub fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// Ends the blob.
    pub fn finish(self) -> StagedBlob {
        StagedBlob {
            digest: Digest(self.hash.finalize().into()),
            size: self.size,
            file: self.file,
        }
    }
}

impl io::Write for BlockingBlobWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // The kind tells a full disk from a broken one.
        let kept = |error: BlobError| match &error {
            BlobError::Io { source, .. } => io::Error::new(source.kind(), error),
            _ => io::Error::other(error),
        };
        self.append(bytes).map_err(kept)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes one blob from async code. Dropping it removes what was written.
#[derive(Debug)]
pub struct BlobWriter {
    /// `None` while a write is on the blocking pool, and after one that failed or whose
    /// caller went away.
    writer: Option<BlockingBlobWriter>,
    path: PathBuf,
    gathered: Vec<u8>,
    /// Bytes that a reader of the file can see.
    readable: u64,
}

impl BlobWriter {
    pub(crate) async fn create(disk: &Arc<Disk>) -> Result<Self, BlobError> {
        let disk = Arc::clone(disk);
        let writer = blocking::run(move || BlockingBlobWriter::create(&disk)).await?;
        Ok(Self {
            path: writer.file.path().to_owned(),
            writer: Some(writer),
            gathered: Vec::new(),
            readable: 0,
        })
    }

    /// Appends `bytes`; they may wait in memory until there are more or [`Self::flush`].
    ///
    /// # Errors
    /// [`BlobError::Io`], and then [`BlobError::Abandoned`] ever after.
    ///
    /// # Cancel safety
    /// A dropped call abandons the blob.
    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), BlobError> {
        self.gathered.extend_from_slice(bytes.as_ref());
        if self.gathered.len() >= FLUSH_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    /// Lets readers of the file see everything written so far.
    ///
    /// # Errors
    /// As [`Self::write`].
    ///
    /// # Cancel safety
    /// A dropped call abandons the blob.
    pub async fn flush(&mut self) -> Result<(), BlobError> {
        let mut writer = self.writer.take().ok_or(BlobError::Abandoned)?;
        let mut gathered = std::mem::take(&mut self.gathered);
        let (writer, gathered) = blocking::run(move || {
            writer.append(&gathered)?;
            gathered.clear();
            Ok((writer, gathered))
        })
        .await?;
        self.readable = writer.len();
        self.gathered = gathered;
        self.writer = Some(writer);
        Ok(())
    }

    /// Returns the growing file, for followers in this process. It moves when the blob is
    /// published; who has it open reads on.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns how many bytes of the file can be read.
    pub fn len(&self) -> u64 {
        self.readable
    }

    /// Says whether no byte can be read yet.
    pub fn is_empty(&self) -> bool {
        self.readable == 0
    }

    /// Ends the blob; all its bytes are then in the file, unsynced.
    ///
    /// # Errors
    /// As [`Self::write`].
    ///
    /// # Cancel safety
    /// A dropped call abandons the blob.
    pub async fn finish(mut self) -> Result<StagedBlob, BlobError> {
        let mut writer = self.writer.take().ok_or(BlobError::Abandoned)?;
        let gathered = std::mem::take(&mut self.gathered);
        blocking::run(move || {
            writer.append(&gathered)?;
            Ok(writer.finish())
        })
        .await
    }
}

/// A blob whose bytes are complete but not yet durable or visible. Dropping it removes
/// them.
#[derive(Debug)]
pub struct StagedBlob {
    digest: Digest,
    size: u64,
    pub(crate) file: TempFile,
}

impl StagedBlob {
    /// Returns the SHA-256 of the bytes.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns the number of bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Returns the file, for readers in this process until it is published.
    pub fn path(&self) -> &Path {
        self.file.path()
    }
}
