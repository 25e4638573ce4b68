//! How an answer's bytes go out: whole, cut, stalled, spoilt or slow; and counted.

use std::{convert::identity, io, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use http::Response;
use http_body_util::{StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Frame;

use super::{Fault, answer::Answer, ledger::Line};

/// The largest piece handed to the connection at once.
const PIECE_BYTES: usize = 64 * 1024;
/// How long a cut waits so that the bytes before it are on their way.
const BEFORE_CUT: Duration = Duration::from_millis(20);
/// The pace of [`Fault::Slow`].
const SLOW_TICK: Duration = Duration::from_millis(50);

/// The body of an answer.
pub(super) type Body = UnsyncBoxBody<Bytes, io::Error>;
pub(crate) type Pieces = BoxStream<'static, io::Result<Bytes>>;

/// Turns an answer into a response, spoilt on the way as `fault` says.
pub(super) fn response(answer: Answer, fault: &Fault, line: Arc<Line>) -> Response<Body> {
    let Answer {
        status,
        headers,
        body,
    } = answer;
    let half = body.len() / 2;
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    if !matches!(fault, Fault::TruncatedChunked) && status != 304 {
        response = response.header("content-length", body.len());
    }
    let pieces = match fault {
        Fault::Truncated | Fault::TruncatedChunked => cut(body.slice(..half)),
        Fault::HangAfter(bytes) => whole(body.slice(..half.min(*bytes)))
            .chain(stream::pending())
            .boxed(),
        Fault::Corrupt => whole(spoilt(&body)),
        Fault::Slow(bytes_per_second) => slow(body, *bytes_per_second),
        _ => whole(body),
    };
    line.answered(status);
    let counted = pieces
        .inspect_ok(move |piece| line.sent(piece.len()))
        .map_ok(Frame::data);
    let body = UnsyncBoxBody::new(StreamBody::new(counted));
    response
        .body(body)
        .expect("a test's status and headers are valid")
}

pub(crate) fn whole(body: Bytes) -> Pieces {
    pieces(body, PIECE_BYTES).map(Ok).boxed()
}

pub(crate) fn cut(body: Bytes) -> Pieces {
    let end = stream::once(async {
        tokio::time::sleep(BEFORE_CUT).await;
        Err(io::Error::new(
            io::ErrorKind::ConnectionAborted,
            "cut by the test's script",
        ))
    });
    whole(body).chain(end).boxed()
}

pub(crate) fn slow(body: Bytes, bytes_per_second: usize) -> Pieces {
    let ticks_per_second = 1000 / usize::try_from(SLOW_TICK.as_millis()).map_or(50, identity);
    let size = (bytes_per_second / ticks_per_second).max(1);
    let paced = pieces(body, size).then(|piece| async {
        tokio::time::sleep(SLOW_TICK).await;
        Ok(piece)
    });
    paced.boxed()
}

fn pieces(body: Bytes, size: usize) -> impl futures::Stream<Item = Bytes> + Send {
    stream::unfold(body, move |mut rest| async move {
        (!rest.is_empty()).then(|| (rest.split_to(size.min(rest.len())), rest))
    })
}

pub(crate) fn spoilt(body: &Bytes) -> Bytes {
    let mut bytes = body.to_vec();
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 0x01;
    }
    bytes.into()
}
