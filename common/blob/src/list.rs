//! What is there: listing, sizes, removal. The same on every backend.

use std::future::ready;

use futures::{StreamExt, stream::BoxStream};
use object_store::{ObjectMeta, ObjectStoreExt, path::Path};
use weir_domain::{Digest, TaskId, Timestamp};

use crate::{BlobError, BlobKey, Blobs, backend::Backend};

/// A blob that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Its digest, by its name.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// When it was written.
    pub modified_at: Timestamp,
}

/// A sealed log that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedLog {
    /// The task.
    pub task: TaskId,
    /// Which run of it.
    pub generation: u64,
    /// When it was written.
    pub modified_at: Timestamp,
}

impl Blobs {
    /// Returns the size of a blob in bytes; `None` if it is not there.
    ///
    /// # Errors
    /// [`BlobError::Io`], [`BlobError::Unavailable`].
    pub async fn size(&self, digest: Digest) -> Result<Option<u64>, BlobError> {
        let path = path_of(digest);
        match self.backend.objects().head(&path).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.backend.failed("look at", path.as_ref(), error)),
        }
    }

    /// Removes a blob; says whether it was there. Readers that have it open read on.
    ///
    /// # Errors
    /// [`BlobError::Io`], [`BlobError::Unavailable`].
    pub async fn remove(&self, digest: Digest) -> Result<bool, BlobError> {
        let path = path_of(digest);
        if let Backend::Remote(remote) = &self.backend {
            remote.cache().forget(digest).await;
            // A bucket removes what is not there as gladly, and does not tell.
            if self.size(digest).await?.is_none() {
                return Ok(false);
            }
        }
        match self.backend.objects().delete(&path).await {
            Ok(()) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(self.backend.failed("remove", path.as_ref(), error)),
        }
    }

    /// Lists every blob, in no particular order. What is put or removed meanwhile may or may
    /// not appear; files that are not blobs do not.
    pub fn list(&self) -> BoxStream<'static, Result<Listed, BlobError>> {
        self.list_below(BlobKey::CONTENT, |meta| {
            Some(Listed {
                digest: BlobKey::content_of(meta.location.as_ref())?,
                size: meta.size,
                modified_at: Timestamp(meta.last_modified.timestamp_millis()),
            })
        })
    }

    /// Lists every sealed log, as [`Self::list`] does blobs.
    pub fn list_logs(&self) -> BoxStream<'static, Result<ListedLog, BlobError>> {
        self.list_below(BlobKey::LOGS, |meta| {
            let (task, generation) = BlobKey::log_of(meta.location.as_ref())?;
            Some(ListedLog {
                task,
                generation,
                modified_at: Timestamp(meta.last_modified.timestamp_millis()),
            })
        })
    }

    fn list_below<T: Send + 'static>(
        &self,
        prefix: &'static str,
        read: impl Fn(&ObjectMeta) -> Option<T> + Send + 'static,
    ) -> BoxStream<'static, Result<T, BlobError>> {
        let objects = self.backend.objects().list(Some(&Path::from(prefix)));
        let backend = self.backend.clone();
        let listed = objects.filter_map(move |listed| {
            ready(match listed {
                Ok(meta) => read(&meta).map(Ok),
                Err(error) => Some(Err(backend.failed("list", prefix, error))),
            })
        });
        listed.boxed()
    }
}

pub(crate) fn path_of(digest: Digest) -> Path {
    Path::from(BlobKey::Content(digest).to_string())
}
