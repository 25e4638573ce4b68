//! An answer that needs only to be sent: headers made, bytes in memory or named.
//!
//! Packuments and tarballs both end here, so conditions and ranges are treated once, and a
//! hit of the shelf is answered by the same function as a miss.

use std::{ops::Range, sync::Arc};

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use poem::Body;
use weir_content::Content as Store;
use weir_domain::{Clock, Digest, Timestamp};

use super::inflate::inflate;
use crate::{
    conditional::Validators,
    error::{ApiError, ApiResult},
    pull::{Freshness, Staleness},
    ranges::{self, Part},
};

/// What an old answer says of itself.
const IS_STALE: HeaderValue = HeaderValue::from_static("110 weir \"Response is Stale\"");
/// Headers that a 304 repeats.
const OF_NOT_MODIFIED: [HeaderName; 4] = [
    header::ETAG,
    header::LAST_MODIFIED,
    header::CACHE_CONTROL,
    header::VARY,
];

/// A blob and its size in bytes.
pub(crate) type Stored = (Digest, u64);

/// An answer, ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Ready {
    /// All headers of the 200.
    headers: HeaderMap,
    etag: String,
    modified_at: Option<Timestamp>,
    valid_until: Option<Timestamp>,
    freshness: Option<Arc<Freshness>>,
    takes_ranges: bool,
    content: Content,
}

/// Where the bytes are.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// Here.
    Memory(Bytes),
    /// In the blob store.
    Blob(Stored),
    /// In the blob store, compressed; sent as it was before.
    Inflated {
        /// The blob and its size.
        gzip: Stored,
        /// The size without compression, in bytes.
        size: u64,
    },
}

/// What to send after the headers.
#[derive(Debug)]
pub(crate) enum Sent {
    /// Nothing.
    Nothing,
    /// These bytes.
    Memory(Bytes),
    /// A part of a blob.
    Blob(Stored, Range<u64>),
    /// All that a compressed blob holds.
    Inflated(Stored),
}

/// A status, headers, and what follows them.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) sent: Sent,
}

impl Ready {
    /// Makes an answer that revalidates by `etag`.
    pub(crate) fn new(etag: String, content: Content) -> ApiResult<Self> {
        let mut headers = HeaderMap::with_capacity(12);
        headers.insert(
            header::ETAG,
            HeaderValue::try_from(&etag).map_err(ApiError::internal)?,
        );
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(content.len()));
        Ok(Self {
            headers,
            etag,
            modified_at: None,
            valid_until: None,
            freshness: None,
            takes_ranges: false,
            content,
        })
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    /// Says when it last changed.
    pub(crate) fn modified_at(mut self, at: Timestamp) -> ApiResult<Self> {
        let value = HeaderValue::try_from(at.to_http_date()).map_err(ApiError::internal)?;
        self.headers.insert(header::LAST_MODIFIED, value);
        self.modified_at = Some(at);
        Ok(self)
    }

    /// Says until when it may be given.
    pub(crate) fn valid_until(mut self, end: Option<Timestamp>) -> Self {
        self.valid_until = end;
        self
    }

    /// Says by what its age is told, if it has one.
    pub(crate) fn aged_by(mut self, freshness: Option<Arc<Freshness>>) -> Self {
        self.freshness = freshness;
        self
    }

    /// Says whether it is old, and then whether somebody should look.
    pub(crate) fn staleness(&self, clock: &dyn Clock) -> Staleness {
        let freshness = self.freshness.as_ref();
        freshness.map_or(Staleness::Fresh, |freshness| freshness.at(clock.now()))
    }

    /// Lets parts of it be asked for.
    pub(crate) fn with_ranges(mut self) -> Self {
        self.takes_ranges = true;
        self.with(header::ACCEPT_RANGES, "bytes")
    }

    /// Says whether this is its entity tag.
    pub(crate) fn is_tagged(&self, etag: &str) -> bool {
        self.etag == etag
    }

    /// Says whether it is sent in the encoding of this word.
    pub(crate) fn is_encoded_in(&self, word: &str) -> bool {
        let encoding = self.headers.get(header::CONTENT_ENCODING);
        encoding.is_some_and(|encoding| encoding == word)
    }

    /// Returns the same answer with these bytes.
    pub(crate) fn sending(mut self, content: Content) -> Self {
        let length = HeaderValue::from(content.len());
        self.headers.insert(header::CONTENT_LENGTH, length);
        Self { content, ..self }
    }

    /// Says whether it may still be given.
    pub(crate) fn is_valid(&self, clock: &dyn Clock) -> bool {
        self.valid_until.is_none_or(|end| end > clock.now())
    }

    /// Returns how many bytes of memory the body takes.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.memory().map_or(0, Bytes::len)
    }

    /// Returns the body, if it is in memory.
    pub(crate) fn memory(&self) -> Option<&Bytes> {
        match &self.content {
            Content::Memory(bytes) => Some(bytes),
            Content::Blob(_) | Content::Inflated { .. } => None,
        }
    }

    /// Answers a request with these headers.
    ///
    /// # Errors
    /// 416 for a range outside the bytes.
    pub(crate) fn reply(&self, asked: &HeaderMap) -> ApiResult<Reply> {
        let validators = Validators {
            etag: &self.etag,
            modified_at: self.modified_at,
        };
        if validators.is_unchanged_for(asked) {
            return Ok(self.not_modified());
        }
        let part = if self.takes_ranges && validators.allows_range_for(asked) {
            ranges::wanted(asked, self.content.len())?
        } else {
            Part::Whole
        };
        let mut headers = self.headers.clone();
        let (status, range) = match part {
            Part::Whole => (StatusCode::OK, 0..self.content.len()),
            Part::Bytes(range) => {
                let text = ranges::content_range(&range, self.content.len());
                let value = HeaderValue::try_from(text).map_err(ApiError::internal)?;
                headers.insert(header::CONTENT_RANGE, value);
                headers.insert(
                    header::CONTENT_LENGTH,
                    HeaderValue::from(range.end - range.start),
                );
                (StatusCode::PARTIAL_CONTENT, range)
            }
        };
        Ok(Reply {
            status,
            headers,
            sent: self.content.part(range),
        })
    }

    /// Answers as [`Self::reply`] does, and says so if it is old.
    ///
    /// # Errors
    /// As [`Self::reply`].
    pub(crate) fn reply_of_age(&self, asked: &HeaderMap, clock: &dyn Clock) -> ApiResult<Reply> {
        let mut reply = self.reply(asked)?;
        if self.staleness(clock) != Staleness::Fresh {
            // Source: RFC 7234, section 5.5.1.
            reply.headers.insert(header::WARNING, IS_STALE);
        }
        Ok(reply)
    }

    fn not_modified(&self) -> Reply {
        let kept = OF_NOT_MODIFIED
            .into_iter()
            .filter_map(|name| Some((name.clone(), self.headers.get(&name)?.clone())));
        Reply {
            status: StatusCode::NOT_MODIFIED,
            headers: kept.collect(),
            sent: Sent::Nothing,
        }
    }
}

impl Content {
    /// Returns the number of bytes.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Blob((_, size)) | Self::Inflated { size, .. } => *size,
        }
    }

    /// Reads all of it into memory.
    ///
    /// # Errors
    /// If a blob that a row promises is not there or cannot be read.
    pub(crate) async fn into_memory(self, store: &Store) -> ApiResult<Self> {
        let pieces = match self {
            Self::Memory(_) => return Ok(self),
            Self::Blob(stored) => read(store, stored, None).await?,
            Self::Inflated { gzip, .. } => inflate(read(store, gzip, None).await?).boxed(),
        };
        let all = pieces.try_fold(BytesMut::new(), async |mut all, piece| {
            all.extend_from_slice(&piece);
            Ok(all)
        });
        Ok(Self::Memory(
            all.await.map_err(ApiError::internal)?.freeze(),
        ))
    }

    fn part(&self, range: Range<u64>) -> Sent {
        match self {
            Self::Memory(bytes) => {
                let at = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).min(bytes.len());
                Sent::Memory(bytes.slice(at(range.start)..at(range.end)))
            }
            Self::Blob(stored) => Sent::Blob(*stored, range),
            // Only documents are inflated, and documents have no parts.
            Self::Inflated { gzip, .. } => Sent::Inflated(*gzip),
        }
    }
}

impl Reply {
    /// Opens what is to be sent; for HEAD nothing is opened.
    ///
    /// # Errors
    /// If a blob that a row promises is not there or cannot be read.
    pub(crate) async fn open(self, store: &Store, is_head: bool) -> ApiResult<poem::Response> {
        let body = match self.sent {
            Sent::Nothing => Body::empty(),
            Sent::Memory(bytes) => Body::from(bytes),
            Sent::Blob(..) | Sent::Inflated(_) if is_head => Body::empty(),
            Sent::Blob(wanted, range) => {
                Body::from_bytes_stream(read(store, wanted, Some(range)).await?)
            }
            Sent::Inflated(gzip) => {
                Body::from_bytes_stream(inflate(read(store, gzip, None).await?))
            }
        };
        let mut response = poem::Response::builder().status(self.status).body(body);
        *response.headers_mut() = self.headers;
        Ok(response)
    }
}

/// Opens a blob that a row promises; what goes wrong later is logged and ends the stream.
///
/// # Errors
/// If it is not there or cannot be opened.
pub(super) async fn read(
    store: &Store,
    stored: Stored,
    range: Option<Range<u64>>,
) -> ApiResult<BoxStream<'static, std::io::Result<Bytes>>> {
    let digest = stored.0;
    let read = store.open_held(stored, range).await?;
    let logged = read.stream.inspect_err(move |error| {
        tracing::error!(%digest, %error, "a blob could not be read to its end");
    });
    Ok(logged.boxed())
}

#[cfg(test)]
impl Ready {
    /// An answer of this text.
    pub(crate) fn in_memory(text: &'static str) -> Self {
        let content = Content::Memory(Bytes::from_static(text.as_bytes()));
        Self::new(format!("\"{text}\""), content).expect("a plain tag")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().expect("header")))
            .collect()
    }

    fn sent(reply: &Reply) -> &[u8] {
        match &reply.sent {
            Sent::Memory(bytes) => bytes,
            _ => b"",
        }
    }

    #[test]
    fn a_part_has_its_own_length_and_place() {
        let ready = Ready::in_memory("0123456789").with_ranges();
        let reply = ready
            .reply(&asked(&[(header::RANGE, "bytes=2-4")]))
            .expect("inside");
        assert_eq!(reply.status, StatusCode::PARTIAL_CONTENT);
        assert_eq!(sent(&reply), b"234");
        assert_eq!(reply.headers["content-range"], "bytes 2-4/10");
        assert_eq!(reply.headers["content-length"], "3");
        assert!(
            ready
                .reply(&asked(&[(header::RANGE, "bytes=10-")]))
                .is_err()
        );
    }

    #[test]
    fn a_document_has_no_parts() {
        let ready = Ready::in_memory("0123456789");
        let reply = ready
            .reply(&asked(&[(header::RANGE, "bytes=2-4")]))
            .expect("whole");
        assert_eq!((reply.status, sent(&reply).len()), (StatusCode::OK, 10));
    }

    #[test]
    fn a_304_comes_before_any_range_and_has_no_length() {
        let ready = Ready::in_memory("x")
            .with_ranges()
            .with(header::VARY, "accept");
        let headers = asked(&[
            (header::RANGE, "bytes=7-"),
            (header::IF_NONE_MATCH, "\"x\""),
        ]);
        let reply = ready.reply(&headers).expect("unchanged");
        assert_eq!(reply.status, StatusCode::NOT_MODIFIED);
        assert!(!reply.headers.contains_key("content-length"));
        assert_eq!(reply.headers["vary"], "accept");
        assert_eq!(reply.headers["etag"], "\"x\"");
    }
}
