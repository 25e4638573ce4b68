//! The ways in which the store goes wrong, as seen from its clients.

use std::{io, time::Duration};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use http::Response;
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Frame;
use tokio::time::Instant;

/// How long a cut waits so that the bytes before it are on their way.
const BEFORE_CUT: Duration = Duration::from_millis(20);

/// One way to answer other than rightly.
#[derive(Debug, Clone)]
pub enum ObjectFault {
    /// This status with S3's XML and this code.
    Status(u16, &'static str),
    /// What S3 says when two conditional writes of one key meet: neither may be there.
    Conflict,
    /// The connection is cut after so many bytes of the request's body.
    CutRequest(usize),
    /// All is done as asked, and the connection cut instead of an answer.
    NoAnswer,
    /// Nothing is done and nothing answered; the connection stays open.
    Hang,
    /// The connection is cut after so many bytes of the answer's body.
    CutAnswer(usize),
    /// So many bytes of the body come, then none; the connection stays open.
    HangAfter(usize),
    /// The body comes at this many bytes a second.
    Slow(u32),
    /// The byte in the middle of the body is another one.
    Corrupt,
    /// The object is removed first, so that no condition on it fails.
    Forgetful,
}

/// The body of an answer.
pub(super) type Body = UnsyncBoxBody<Bytes, io::Error>;

impl ObjectFault {
    /// Returns the answer that needs nothing of the store.
    pub(super) fn refusal(&self) -> Option<Response<Body>> {
        let (status, code) = match self {
            Self::Status(status, code) => (*status, *code),
            Self::Conflict => (409, "ConditionalRequestConflict"),
            _ => return None,
        };
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code>\
             <Message>as the test's script says</Message></Error>"
        );
        let body = Full::new(Bytes::from(xml)).map_err(|never| match never {});
        let response = Response::builder()
            .status(status)
            .header("content-type", "application/xml");
        Some(
            response
                .body(body.boxed_unsync())
                .expect("a test's status is valid"),
        )
    }

    /// Spoils a body on its way.
    pub(super) async fn spoil(&self, body: s3s::Body) -> Body {
        let pieces = TryStreamExt::map_err(body, io::Error::other);
        match self {
            Self::CutAnswer(bytes) => boxed(first(pieces, *bytes).chain(stream::once(async {
                tokio::time::sleep(BEFORE_CUT).await;
                Err(io::ErrorKind::ConnectionAborted.into())
            }))),
            Self::HangAfter(bytes) => boxed(first(pieces, *bytes).chain(stream::pending())),
            Self::Slow(bytes_per_second) => boxed(paced(pieces, *bytes_per_second)),
            Self::Corrupt => {
                let all: Vec<Bytes> = pieces.try_collect().await.expect("the store reads a file");
                let mut all = all.concat();
                let middle = all.len() / 2;
                if let Some(byte) = all.get_mut(middle) {
                    *byte ^= 0x01;
                }
                boxed(stream::iter([Ok(all.into())]))
            }
            _ => boxed(pieces),
        }
    }
}

/// Returns a body as the store made it.
pub(super) fn whole(body: s3s::Body) -> Body {
    BodyExt::map_err(body, io::Error::other).boxed_unsync()
}

fn boxed(pieces: impl futures::Stream<Item = io::Result<Bytes>> + Send + 'static) -> Body {
    StreamBody::new(pieces.map_ok(Frame::data)).boxed_unsync()
}

/// The first so many bytes of a stream.
fn first(
    pieces: impl futures::Stream<Item = io::Result<Bytes>> + Send + 'static,
    bytes: usize,
) -> impl futures::Stream<Item = io::Result<Bytes>> + Send {
    pieces.scan(bytes, |left, piece| {
        let piece = piece.map(|piece| piece.slice(..piece.len().min(*left)));
        let taken = piece.as_ref().map_or(0, Bytes::len);
        let is_over = *left == 0;
        *left -= taken;
        std::future::ready((!is_over).then_some(piece))
    })
}

/// Sends each piece when it is due.
fn paced(
    pieces: impl futures::Stream<Item = io::Result<Bytes>> + Send + 'static,
    bytes_per_second: u32,
) -> impl futures::Stream<Item = io::Result<Bytes>> + Send {
    let began = Instant::now();
    let mut sent = 0;
    pieces.then(move |piece| {
        sent += piece.as_ref().map_or(0, Bytes::len);
        let sent = u32::try_from(sent).unwrap_or(u32::MAX);
        let due = began + Duration::from_secs(1) * sent / bytes_per_second;
        async move {
            tokio::time::sleep_until(due).await;
            piece
        }
    })
}
