//! What the database and the caches hold, as figures; read when asked for, and not too often.

use std::time::Duration;

use async_trait::async_trait;
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};
use weir_runtime::metrics::{Kind, Page, Source};
use weir_store::{
    StoreError, blobs, clock,
    tasks::{self, KindCount},
};

use crate::app::Running;

/// How long the sums over all blobs are kept: each reads every row.
const BLOBS_KEPT: Duration = Duration::from_secs(300);
/// Longest time the database has; a page without its figures is better than none.
const PATIENCE: Duration = Duration::from_secs(5);

/// The figures of what is stored.
#[derive(Debug)]
pub(crate) struct Stored {
    running: Running,
    blobs: Mutex<Option<(Instant, Vec<blobs::Total>)>>,
}

#[derive(Debug, Default)]
struct Read {
    tasks: Vec<KindCount>,
    /// Kind and age in milliseconds.
    oldest: Vec<(String, i64)>,
    blobs: Vec<blobs::Total>,
}

impl Stored {
    pub(crate) fn new(running: Running) -> Self {
        Self {
            running,
            blobs: Mutex::default(),
        }
    }

    async fn read(&self) -> Result<Read, StoreError> {
        let db = self.running.reader();
        let now = clock::now(db).await?;
        let oldest = tasks::oldest_ready(db).await?.into_iter();
        Ok(Read {
            tasks: tasks::counts_by_kind(db).await?,
            oldest: oldest
                .map(|oldest| (oldest.kind, (now.0 - oldest.ready_at).max(0)))
                .collect(),
            blobs: self.blobs().await?,
        })
    }

    async fn blobs(&self) -> Result<Vec<blobs::Total>, StoreError> {
        let mut kept = self.blobs.lock().await;
        if let Some((at, totals)) = &*kept
            && at.elapsed() < BLOBS_KEPT
        {
            return Ok(totals.clone());
        }
        let totals = blobs::totals(self.running.reader()).await?;
        *kept = Some((Instant::now(), totals.clone()));
        Ok(totals)
    }
}

#[async_trait]
impl Source for Stored {
    async fn measure(&self, page: &mut Page) {
        let read = timeout(PATIENCE, self.read()).await;
        let read = read.ok().and_then(Result::ok);
        let about = "1 if the database answered for this page.";
        page.family("weir_database_answers", Kind::Gauge, about)
            .sample(&[], u8::from(read.is_some()));
        let read = read.unwrap_or_default();
        let about = "Tasks by state; those that wait are the queue.";
        let mut tasks = page.family("weir_tasks", Kind::Gauge, about);
        for count in &read.tasks {
            let labels = [
                ("kind", count.kind.as_str()),
                ("state", count.state.as_str()),
            ];
            tasks.sample(&labels, count.n);
        }
        let about = "How long the oldest task that is ready waits for a worker.";
        let mut oldest = page.family("weir_queue_oldest_ready_seconds", Kind::Gauge, about);
        for (kind, ms) in &read.oldest {
            let seconds = Duration::from_millis(u64::try_from(*ms).unwrap_or(0)).as_secs_f64();
            oldest.sample(&[("kind", kind)], seconds);
        }
        let about = "Stored blobs by state; up to five minutes old.";
        let mut count = page.family("weir_blobs", Kind::Gauge, about);
        for total in &read.blobs {
            count.sample(&[("state", &total.state)], total.count);
        }
        let about = "Bytes of stored blobs by state; up to five minutes old.";
        let mut bytes = page.family("weir_blob_bytes", Kind::Gauge, about);
        for total in &read.blobs {
            bytes.sample(&[("state", &total.state)], total.bytes);
        }
        let (entries, bytes) = self.running.shelf.size();
        let about = "Bytes of answers kept ready in memory.";
        page.family("weir_shelf_bytes", Kind::Gauge, about)
            .sample(&[], bytes);
        let about = "Answers kept ready in memory.";
        page.family("weir_shelf_entries", Kind::Gauge, about)
            .sample(&[], entries);
        let about = "Clients that follow the log of a task.";
        page.family("weir_log_followers", Kind::Gauge, about)
            .sample(&[], self.running.followers.taken());
        let about = "Requests refused because their caller had too many of them.";
        let mut refused = page.family("weir_http_limited_total", Kind::Counter, about);
        for (class, count) in self.running.buckets.refused() {
            refused.sample(&[("class", class.as_str())], count);
        }
        let about = "Password hashes computed: tries, right or wrong, and new passwords.";
        page.family("weir_password_hashes_total", Kind::Counter, about)
            .sample(&[], self.running.passwords.cores.computed());
        let about = "Tasks whose changes this process waits for.";
        page.family("weir_watched_tasks", Kind::Gauge, about)
            .sample(&[], self.running.app.hub.watched_count());
    }
}
