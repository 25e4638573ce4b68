//! Reading a file in pieces: one is read while the one before is being sent.
//!
//! Up to [`WHOLE_BYTES`] are read in one blocking call, more in pieces of [`PIECE_BYTES`].
//! The buffers of pieces are used again and again: a new one of this size is memory that
//! the kernel has to find and clear first, which takes longer than filling it.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::task::JoinHandle;

/// The most that is read in one blocking call, in bytes.
const WHOLE_BYTES: u64 = 1024 * 1024;

/// The size of a piece of larger reads, in bytes; two are in memory at a time.
pub(crate) const PIECE_BYTES: usize = 256 * 1024;

/// Buffers kept for later reads, 8 MiB at most.
const KEPT: usize = 32;

static BUFFERS: Mutex<Vec<Box<[u8]>>> = Mutex::new(Vec::new());

/// A piece of a file, in a buffer that is used again when the piece has been sent.
struct Piece {
    buffer: Box<[u8]>,
    len: usize,
}

impl Piece {
    fn read(file: &mut File, len: usize) -> io::Result<Self> {
        let kept = BUFFERS.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let buffer = kept.unwrap_or_else(|| vec![0; PIECE_BYTES].into());
        let mut piece = Self { buffer, len };
        file.read_exact(&mut piece.buffer[..len])?;
        Ok(piece)
    }
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.buffer[..self.len]
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        let mut buffers = BUFFERS.lock().unwrap_or_else(PoisonError::into_inner);
        if buffers.len() < KEPT {
            buffers.push(std::mem::take(&mut self.buffer));
        }
    }
}

/// Reads all of a small range, or the first piece of a large one.
pub(crate) fn first_piece(file: &mut File, range: &Range<u64>) -> io::Result<Bytes> {
    if range.start > 0 {
        file.seek(SeekFrom::Start(range.start))?;
    }
    let len = range.end - range.start;
    if len <= WHOLE_BYTES {
        return read_whole(file, len);
    }
    Piece::read(file, PIECE_BYTES).map(Bytes::from_owner)
}

/// Reads this many bytes in one go.
pub(crate) fn read_whole(file: &mut File, len: u64) -> io::Result<Bytes> {
    let capacity = usize::try_from(len).map_err(io::Error::other)?;
    let mut bytes = Vec::with_capacity(capacity);
    file.take(len).read_to_end(&mut bytes)?;
    if bytes.len() < capacity {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes.into())
}

/// What is left to read, and the read that is under way.
struct Ahead {
    reading: JoinHandle<io::Result<(File, Bytes)>>,
    /// Bytes after the piece being read.
    rest: u64,
}

impl Ahead {
    fn start(mut file: File, rest: u64) -> Option<Self> {
        let len = usize::try_from(rest).map_or(PIECE_BYTES, |rest| rest.min(PIECE_BYTES));
        (len > 0).then(|| Self {
            reading: tokio::task::spawn_blocking(move || {
                let piece = Piece::read(&mut file, len)?;
                Ok((file, Bytes::from_owner(piece)))
            }),
            rest: rest - len as u64,
        })
    }
}

/// Yields `first` and then `rest` bytes of `file`, always reading one piece ahead.
pub(crate) fn pieces(file: File, first: Bytes, rest: u64) -> BoxStream<'static, io::Result<Bytes>> {
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
