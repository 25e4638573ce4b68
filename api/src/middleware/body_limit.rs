//! How many bytes of a request's body are read, and what becomes of the rest.
//!
//! A declared length over the limit is refused before anything is read; an undeclared one
//! when it gets there. What a handler leaves unread is read and thrown away, within
//! bounds, before the answer goes out: a socket closed over unread bytes is reset, and the
//! client would never see why it was refused.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, combinators::BoxBody};
use hyper::body::Incoming;

/// Most bytes of a body, unless its route says otherwise.
pub(crate) const DEFAULT_BYTES: u64 = 1024 * 1024;
/// Most bytes of a security audit, as sent and after inflating: a tree of 10,000 packages has
/// three million.
pub(crate) const AUDIT_BYTES: u64 = 16 * 1024 * 1024;
/// Most bytes of what is said to and of a registry; events come unasked.
const REGISTRY_BYTES: u64 = 64 * 1024;
/// Routes, by how their paths begin, that read more or less than others.
const ROUTES: [(&str, u64); 2] = [
    ("/-/npm/v1/security/", AUDIT_BYTES),
    ("/-/registry/", REGISTRY_BYTES),
];

/// Returns how many bytes the body of a request to `path` may have.
pub(crate) fn limit_of(path: &str) -> u64 {
    let known = ROUTES.iter().find(|(prefix, _)| path.starts_with(prefix));
    known.map_or(DEFAULT_BYTES, |(_, bytes)| *bytes)
}

/// Most bytes, and longest time, spent on reading what nobody wants.
const DRAIN_BYTES: u64 = 8 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(2);

/// A body ran into its limit.
#[derive(Debug, thiserror::Error)]
#[error("the body is over its limit")]
pub(crate) struct OverLimit;

/// A body that both a handler and, afterwards, the front can read.
#[derive(Debug, Clone)]
pub(crate) struct Shared(Arc<Mutex<Intake>>);

#[derive(Debug)]
struct Intake {
    body: Incoming,
    left: u64,
    is_over: bool,
    was_read: bool,
}

impl Shared {
    /// Takes a body of which at most `limit` bytes may be read.
    pub(crate) fn new(body: Incoming, limit: u64) -> Self {
        Self(Arc::new(Mutex::new(Intake {
            is_over: false,
            body,
            left: limit,
            was_read: false,
        })))
    }

    /// Returns the body for the handler.
    pub(crate) fn for_handler(&self) -> poem::Body {
        BoxBody::new(self.clone()).into()
    }

    /// Reads on to the end, within bounds. A client that waits for leave to send
    /// (`expect: 100-continue`) and never got it is not made to.
    pub(crate) async fn drain(&mut self, awaits_leave: bool) {
        {
            let mut intake = self.lock();
            if intake.body.is_end_stream() || (awaits_leave && !intake.was_read) {
                return;
            }
            intake.is_over = false;
            intake.left = DRAIN_BYTES;
        }
        let reading = async { while let Some(Ok(_)) = self.frame().await {} };
        // Whether it ended or not, the answer goes out now.
        let _ = tokio::time::timeout(DRAIN_TIME, reading).await;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Intake> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Body for Shared {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let mut intake = self.lock();
        if intake.is_over {
            return Poll::Ready(Some(Err(std::io::Error::other(OverLimit))));
        }
        intake.was_read = true;
        let frame = std::task::ready!(Pin::new(&mut intake.body).poll_frame(cx));
        let Some(frame) = frame else {
            return Poll::Ready(None);
        };
        let frame = frame.map_err(std::io::Error::other)?;
        let len = frame.data_ref().map_or(0, |data| data.len() as u64);
        if len > intake.left {
            intake.is_over = true;
            return Poll::Ready(Some(Err(std::io::Error::other(OverLimit))));
        }
        intake.left -= len;
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        let intake = self.lock();
        !intake.is_over && intake.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.lock().body.size_hint()
    }
}
