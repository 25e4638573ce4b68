//! A body as it comes in: counted, timed, and never believed to be whole before its end.
//!
//! Only time spent waiting for upstream counts against it, so a slow reader on our side
//! does not make a fast upstream look slow.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream, StreamExt};
use tokio::time::timeout;

use super::trace::Trace;
use crate::{Phase, Place, Timeouts, UpstreamError, error::root_cause, limit::Permit};

/// The bytes of an answer, still encoded as they came.
#[derive(Debug)]
pub(crate) struct Body {
    response: reqwest::Response,
    timeouts: Timeouts,
    meter: Meter,
    content_length: Option<u64>,
    _permit: Permit,
}

/// Counts what comes, and how fast.
#[derive(Debug)]
pub(super) struct Meter {
    place: Place,
    trace: Trace,
    max_bytes: u64,
    window_bytes: u64,
    window_waited: Duration,
}

impl Meter {
    pub(super) fn new(place: Place, mut trace: Trace, max_bytes: u64) -> Self {
        trace.outcome = "broken off";
        Self {
            place,
            trace,
            max_bytes,
            window_bytes: 0,
            window_waited: Duration::ZERO,
        }
    }

    /// Counts a piece that took `waited` to come.
    fn count(
        &mut self,
        bytes: usize,
        waited: Duration,
        limits: &Timeouts,
    ) -> Result<(), UpstreamError> {
        let bytes = bytes as u64;
        self.trace.received_bytes += bytes;
        self.window_bytes += bytes;
        self.window_waited += waited;
        if self.trace.received_bytes > self.max_bytes {
            return Err(UpstreamError::TooLarge {
                place: self.place.clone(),
                what: "the answer",
                limit: self.max_bytes,
            });
        }
        if self.window_waited >= limits.rate_window {
            let waited_ms = u64::try_from(self.window_waited.as_millis()).unwrap_or(u64::MAX);
            let least = limits.min_bytes_per_second.saturating_mul(waited_ms) / 1000;
            if self.window_bytes < least {
                return Err(UpstreamError::TimedOut {
                    place: self.place.clone(),
                    phase: Phase::Rate,
                    limit: limits.rate_window,
                });
            }
            self.window_bytes = 0;
            self.window_waited = Duration::ZERO;
        }
        Ok(())
    }

    fn interrupted(&self, why: String) -> UpstreamError {
        UpstreamError::Interrupted {
            place: self.place.clone(),
            received_bytes: self.trace.received_bytes,
            why,
        }
    }
}

impl Body {
    pub(super) fn new(
        response: reqwest::Response,
        permit: Permit,
        meter: Meter,
        timeouts: Timeouts,
    ) -> Self {
        Self {
            content_length: response.content_length(),
            response,
            timeouts,
            meter,
            _permit: permit,
        }
    }

    /// Returns the length upstream announced.
    pub(crate) fn content_length(&self) -> Option<u64> {
        self.content_length
    }

    /// Returns how many bytes have come so far.
    pub(crate) fn received_bytes(&self) -> u64 {
        self.meter.trace.received_bytes
    }

    /// Waits for the next piece; `None` is the proven end.
    ///
    /// # Errors
    /// A body that breaks off, falls silent, drips or grows beyond its limit.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, UpstreamError> {
        let began = Instant::now();
        let silence = self.timeouts.silence;
        let piece = match timeout(silence, self.response.chunk()).await {
            Ok(Ok(piece)) => piece,
            Ok(Err(error)) => return Err(self.meter.interrupted(root_cause(&error))),
            Err(_) => {
                return Err(UpstreamError::TimedOut {
                    place: self.meter.place.clone(),
                    phase: Phase::Silence,
                    limit: silence,
                });
            }
        };
        let Some(piece) = piece else {
            let received = self.meter.trace.received_bytes;
            return match self.content_length {
                Some(expected) if expected != received => {
                    let why = format!("{expected} bytes were announced");
                    Err(self.meter.interrupted(why))
                }
                _ => {
                    self.meter.trace.outcome = "whole";
                    Ok(None)
                }
            };
        };
        self.meter
            .count(piece.len(), began.elapsed(), &self.timeouts)?;
        Ok(Some(piece))
    }

    /// Waits for all of it; what may be large is not read so.
    ///
    /// # Errors
    /// As [`Body::next`].
    pub(crate) async fn read(&mut self) -> Result<Bytes, UpstreamError> {
        let mut bytes = BytesMut::new();
        while let Some(piece) = self.next().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes.freeze())
    }

    /// Turns into a stream that ends after the first error.
    pub(crate) fn into_stream(self) -> BoxStream<'static, Result<Bytes, UpstreamError>> {
        stream::unfold(Some(self), |body| async move {
            let mut body = body?;
            match body.next().await {
                Ok(Some(piece)) => Some((Ok(piece), Some(body))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        })
        .boxed()
    }
}
