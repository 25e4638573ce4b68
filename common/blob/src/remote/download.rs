//! Reading an object, or a part of it, as one stream however often the line is cut.
//!
//! `object_store` resumes a cut body for as long as its retries last from the first byte
//! on; that is not long enough for a large blob. So a stream that got any further since it
//! was opened is opened again where it stopped.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use object_store::{Error, GetOptions, GetRange, ObjectStore};
use weir_domain::Digest;

use super::{Remote, failure::reason};
use crate::{BlobError, Reason, Wanted, list::path_of};

/// An object that is being read.
pub(super) struct Incoming {
    /// The size of the whole object.
    pub(super) size: u64,
    /// The bytes asked for; fewer are an error.
    pub(super) stream: BoxStream<'static, Result<Bytes, BlobError>>,
}

/// A stream between two pieces.
struct Reading {
    remote: Arc<Remote>,
    digest: Digest,
    body: BoxStream<'static, Result<Bytes, Error>>,
    left: Range<u64>,
    /// Whether anything came since the body was opened.
    has_moved: bool,
}

impl Remote {
    /// Opens an object; `None` if it is not there.
    ///
    /// # Errors
    /// [`BlobError::Unavailable`], [`BlobError::Denied`]; [`BlobError::Size`] if it has
    /// another size than was said.
    pub(super) async fn download(
        self: &Arc<Self>,
        wanted: Wanted,
        part: Option<Range<u64>>,
    ) -> Result<Option<Incoming>, BlobError> {
        let Some((size, left, body)) = self.get(wanted.digest, part).await? else {
            return Ok(None);
        };
        wanted.judge(size)?;
        let reading = Reading {
            remote: Arc::clone(self),
            digest: wanted.digest,
            body,
            left,
            has_moved: false,
        };
        let stream = stream::try_unfold(reading, Reading::next).boxed();
        Ok(Some(Incoming { size, stream }))
    }

    async fn get(
        &self,
        digest: Digest,
        part: Option<Range<u64>>,
    ) -> Result<Option<(u64, Range<u64>, BoxStream<'static, Result<Bytes, Error>>)>, BlobError>
    {
        let path = path_of(digest);
        let options = GetOptions {
            range: part.map(GetRange::Bounded),
            ..GetOptions::default()
        };
        match self.objects.get_opts(&path, options).await {
            Ok(got) => Ok(Some((got.meta.size, got.range.clone(), got.into_stream()))),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed("read", path.as_ref(), &error)),
        }
    }
}

impl Reading {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, BlobError> {
        while self.left.start < self.left.end {
            let why = match self.body.next().await {
                Some(Ok(piece)) if piece.is_empty() => continue,
                Some(Ok(piece)) => {
                    let left = self.left.end - self.left.start;
                    let taken = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                    self.left.start += taken as u64;
                    self.has_moved = true;
                    return Ok(Some((piece.slice(..taken), self)));
                }
                Some(Err(error)) => reason(&error),
                None => Reason("the bytes end early".to_owned()),
            };
            self.open_again(why).await?;
        }
        Ok(None)
    }

    async fn open_again(&mut self, why: Reason) -> Result<(), BlobError> {
        let given_up = |source| BlobError::Unavailable {
            action: "read",
            object: format!("{}/{}", self.remote.name, path_of(self.digest)),
            source,
        };
        if !std::mem::take(&mut self.has_moved) {
            return Err(given_up(why));
        }
        tracing::debug!(blob = %self.digest, at = self.left.start, %why, "a download is resumed");
        let got = self
            .remote
            .get(self.digest, Some(self.left.clone()))
            .await?;
        let Some((_, left, body)) = got else {
            return Err(given_up(Reason("it was removed meanwhile".to_owned())));
        };
        (self.left, self.body) = (left, body);
        Ok(())
    }
}
