//! What goes on: upstream changes, readers read.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use anyhow::ensure;
use futures::future::try_join_all;
use rand::{Rng, SeedableRng, rngs::StdRng};
use weir_testkit::{StandIn, client::Connection};
use weir_tests::system::ABBREVIATED;

use super::Options;

/// Of so many changes one is a new version, which stays.
const PUBLISHED: u64 = 50;
/// Reads over one connection.
const READS: usize = 100;
/// Between two reads of a reader.
const PAUSE: Duration = Duration::from_millis(5);
/// Names that upstream does not have, asked for now and then.
const ABSENT: usize = 20;

/// The work, and how much of it was done.
pub(super) struct Work<'a> {
    upstream: &'a StandIn,
    names: &'a [String],
    authority: String,
    changes: AtomicU64,
    reads: AtomicU64,
}

impl<'a> Work<'a> {
    pub(super) fn new(upstream: &'a StandIn, names: &'a [String], url: &str) -> Self {
        for n in 0..ABSENT {
            upstream.remove(&format!("absent-{n}"));
        }
        Self {
            upstream,
            names,
            authority: url.replace("http://", ""),
            changes: AtomicU64::new(0),
            reads: AtomicU64::new(0),
        }
    }

    /// Works until it is dropped, or an answer is not as it should be.
    pub(super) async fn go_on(&self, options: &Options) -> anyhow::Result<Infallible> {
        let readers = (0..options.readers).map(|n| self.read(n as u64));
        let reading = try_join_all(readers);
        tokio::select! {
            never = self.change(options.changes) => match never {},
            read = reading => Err(read.expect_err("readers read for ever")),
        }
    }

    /// Says how much was done.
    pub(super) fn said(&self, upstream: &StandIn) -> String {
        let [changes, reads] = [&self.changes, &self.reads].map(|n| n.load(Ordering::Relaxed));
        let ledger = upstream.ledger();
        let (packuments, tarballs) = (ledger.packuments(), ledger.tarballs());
        format!(
            "{changes} changes, {reads} reads; upstream was asked for {packuments} packuments \
             and {tarballs} tarballs"
        )
    }

    async fn change(&self, a_second: u32) -> Infallible {
        let mut random = StdRng::seed_from_u64(1);
        let mut clock = tokio::time::interval(Duration::from_secs(1) / a_second.max(1));
        loop {
            clock.tick().await;
            let number = self.changes.fetch_add(1, Ordering::Relaxed) + 1;
            let name = &self.names[random.random_range(0..self.names.len())];
            if number.is_multiple_of(PUBLISHED) {
                let version = format!("2.0.{number}");
                self.upstream
                    .publish(name, &version, |version| version.size(2_000));
            } else {
                let reason = format!("reason {number}");
                self.upstream.deprecate(name, "1.0.0", &reason);
            }
        }
    }

    async fn read(&self, reader: u64) -> anyhow::Result<Infallible> {
        let mut random = StdRng::seed_from_u64(reader);
        loop {
            let mut connection = Connection::open(&self.authority).await?;
            for _ in 0..READS {
                let (path, headers, status) = self.choose(&mut random);
                let reply = connection.get(&path, &headers).await?;
                let answered = reply.status;
                ensure!(answered == status, "{path}: {answered}, {:?}", reply.body);
                self.reads.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Returns what to read next, and the status it must have.
    fn choose(&self, random: &mut StdRng) -> (String, Vec<(&'static str, &'static str)>, u16) {
        // A few are read very often.
        let one = random.random_range(0..self.names.len());
        let name = &self.names[random.random_range(0..=one)];
        let encoding = |value| vec![("accept-encoding", value)];
        match random.random_range(0..20) {
            0 => (
                format!("/absent-{}", random.random_range(0..ABSENT)),
                vec![],
                404,
            ),
            1 => (format!("/{name}/latest"), vec![], 200),
            2 => (format!("/{name}"), vec![], 200),
            3 => ("/-/v1/search?text=flat".to_owned(), vec![], 200),
            4..8 => {
                let version = random.random_range(0..3);
                (format!("/{name}/-/{name}-1.0.{version}.tgz"), vec![], 200)
            }
            8..12 => (format!("/{name}"), encoding("gzip, deflate"), 200),
            12..16 => (format!("/{name}"), encoding("gzip, deflate, br"), 200),
            _ => {
                let mut headers = encoding("zstd,gzip,deflate");
                headers.push(("accept", ABBREVIATED));
                (format!("/{name}"), headers, 200)
            }
        }
    }
}
