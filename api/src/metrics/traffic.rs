//! What was asked over HTTP, and how it was answered: atomics in fixed places.
//!
//! A request is counted under the template of its route, never under its path, so what is
//! counted does not grow with what callers think of. The place of a documented operation is
//! found by its id after the router found it; what lies ready in memory never meets the
//! router and knows its place beforehand.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use async_trait::async_trait;
use poem_openapi::OperationId;
use weir_runtime::metrics::{Histogram, Kind, Page, Source};

use crate::{routes, serve::Wires};

/// Upper bounds of the time until an answer begins, in seconds: from what lies in memory to
/// what is fetched first.
const BOUNDS: &[f64] = &[
    0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0,
];

/// Statuses counted apart; any other is counted as `other`.
const STATUSES: [u16; 26] = [
    200, 201, 202, 204, 206, 302, 304, 400, 401, 403, 404, 405, 406, 408, 409, 413, 415, 416, 422,
    429, 451, 500, 501, 502, 503, 504,
];

/// Where a request is counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Routed(usize);

/// What is looked for on the shelf.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shelved {
    /// A rendered document.
    Packument,
    /// A tarball.
    Tarball,
}

/// The counts of the HTTP process.
#[derive(Debug)]
pub(crate) struct Traffic {
    routes: Box<[Route]>,
    by_operation: HashMap<&'static str, usize>,
    /// Where each of [`Shelved`] is counted when it lies ready.
    ready: [usize; 2],
    /// For each of [`Shelved`]: misses and hits.
    shelf: [[AtomicU64; 2]; 2],
    /// Connections and bytes.
    pub(crate) wires: Arc<Wires>,
}

#[derive(Debug)]
struct Route {
    method: &'static str,
    template: String,
    statuses: Box<[AtomicU64]>,
    lasted: Histogram,
}

impl Route {
    fn new(method: &'static str, template: String) -> Self {
        Self {
            method,
            template,
            statuses: (0..=STATUSES.len()).map(|_| AtomicU64::new(0)).collect(),
            lasted: Histogram::new(BOUNDS),
        }
    }
}

impl Default for Traffic {
    fn default() -> Self {
        // First what is not documented, or not there at all.
        let mut all = vec![Route::new("any", "other".to_owned())];
        let mut by_operation = HashMap::new();
        for (method, template, id) in routes::operations() {
            by_operation.insert(id, all.len());
            all.push(Route::new(method, template));
        }
        let place = |id| by_operation.get(id).copied().unwrap_or_default();
        Self {
            routes: all.into(),
            ready: [place("show_packument"), place("download_tarball")],
            by_operation,
            shelf: Default::default(),
            wires: Arc::default(),
        }
    }
}

impl Traffic {
    /// The place of what no documented operation answered.
    pub(crate) const OTHER: Routed = Routed(0);

    /// Returns the place of an operation, if the router found one.
    pub(crate) fn place(&self, operation: Option<&OperationId>) -> Routed {
        let known = operation.and_then(|operation| self.by_operation.get(operation.0));
        Routed(known.copied().unwrap_or_default())
    }

    /// Returns the place of what lies ready.
    pub(crate) fn shelved(&self, what: Shelved) -> Routed {
        Routed(self.ready[what as usize])
    }

    /// Counts an answer, and how long it took to begin.
    pub(crate) fn answered(&self, routed: Routed, status: u16, took: Duration) {
        let Some(route) = self.routes.get(routed.0) else {
            return;
        };
        // The first one is what is answered most.
        let place = STATUSES.iter().position(|known| *known == status);
        let place = place.unwrap_or(STATUSES.len());
        route.statuses[place].fetch_add(1, Relaxed);
        route.lasted.observe(took);
    }

    /// Counts a look at the shelf.
    pub(crate) fn looked(&self, what: Shelved, is_hit: bool) {
        self.shelf[what as usize][usize::from(is_hit)].fetch_add(1, Relaxed);
    }
}

#[async_trait]
impl Source for Traffic {
    async fn measure(&self, page: &mut Page) {
        self.measure_requests(page);
        let mut shelf = page.family(
            "weir_shelf_lookups_total",
            Kind::Counter,
            "Looks for an answer kept ready in memory.",
        );
        for (what, counts) in ["packument", "tarball"].into_iter().zip(&self.shelf) {
            for (outcome, count) in ["miss", "hit"].into_iter().zip(counts) {
                shelf.sample(&[("what", what), ("outcome", outcome)], count.load(Relaxed));
            }
        }
        let about = "Connections of clients that are open.";
        page.family("weir_http_connections", Kind::Gauge, about)
            .sample(&[], self.wires.open.load(Relaxed));
        let about = "Connections closed at once because there were too many.";
        page.family("weir_http_connections_refused_total", Kind::Counter, about)
            .sample(&[], self.wires.refused.load(Relaxed));
        let about = "Bytes received from clients.";
        page.family("weir_http_received_bytes_total", Kind::Counter, about)
            .sample(&[], self.wires.received.load(Relaxed));
        let about = "Bytes sent to clients.";
        page.family("weir_http_sent_bytes_total", Kind::Counter, about)
            .sample(&[], self.wires.sent.load(Relaxed));
    }
}

impl Traffic {
    /// Writes what was asked so far; a route that nobody asked for is left out.
    fn measure_requests(&self, page: &mut Page) {
        let mut requests = page.family(
            "weir_http_requests_total",
            Kind::Counter,
            "Answered requests, by the template of their route.",
        );
        let mut asked = Vec::new();
        for route in &self.routes {
            let labels = [("route", route.template.as_str()), ("method", route.method)];
            let words = STATUSES.iter().map(u16::to_string);
            let words = words.chain(["other".to_owned()]);
            let counts = route.statuses.iter().map(|count| count.load(Relaxed));
            let counted: Vec<_> = words.zip(counts).filter(|(_, count)| *count > 0).collect();
            for (status, count) in &counted {
                requests.sample(&[labels[0], labels[1], ("status", status)], count);
            }
            if !counted.is_empty() {
                asked.push((labels, &route.lasted));
            }
        }
        let mut lasted = page.family(
            "weir_http_request_duration_seconds",
            Kind::Histogram,
            "Time until an answer began.",
        );
        for (labels, histogram) in asked {
            lasted.histogram(&labels, histogram);
        }
    }
}
