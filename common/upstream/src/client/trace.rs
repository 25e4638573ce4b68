//! One span a request, closed when its last byte is in or its answer is dropped.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tracing::{Span, field::Empty};

use crate::{Place, traffic::HostTraffic};

/// The span `upstream_request`; tells status, duration and bytes in the end.
#[derive(Debug)]
pub(super) struct Trace {
    span: Span,
    began: Instant,
    traffic: Arc<HostTraffic>,
    pub(super) received_bytes: u64,
    /// Half a sentence for the closing line.
    pub(super) outcome: &'static str,
}

impl Trace {
    pub(super) fn begin(place: &Place, traffic: Arc<HostTraffic>) -> Self {
        let span = tracing::info_span!(
            "upstream_request",
            host = %place.host,
            path = %place.path,
            status = Empty,
            duration_ms = Empty,
            bytes = Empty,
        );
        Self {
            span,
            began: Instant::now(),
            traffic,
            received_bytes: 0,
            outcome: "no answer",
        }
    }

    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    pub(super) fn answered(&mut self, status: u16) {
        self.span.record("status", status);
        self.outcome = "headers only";
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        self.span
            .record("duration_ms", millis(self.began.elapsed()));
        self.span.record("bytes", self.received_bytes);
        self.traffic.received(self.received_bytes);
        tracing::debug!(parent: &self.span, outcome = self.outcome, "upstream request ended");
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
