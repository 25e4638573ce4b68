//! Reading a file that a fill is still writing.

use std::{fs::File, io, ops::Range, os::unix::fs::FileExt, sync::Arc};

use bytes::Bytes;
use futures::{StreamExt, stream};
use tokio::sync::watch;

use super::fill::Progress;
use crate::{BlobError, BlobRead, Wanted};

/// Bytes read at a time.
const PIECE_BYTES: u64 = 256 * 1024;

/// A reader between two pieces.
struct Following {
    progress: watch::Receiver<Progress>,
    file: Arc<File>,
    left: Range<u64>,
}

/// Waits for the first bytes of a part and returns it; `None` if there is no such blob.
///
/// # Errors
/// Why there are no bytes; later failures end the stream with an error.
pub(super) async fn follow(
    wanted: Wanted,
    range: Option<Range<u64>>,
    mut progress: watch::Receiver<Progress>,
) -> Result<Option<BlobRead>, BlobError> {
    let from = range.as_ref().map_or(0, |range| range.start);
    let seen = progress
        .wait_for(|seen| seen.end.is_some() || seen.released > from || seen.fits(wanted).is_err())
        .await
        .map_err(|_| BlobError::Abandoned)?
        .clone();
    seen.fits(wanted)?;
    match seen.end {
        Some(Err(error)) => return Err(BlobError::Shared(error)),
        Some(Ok(false)) => return Ok(None),
        Some(Ok(true)) | None => {}
    }
    let (file, size) = seen.file.ok_or(BlobError::Abandoned)?;
    let range = wanted.part(size, range)?;
    let following = Following {
        progress,
        file,
        left: range.clone(),
    };
    Ok(Some(BlobRead {
        size,
        range,
        stream: stream::try_unfold(following, Following::next).boxed(),
    }))
}

impl Progress {
    /// Fails once it is known that the blob has another size than was said.
    fn fits(&self, wanted: Wanted) -> Result<(), BlobError> {
        let file = self.file.as_ref();
        file.map_or(Ok(()), |(_, size)| wanted.judge(*size))
    }
}

impl Following {
    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        let at = self.left.start;
        if at == self.left.end {
            return Ok(None);
        }
        let seen = self
            .progress
            .wait_for(|progress| progress.end.is_some() || progress.released > at)
            .await
            .map_err(|_| io::Error::other(BlobError::Abandoned))?
            .clone();
        if let Some(Err(error)) = seen.end {
            return Err(io::Error::other(BlobError::Shared(error)));
        }
        let end = self.left.end.min(seen.released).min(at + PIECE_BYTES);
        let file = Arc::clone(&self.file);
        let piece = tokio::task::spawn_blocking(move || {
            let len = usize::try_from(end - at).map_err(io::Error::other)?;
            let mut piece = vec![0; len];
            file.read_exact_at(&mut piece, at)?;
            Ok::<_, io::Error>(Bytes::from(piece))
        });
        let piece = piece.await.map_err(io::Error::other)??;
        self.left.start = end;
        Ok(Some((piece, self)))
    }
}
