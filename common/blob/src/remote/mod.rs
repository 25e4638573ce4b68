//! Blobs in a bucket of an S3-compatible store.
//!
//! Bytes are written to a local file first, as for a folder: nothing is visible, and
//! nothing is sent, before it is complete and its digest known. They are read through the
//! cache, which a *fill* feeds: one for each blob however many ask, and nobody sees the end
//! of the bytes before their digest is found right.

mod check;
mod client;
mod download;
mod failure;
mod fill;
mod follow;
mod open;
mod upload;

use std::{
    fmt,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use object_store::{
    ObjectStore, ObjectStoreExt,
    aws::AmazonS3,
    prefix::PrefixStore,
    signer::{Method, SignedUrlOptions, Signer},
};
use tokio::sync::Semaphore;
use weir_domain::{Bucket, Digest};

use crate::{BlobError, Verb, cache::Cache, list::path_of};
pub(crate) use client::Patience;
use fill::Fills;

/// A bucket, as one process sees it.
pub(crate) struct Remote {
    objects: PrefixStore<AmazonS3>,
    /// `s3://bucket/prefix`, for people.
    name: String,
    cache: Arc<Cache>,
    fills: Fills,
    /// Kibibytes of uploads that may be in memory.
    memory: Arc<Semaphore>,
    /// Whether the store refuses to create what is already there.
    creates: AtomicBool,
}

/// Shows no credentials.
impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("name", &self.name)
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

impl Remote {
    /// Prepares everything; nothing is asked of the bucket yet.
    pub(crate) fn open(bucket: &Bucket, patience: &Patience) -> Result<Self, BlobError> {
        Ok(Self {
            objects: client::build(bucket, patience)?,
            name: bucket.url.to_string(),
            cache: Cache::open(&bucket.cache, bucket.cache_bytes)?,
            fills: Fills::default(),
            memory: Arc::new(Semaphore::new(upload::MEMORY_KIB)),
            creates: AtomicBool::new(true),
        })
    }

    pub(crate) fn objects(&self) -> &dyn ObjectStore {
        &self.objects
    }

    pub(crate) fn cache(&self) -> &Arc<Cache> {
        &self.cache
    }

    /// Returns the size of a blob in the bucket.
    async fn size_of(&self, digest: Digest) -> Result<Option<u64>, BlobError> {
        let path = path_of(digest);
        match self.objects.head(&path).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed("look at", path.as_ref(), &error)),
        }
    }

    /// See [`crate::Blobs::presigned`].
    pub(crate) async fn presigned(
        &self,
        digest: Digest,
        verb: Verb,
        valid_for: Duration,
    ) -> Result<String, BlobError> {
        let path = path_of(digest);
        let method = match verb {
            Verb::Get => Method::GET,
            Verb::Head => Method::HEAD,
        };
        // The answer is to look like ours; stores that do not know these ignore them.
        let options = SignedUrlOptions::new().with_query([
            ("response-content-type", "application/octet-stream"),
            (
                "response-cache-control",
                "public, immutable, max-age=31536000",
            ),
        ]);
        self.objects
            .signed_url_opts(method, &path, valid_for, &options)
            .await
            .map(String::from)
            .map_err(|error| self.failed("sign an address for", path.as_ref(), &error))
    }
}
