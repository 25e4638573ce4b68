//! What is there: listing, sizes, removal. The same on every backend.

use std::future::ready;

use futures::{StreamExt, stream::BoxStream};
use object_store::{ObjectStoreExt, path::Path};
use weir_domain::Digest;

use crate::{BlobError, BlobKey, Blobs, backend::Backend};

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

    /// Lists every blob with its size, in no particular order. What is put or removed
    /// meanwhile may or may not appear; files that are not blobs do not.
    pub fn list(&self) -> BoxStream<'static, Result<(Digest, u64), BlobError>> {
        let objects = self
            .backend
            .objects()
            .list(Some(&Path::from(BlobKey::CONTENT)));
        let backend = self.backend.clone();
        let blobs = objects.filter_map(move |listed| {
            let blob = match listed {
                Ok(meta) => BlobKey::content_of(meta.location.as_ref())
                    .map(|digest| Ok((digest, meta.size))),
                Err(error) => Some(Err(backend.failed("list", BlobKey::CONTENT, error))),
            };
            ready(blob)
        });
        blobs.boxed()
    }
}

pub(crate) fn path_of(digest: Digest) -> Path {
    Path::from(BlobKey::Content(digest).to_string())
}
