//! Reading a blob: small ones in one go, large ones in big pieces with one ahead.
//!
//! Nothing is verified here (that happened before the blob got its name), but a caller
//! that knows the size may say so and learns at once if the file has another.
//!
//! DECISIONS 5: up to [`WHOLE_BYTES`] in one blocking call, beyond in pieces of
//! [`PIECE_BYTES`], of which the next is read while the last is being sent.

use std::{
    fmt,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    sync::Arc,
};

use bytes::Bytes;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::task::JoinHandle;
use weir_domain::Digest;

use crate::{BlobError, Blobs, backend::Backend, blocking, disk::Disk};

/// The most that is read in one blocking call, in bytes.
const WHOLE_BYTES: u64 = 1024 * 1024;

/// The size of a piece of larger reads, in bytes; two are in memory at a time.
const PIECE_BYTES: u64 = 512 * 1024;

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
            Backend::Disk { disk, .. } => open_in(disk, wanted, range, |_| {}).await,
            Backend::Remote(remote) => remote.open_range(wanted, range).await,
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
        read_piece(&mut file, size)
            .map(Some)
            .map_err(BlobError::io("read", self.path_of(wanted.digest)))
    }
}

/// Opens a blob, or a part of it, in a folder; `on_open` is told of the file.
pub(crate) async fn open_in(
    disk: Arc<Disk>,
    wanted: Wanted,
    range: Option<Range<u64>>,
    on_open: impl FnOnce(&File) + Send + 'static,
) -> Result<Option<BlobRead>, BlobError> {
    let opened = blocking::run(move || {
        let Some((mut file, size)) = disk.open_content(wanted)? else {
            return Ok(None);
        };
        on_open(&file);
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

/// Reads all of a small range, or the first piece of a large one.
fn first_piece(file: &mut File, range: &Range<u64>) -> io::Result<Bytes> {
    if range.start > 0 {
        file.seek(SeekFrom::Start(range.start))?;
    }
    let len = range.end - range.start;
    read_piece(file, if len <= WHOLE_BYTES { len } else { PIECE_BYTES })
}

fn read_piece(file: &mut File, len: u64) -> io::Result<Bytes> {
    let capacity = usize::try_from(len).map_err(io::Error::other)?;
    let mut piece = Vec::with_capacity(capacity);
    file.take(len).read_to_end(&mut piece)?;
    if piece.len() < capacity {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(piece.into())
}

/// What is left to read, and the read that is under way.
struct Ahead {
    reading: JoinHandle<io::Result<(File, Bytes)>>,
    /// Bytes after the piece being read.
    rest: u64,
}

impl Ahead {
    fn start(mut file: File, rest: u64) -> Option<Self> {
        let len = rest.min(PIECE_BYTES);
        (len > 0).then(|| Self {
            reading: tokio::task::spawn_blocking(move || {
                let piece = read_piece(&mut file, len)?;
                Ok((file, piece))
            }),
            rest: rest - len,
        })
    }
}

/// Yields `first` and then `rest` bytes of `file`, always reading one piece ahead.
fn pieces(file: File, first: Bytes, rest: u64) -> BoxStream<'static, io::Result<Bytes>> {
    if rest == 0 {
        return stream::iter((!first.is_empty()).then_some(Ok(first))).boxed();
    }
    let ahead = Ahead::start(file, rest);
    let following = stream::unfold(ahead, async |ahead| {
        let Ahead { reading, rest } = ahead?;
        match reading.await.map_err(io::Error::other).flatten() {
            Ok((file, piece)) => Some((Ok(piece), Ahead::start(file, rest))),
            Err(error) => Some((Err(error), None)),
        }
    });
    stream::once(async { Ok(first) }).chain(following).boxed()
}
