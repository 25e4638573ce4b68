//! Opening a blob of the bucket: from the cache, through a fill, or a part of it directly.

use std::{io, ops::Range, sync::Arc};

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, TryStreamExt};
use weir_domain::Digest;

use super::{Remote, follow::follow};
use crate::{BlobError, BlobRead, Wanted};

/// A part of what is larger is not worth a fill, in bytes.
const LARGE_BYTES: u64 = 8 * 1024 * 1024;

impl Remote {
    /// See [`crate::Blobs::read`].
    pub(crate) async fn read(self: Arc<Self>, wanted: Wanted) -> Result<Option<Bytes>, BlobError> {
        let Some(opened) = self.open_range(wanted, None).await? else {
            return Ok(None);
        };
        let capacity = usize::try_from(opened.size).unwrap_or_default();
        let all =
            opened
                .stream
                .try_fold(BytesMut::with_capacity(capacity), async |mut all, piece| {
                    all.extend_from_slice(&piece);
                    Ok(all)
                });
        let all = all
            .await
            .map_err(BlobError::io("read", wanted.digest.to_string()))?;
        Ok(Some(all.freeze()))
    }

    /// See [`crate::Blobs::open_range`].
    pub(crate) async fn open_range(
        self: Arc<Self>,
        wanted: Wanted,
        range: Option<Range<u64>>,
    ) -> Result<Option<BlobRead>, BlobError> {
        if let Some(read) = self.cache.find(wanted, range.clone()).await? {
            return Ok(Some(read));
        }
        if let Some(asked) = range.clone() {
            let size = match wanted.size {
                Some(size) => Some(size),
                None => self.size_of(wanted.digest).await?,
            };
            let Some(size) = size else { return Ok(None) };
            let part = wanted.part(size, range.clone())?;
            if size > LARGE_BYTES && part.end - part.start < size && !asked.is_empty() {
                return self.open_part(wanted, part).await;
            }
        }
        follow(wanted, range, self.fill(wanted.digest)).await
    }

    /// See [`crate::Blobs::open_unproven`].
    pub(crate) async fn open_past_cache(
        self: Arc<Self>,
        digest: Digest,
    ) -> Result<Option<BlobRead>, BlobError> {
        let incoming = self.download(digest.into(), None).await?;
        Ok(incoming.map(|incoming| BlobRead {
            size: incoming.size,
            range: 0..incoming.size,
            stream: incoming.stream.map_err(io::Error::other).boxed(),
        }))
    }

    /// Opens a part of a large blob past the cache. It cannot be verified alone.
    async fn open_part(
        self: Arc<Self>,
        wanted: Wanted,
        part: Range<u64>,
    ) -> Result<Option<BlobRead>, BlobError> {
        let incoming = self.download(wanted, Some(part.clone())).await?;
        Ok(incoming.map(|incoming| BlobRead {
            size: incoming.size,
            range: part,
            stream: incoming.stream.map_err(io::Error::other).boxed(),
        }))
    }
}
