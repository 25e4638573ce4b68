//! Sealed task logs: objects beside the content, named by task and run.
//!
//! Written front to back and seen only whole; read in parts. The bytes of a run's log are
//! the same whoever seals it, so writing twice is harmless.

use std::ops::Range;

use bytes::Bytes;
use object_store::{ObjectStoreExt, WriteMultipart, path::Path};
use weir_domain::TaskId;

use crate::{BlobError, BlobKey, Blobs};

/// Parts on their way to the store at a time.
const PARTS: usize = 2;

/// A log that is being written. Dropping it leaves nothing behind.
pub struct LogWriter {
    upload: WriteMultipart,
    path: Path,
}

impl std::fmt::Debug for LogWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LogWriter({})", self.path)
    }
}

impl LogWriter {
    /// Appends `bytes`.
    ///
    /// # Errors
    /// [`BlobError::Io`].
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        let ready = self.upload.wait_for_capacity(PARTS).await;
        ready.map_err(|error| failed("write", &self.path, error))?;
        self.upload.write(bytes);
        Ok(())
    }

    /// Makes it durable and seen.
    ///
    /// # Errors
    /// [`BlobError::Io`].
    pub async fn finish(self) -> Result<(), BlobError> {
        let finished = self.upload.finish().await;
        finished.map_err(|error| failed("write", &self.path, error))?;
        Ok(())
    }
}

impl Blobs {
    /// Begins the log of a run; an earlier one is replaced at the end.
    ///
    /// # Errors
    /// [`BlobError::Io`].
    pub async fn create_log(&self, task: TaskId, generation: u64) -> Result<LogWriter, BlobError> {
        let path = path_of(task, generation);
        let upload = self.backend.objects().put_multipart(&path).await;
        let upload = upload.map_err(|error| failed("write", &path, error))?;
        Ok(LogWriter {
            upload: WriteMultipart::new(upload),
            path,
        })
    }

    /// Reads a part of a log; `None` if it is not there.
    ///
    /// # Errors
    /// [`BlobError::Io`], also for a part outside of it.
    pub async fn read_log(
        &self,
        task: TaskId,
        generation: u64,
        range: Range<u64>,
    ) -> Result<Option<Bytes>, BlobError> {
        let path = path_of(task, generation);
        match self.backend.objects().get_range(&path, range).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed("read", &path, error)),
        }
    }
}

fn path_of(task: TaskId, generation: u64) -> Path {
    Path::from(BlobKey::Log { task, generation }.to_string())
}

fn failed(action: &'static str, path: &Path, error: object_store::Error) -> BlobError {
    BlobError::io(action, path.as_ref())(std::io::Error::from(error))
}
