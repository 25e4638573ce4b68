//! Sealed task logs: objects beside the content, named by task and run.
//!
//! Written front to back and seen only whole; read in parts. The bytes of a run's log are
//! the same whoever seals it, so writing twice is harmless.

use std::ops::Range;

use bytes::Bytes;
use object_store::{ObjectStoreExt, WriteMultipart, path::Path};
use tokio::runtime::Handle;
use weir_domain::TaskId;

use crate::{BlobError, BlobKey, Blobs, backend::Backend};

/// Parts on their way to the store at a time.
const PARTS: usize = 2;

/// A log that is being written. Dropping it leaves nothing behind.
pub struct LogWriter {
    /// `None` once it is finished or has failed.
    upload: Option<WriteMultipart>,
    path: Path,
    backend: Backend,
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
    /// [`BlobError::Io`], [`BlobError::Unavailable`], and then [`BlobError::Abandoned`] ever
    /// after.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        let upload = self.upload.as_mut().ok_or(BlobError::Abandoned)?;
        if let Err(error) = upload.wait_for_capacity(PARTS).await {
            self.abandon();
            return Err(self.failed(error));
        }
        upload.write(bytes);
        Ok(())
    }

    /// Makes it durable and seen.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn finish(mut self) -> Result<(), BlobError> {
        let upload = self.upload.take().ok_or(BlobError::Abandoned)?;
        let finished = upload.finish().await;
        finished.map_err(|error| self.failed(error))?;
        Ok(())
    }

    fn failed(&self, error: object_store::Error) -> BlobError {
        self.backend.failed("write", self.path.as_ref(), error)
    }

    /// Frees what the store keeps of an unfinished upload, in the background.
    fn abandon(&mut self) {
        let upload = self.upload.take();
        if let (Some(upload), Ok(runtime)) = (upload, Handle::try_current()) {
            // Best effort: what stays is cleared by the store's own rule, or the next start.
            drop(runtime.spawn(async { drop(upload.abort().await) }));
        }
    }
}

impl Drop for LogWriter {
    fn drop(&mut self) {
        self.abandon();
    }
}

impl Blobs {
    /// Begins the log of a run; an earlier one is replaced at the end.
    ///
    /// # Errors
    /// [`BlobError::Io`], [`BlobError::Unavailable`].
    pub async fn create_log(&self, task: TaskId, generation: u64) -> Result<LogWriter, BlobError> {
        let path = path_of(task, generation);
        let upload = self.backend.objects().put_multipart(&path).await;
        let failed = |error| self.backend.failed("write", path.as_ref(), error);
        Ok(LogWriter {
            upload: Some(WriteMultipart::new(upload.map_err(failed)?)),
            backend: self.backend.clone(),
            path,
        })
    }

    /// Removes a log, if it is there.
    ///
    /// # Errors
    /// [`BlobError::Io`], [`BlobError::Unavailable`].
    pub async fn remove_log(&self, task: TaskId, generation: u64) -> Result<(), BlobError> {
        let path = path_of(task, generation);
        match self.backend.objects().delete(&path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.backend.failed("remove", path.as_ref(), error)),
        }
    }

    /// Reads a part of a log; `None` if it is not there.
    ///
    /// # Errors
    /// [`BlobError::Io`], [`BlobError::Unavailable`], also for a part outside of it.
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
            Err(error) => Err(self.backend.failed("read", path.as_ref(), error)),
        }
    }
}

fn path_of(task: TaskId, generation: u64) -> Path {
    Path::from(BlobKey::Log { task, generation }.to_string())
}
