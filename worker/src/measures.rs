//! What this worker has run, as figures.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use weir_domain::task::{ErrorCode, TaskKind};
use weir_runtime::metrics::{Histogram, Kind, Page, Source};

/// Upper bounds of a run's duration, in seconds: from a task that finds nothing to do to the
/// longest run there may be.
const BOUNDS: &[f64] = &[
    0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 3600.0,
];

/// How a run ended, for the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The task succeeded.
    Well,
    /// The task is over without success.
    Badly(ErrorCode),
    /// It is tried again.
    ToBeRetried,
    /// Another worker goes on.
    Released,
    /// Another worker had it already.
    Lost,
}

/// The counts of one worker.
#[derive(Debug)]
pub struct Measures {
    kinds: Box<[OfKind]>,
    running: AtomicU64,
}

#[derive(Debug)]
struct OfKind {
    kind: TaskKind,
    well: AtomicU64,
    badly: Box<[AtomicU64]>,
    retried: AtomicU64,
    released: AtomicU64,
    lost: AtomicU64,
    lasted: Histogram,
}

/// A run under way; over when dropped.
#[derive(Debug)]
pub(crate) struct Running<'m>(&'m Measures);

impl Default for Measures {
    fn default() -> Self {
        let of_kind = |kind: &TaskKind| OfKind {
            kind: *kind,
            well: AtomicU64::default(),
            badly: ErrorCode::ALL
                .iter()
                .map(|_| AtomicU64::default())
                .collect(),
            retried: AtomicU64::default(),
            released: AtomicU64::default(),
            lost: AtomicU64::default(),
            lasted: Histogram::new(BOUNDS),
        };
        Self {
            kinds: TaskKind::ALL.iter().map(of_kind).collect(),
            running: AtomicU64::default(),
        }
    }
}

impl Measures {
    /// Counts a run as under way until the answer is dropped.
    pub(crate) fn begin(&self) -> Running<'_> {
        self.running.fetch_add(1, Ordering::Relaxed);
        Running(self)
    }

    /// Counts the end of a run.
    pub(crate) fn ended(&self, kind: TaskKind, ended: Ended) {
        let Some(of_kind) = self.of(kind) else { return };
        let count = match ended {
            Ended::Well => Some(&of_kind.well),
            Ended::Badly(code) => {
                let place = ErrorCode::ALL.iter().position(|known| *known == code);
                place.and_then(|place| of_kind.badly.get(place))
            }
            Ended::ToBeRetried => Some(&of_kind.retried),
            Ended::Released => Some(&of_kind.released),
            Ended::Lost => Some(&of_kind.lost),
        };
        if let Some(count) = count {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes note of how long a run lasted.
    pub(crate) fn lasted(&self, kind: TaskKind, time: Duration) {
        if let Some(of_kind) = self.of(kind) {
            of_kind.lasted.observe(time);
        }
    }

    fn of(&self, kind: TaskKind) -> Option<&OfKind> {
        self.kinds.iter().find(|of_kind| of_kind.kind == kind)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

#[async_trait]
impl Source for Measures {
    async fn measure(&self, page: &mut Page) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        page.family("weir_runs", Kind::Gauge, "Runs under way in this process.")
            .sample(&[], read(&self.running));
        let mut ended = page.family(
            "weir_runs_ended_total",
            Kind::Counter,
            "Runs of this process, by how they ended; `code` says why a task is over without success.",
        );
        for of_kind in &self.kinds {
            let kind = of_kind.kind.as_str();
            let mut one = |outcome, code, count: &AtomicU64| {
                let labels = [("kind", kind), ("outcome", outcome), ("code", code)];
                ended.sample(&labels, read(count));
            };
            one("success", "", &of_kind.well);
            for (code, count) in ErrorCode::ALL.iter().zip(&of_kind.badly) {
                one("error", code.as_str(), count);
            }
            one("retried", "", &of_kind.retried);
            one("released", "", &of_kind.released);
            one("lost", "", &of_kind.lost);
        }
        let mut lasted = page.family(
            "weir_run_duration_seconds",
            Kind::Histogram,
            "How long runs of this process lasted.",
        );
        for of_kind in &self.kinds {
            lasted.histogram(&[("kind", of_kind.kind.as_str())], &of_kind.lasted);
        }
    }
}
