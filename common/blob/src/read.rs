//! Reading a blob: small ones in one go, large ones in [`crate::pieces`].
//!
//! A file is opened only if it holds the bytes it is called after (`disk/proofs.rs`).

use std::{fmt, io, ops::Range, sync::Arc};

use bytes::Bytes;
use futures::stream::BoxStream;
use weir_domain::Digest;

use crate::{
    BlobError, Blobs,
    backend::Backend,
    blocking, cache,
    disk::Disk,
    pieces::{first_piece, pieces, read_whole},
};

/// Which blob, and how large it is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes, if known; another size is an error.
    pub size: Option<u64>,
}

impl From<Digest> for Wanted {
    fn from(digest: Digest) -> Self {
        Self { digest, size: None }
    }
}

impl From<(Digest, u64)> for Wanted {
    fn from((digest, size): (Digest, u64)) -> Self {
        Self {
            digest,
            size: Some(size),
        }
    }
}

/// An open blob.
pub struct BlobRead {
    /// The size of the whole blob in bytes.
    pub size: u64,
    /// The part that `stream` yields.
    pub range: Range<u64>,
    /// The bytes. A file that ends early ends it with an error, never silently.
    pub stream: BoxStream<'static, io::Result<Bytes>>,
}

impl fmt::Debug for BlobRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobRead")
            .field("size", &self.size)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}

impl Blobs {
    /// Reads a small blob into memory; `None` if it is not there.
    ///
    /// # Errors
    /// As [`Self::open_range`].
    pub async fn read(&self, wanted: impl Into<Wanted>) -> Result<Option<Bytes>, BlobError> {
        let wanted = wanted.into();
        match self.backend.clone() {
            Backend::Disk { disk, .. } => blocking::run(move || disk.read(wanted)).await,
            Backend::Remote(remote) => remote.read(wanted).await,
        }
    }

    /// Opens a blob, or the part `range` of it; `None` if it is not there.
    ///
    /// # Errors
    /// [`BlobError::Io`], [`BlobError::Unavailable`], [`BlobError::Corrupt`];
    /// [`BlobError::Size`] if a size was given and is not the blob's; [`BlobError::Range`]
    /// if the range is not within the blob.
    pub async fn open_range(
        &self,
        wanted: impl Into<Wanted>,
        range: Option<Range<u64>>,
    ) -> Result<Option<BlobRead>, BlobError> {
        let wanted = wanted.into();
        match self.backend.clone() {
            Backend::Disk { disk, .. } => open_in(disk, wanted, range, Use::Unnoted).await,
            Backend::Remote(remote) => remote.open_range(wanted, range).await,
        }
    }
}

impl Blobs {
    /// Opens a blob where it lies for good, whatever its bytes are by now: for whoever hashes
    /// them. `None` if it is not there.
    ///
    /// # Errors
    /// [`BlobError::Io`], [`BlobError::Unavailable`].
    pub async fn open_unproven(&self, digest: Digest) -> Result<Option<BlobRead>, BlobError> {
        match self.backend.clone() {
            Backend::Disk { disk, .. } => {
                let opened = blocking::run(move || {
                    let Some((mut file, meta)) = disk.open_unproven(digest)? else {
                        return Ok(None);
                    };
                    let range = 0..meta.len();
                    let first = first_piece(&mut file, &range)
                        .map_err(BlobError::io("read", disk.path_of(digest)))?;
                    Ok(Some((file, range, first)))
                });
                Ok(opened.await?.map(|(file, range, first)| BlobRead {
                    size: range.end,
                    stream: pieces(file, first.clone(), range.end - first.len() as u64),
                    range,
                }))
            }
            Backend::Remote(remote) => remote.open_past_cache(digest).await,
        }
    }
}

impl Wanted {
    /// Fails if the blob has another size than was said.
    pub(crate) fn judge(self, actual: u64) -> Result<(), BlobError> {
        match self.size {
            Some(expected) if expected != actual => Err(BlobError::Size {
                digest: self.digest,
                expected,
                actual,
            }),
            _ => Ok(()),
        }
    }

    /// Returns the part of a blob of `size` bytes that `range` asks for.
    pub(crate) fn part(
        self,
        size: u64,
        range: Option<Range<u64>>,
    ) -> Result<Range<u64>, BlobError> {
        let range = range.unwrap_or(0..size);
        if range.start > range.end || range.end > size {
            return Err(BlobError::Range {
                digest: self.digest,
                size,
                start: range.start,
                end: range.end,
            });
        }
        Ok(range)
    }
}

impl Disk {
    fn read(&self, wanted: Wanted) -> Result<Option<Bytes>, BlobError> {
        let Some((mut file, size)) = self.open_content(wanted)? else {
            return Ok(None);
        };
        read_whole(&mut file, size)
            .map(Some)
            .map_err(BlobError::io("read", self.path_of(wanted.digest)))
    }
}

/// Whether a file remembers when it was last read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Noted,
    Unnoted,
}

/// Opens a blob, or a part of it, in a folder.
pub(crate) async fn open_in(
    disk: Arc<Disk>,
    wanted: Wanted,
    range: Option<Range<u64>>,
    is: Use,
) -> Result<Option<BlobRead>, BlobError> {
    let opened = blocking::run(move || {
        let Some((mut file, size)) = disk.open_content(wanted)? else {
            return Ok(None);
        };
        if is == Use::Noted {
            cache::touch(&disk, wanted.digest, &file);
        }
        let range = wanted.part(size, range)?;
        let first = first_piece(&mut file, &range)
            .map_err(BlobError::io("read", disk.path_of(wanted.digest)))?;
        Ok(Some((file, size, range, first)))
    });
    Ok(opened.await?.map(|(file, size, range, first)| {
        let rest = range.end - range.start - first.len() as u64;
        BlobRead {
            size,
            range,
            stream: pieces(file, first, rest),
        }
    }))
}
