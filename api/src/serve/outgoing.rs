//! What goes out as a body: ready bytes, or whatever stream poem made.
//!
//! Ready bytes are kept apart so that a cached answer is written without boxing.
//! [`Counted`] keeps its request's ticket until the last byte was taken or the
//! connection died; the socket needs that to tell idle from busy.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{Full, combinators::BoxBody};

use super::socket::Ticket;

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// All of it, in memory.
    Ready(Full<Bytes>),
    /// A stream.
    Streamed(BoxBody<Bytes, std::io::Error>),
}

impl From<Bytes> for Outgoing {
    fn from(bytes: Bytes) -> Self {
        Self::Ready(Full::new(bytes))
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.get_mut() {
            Self::Ready(full) => Pin::new(full)
                .poll_frame(cx)
                .map_err(|never| match never {}),
            Self::Streamed(stream) => Pin::new(stream).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Ready(full) => full.is_end_stream(),
            Self::Streamed(stream) => stream.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Ready(full) => full.size_hint(),
            Self::Streamed(stream) => stream.size_hint(),
        }
    }
}

/// A body that counts as a request in flight while it lives.
#[derive(Debug)]
pub(super) struct Counted {
    body: Outgoing,
    _ticket: Ticket,
}

impl Counted {
    pub(super) fn new(body: Outgoing, ticket: Ticket) -> Self {
        Self {
            body,
            _ticket: ticket,
        }
    }
}

impl Body for Counted {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
