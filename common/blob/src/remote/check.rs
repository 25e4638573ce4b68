//! Whether the bucket can be used, found out at the start and not at the first tarball.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use futures::StreamExt;
use object_store::{Error, ObjectStore, PutMode, path::Path};

use super::{Remote, failure::reason};
use crate::BlobError;

/// The object that is written at every start; it stays, so that starts at the same moment
/// do not disturb each other.
const PROBE: &str = "weir-probe";

impl Remote {
    /// Lists, writes, and writes again: the second time must be refused.
    ///
    /// # Errors
    /// [`BlobError::Bucket`] if the bucket is not there, not reachable, or not ours to use.
    pub(crate) async fn check(&self) -> Result<(), BlobError> {
        let probe = Path::from(PROBE);
        let listed = self.objects.list(Some(&probe)).next().await.transpose();
        listed.map_err(|error| self.unusable(&error))?;
        let mut is_there = false;
        for _ in 0..2 {
            match self.put_probe(&probe, PutMode::Create).await {
                Ok(()) if is_there => return self.never_create(&probe, "ignores").await,
                Ok(()) => is_there = true,
                Err(Error::AlreadyExists { .. }) => return Ok(()),
                Err(error @ (Error::PermissionDenied { .. } | Error::Unauthenticated { .. })) => {
                    return Err(self.unusable(&error));
                }
                Err(_) => return self.never_create(&probe, "does not take").await,
            }
        }
        Ok(())
    }

    /// Goes on without conditions, if the bucket can be written to without.
    async fn never_create(&self, probe: &Path, how: &str) -> Result<(), BlobError> {
        let put = self.put_probe(probe, PutMode::Overwrite).await;
        put.map_err(|error| self.unusable(&error))?;
        self.creates.store(false, Ordering::Relaxed);
        tracing::warn!(
            bucket = %self.name,
            "the object store {how} `If-None-Match: *`: processes that upload the same blob at \
             the same moment write it twice, with the same bytes"
        );
        Ok(())
    }

    async fn put_probe(&self, probe: &Path, mode: PutMode) -> Result<(), Error> {
        let bytes = Bytes::from_static(b"written by weir to see whether it can\n");
        self.objects
            .put_opts(probe, bytes.into(), mode.into())
            .await
            .map(drop)
    }

    fn unusable(&self, error: &Error) -> BlobError {
        BlobError::Bucket {
            bucket: self.name.clone(),
            source: reason(error),
        }
    }
}
