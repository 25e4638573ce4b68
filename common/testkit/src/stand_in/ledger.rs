//! Everything that was asked of a stand-in, in order of arrival.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use http::{HeaderMap, request::Parts, uri::PathAndQuery};

use super::Wanted;

/// One request as it came, and how far its answer got.
#[derive(Debug, Clone)]
pub struct Entry {
    /// `GET`, `HEAD`, `POST`, …
    pub method: String,
    /// Path and query as the client wrote them.
    pub path: String,
    /// What it asks for.
    pub wanted: Wanted,
    /// The client's headers.
    pub headers: HeaderMap,
    /// The answer's status; 0 while there is none.
    pub status: u16,
    /// Bytes of body handed to the connection so far.
    pub bytes_sent: u64,
    /// When it came, counted from the stand-in's start.
    pub at: Duration,
    /// Whether it asked for something the stand-in has never heard of.
    pub is_unexpected: bool,
}

/// The live side of an [`Entry`].
#[derive(Debug)]
pub(super) struct Line {
    first: Entry,
    status: AtomicU16,
    bytes_sent: AtomicU64,
    is_unexpected: AtomicBool,
}

impl Line {
    pub fn answered(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    pub fn sent(&self, bytes: usize) {
        self.bytes_sent.fetch_add(bytes as u64, Ordering::SeqCst);
    }

    pub fn unexpected(&self) {
        self.is_unexpected.store(true, Ordering::SeqCst);
    }

    fn entry(&self) -> Entry {
        Entry {
            status: self.status.load(Ordering::SeqCst),
            bytes_sent: self.bytes_sent.load(Ordering::SeqCst),
            is_unexpected: self.is_unexpected.load(Ordering::SeqCst),
            ..self.first.clone()
        }
    }
}

/// The requests of one stand-in.
#[derive(Debug)]
pub struct Ledger {
    start: Instant,
    lines: Mutex<Vec<Arc<Line>>>,
}

impl Ledger {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            lines: Mutex::default(),
        }
    }

    /// Writes down a request that just came.
    pub(super) fn enter(&self, request: &Parts, wanted: &Wanted) -> Arc<Line> {
        let first = Entry {
            method: request.method.to_string(),
            path: request
                .uri
                .path_and_query()
                .map_or("/", PathAndQuery::as_str)
                .to_owned(),
            wanted: wanted.clone(),
            headers: request.headers.clone(),
            status: 0,
            bytes_sent: 0,
            at: self.start.elapsed(),
            is_unexpected: false,
        };
        let line = Arc::new(Line {
            first,
            status: AtomicU16::new(0),
            bytes_sent: AtomicU64::new(0),
            is_unexpected: AtomicBool::new(false),
        });
        self.lines().push(line.clone());
        line
    }

    /// Returns every request so far.
    pub fn entries(&self) -> Vec<Entry> {
        self.lines().iter().map(|line| line.entry()).collect()
    }

    /// Counts the requests that satisfy `is_meant`.
    pub fn count(&self, is_meant: impl Fn(&Entry) -> bool) -> usize {
        self.lines()
            .iter()
            .filter(|line| is_meant(&line.entry()))
            .count()
    }

    /// Counts the requests for what satisfies `is_meant`.
    pub fn count_wanted(&self, is_meant: impl Fn(&Wanted) -> bool) -> usize {
        self.lines()
            .iter()
            .filter(|line| is_meant(&line.first.wanted))
            .count()
    }

    /// Counts requests by what they asked for (`packument a`, `tarball a@1.0.0`, …).
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for line in self.lines().iter() {
            *counts.entry(line.first.wanted.to_string()).or_default() += 1;
        }
        counts
    }

    /// Counts requests for packuments, of whatever name.
    pub fn packuments(&self) -> usize {
        self.count_wanted(|wanted| matches!(wanted, Wanted::Packument { .. }))
    }

    /// Counts requests for tarballs, of whatever package.
    pub fn tarballs(&self) -> usize {
        self.count_wanted(|wanted| matches!(wanted, Wanted::Tarball { .. }))
    }

    /// Returns the requests for things the stand-in has never heard of.
    pub fn unexpected(&self) -> Vec<Entry> {
        self.entries()
            .into_iter()
            .filter(|entry| entry.is_unexpected)
            .collect()
    }

    /// Fails the test if anything was asked that the stand-in has never heard of.
    pub fn assert_nothing_unexpected(&self) {
        let asked = self.unexpected();
        let asked: Vec<_> = asked
            .iter()
            .map(|e| format!("{} {}", e.method, e.path))
            .collect();
        assert!(
            asked.is_empty(),
            "asked of the stand-in, which knows nothing of it: {asked:#?}"
        );
    }

    /// Forgets everything, for a test that counts from a moment on.
    pub fn clear(&self) {
        self.lines().clear();
    }

    fn lines(&self) -> MutexGuard<'_, Vec<Arc<Line>>> {
        self.lines
            .lock()
            .expect("nobody panics while holding the ledger")
    }
}
