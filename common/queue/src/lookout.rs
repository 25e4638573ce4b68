//! Looks into the database for what other processes did: the hints that need no messenger.
//!
//! Two looks, each one query: what caches must forget, and which of the watched tasks
//! changed. A messenger's hint only makes a look come sooner. The first look (and one that
//! finds a gap, because rows went while nobody looked) forgets everything there is.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use weir_domain::TaskId;
use weir_store::{
    ConnectionTrait, Db, StoreError, Topic,
    invalidations::{self, PAGE},
    sequences::{self, Sequence},
    task_logs::{self, Mark},
};

use crate::Hub;

/// Between two looks for invalidations.
const INVALIDATIONS: Duration = Duration::from_millis(200);
/// After a look that failed.
const PAUSE: Duration = Duration::from_millis(200);

/// Looks until dropped.
pub(crate) async fn look(hub: &Hub, db: &Db) {
    tokio::join!(tail(hub, db), observe(hub, db));
}

/// Has caches forget what the table says, however often its reads fail.
async fn tail(hub: &Hub, db: &Db) {
    let mut tail = Tail::new(hub);
    let mut is_failing = false;
    loop {
        // A connection of its own: a crowd of readers must not look like a database away.
        let Err(error) =
            async { tail.read_on(&db.own_reader().await?, &mut is_failing).await }.await;
        if !is_failing {
            warn(&error, "what other processes changed cannot be read");
        }
        is_failing = true;
        tokio::time::sleep(PAUSE).await;
    }
}

fn warn(error: &StoreError, message: &str) {
    tracing::warn!(error = error as &dyn std::error::Error, "{message}");
}

/// Where a process is in the table.
struct Tail<'a> {
    hub: &'a Hub,
    /// The last number applied; `None` before the first look, and after a gap.
    seq: Option<i64>,
    /// Rows applied before they had a number.
    unnumbered: HashSet<i64>,
}

impl<'a> Tail<'a> {
    fn new(hub: &'a Hub) -> Self {
        Self {
            hub,
            seq: None,
            unnumbered: HashSet::new(),
        }
    }

    /// Reads on until a read fails.
    async fn read_on(
        &mut self,
        reader: &impl ConnectionTrait,
        is_failing: &mut bool,
    ) -> Result<std::convert::Infallible, StoreError> {
        loop {
            let began = Instant::now();
            let is_all = self.read(reader).await?;
            if !is_all {
                continue;
            }
            self.hub.freshness().read_well(began);
            if std::mem::take(is_failing) {
                tracing::info!("what other processes changed can be read again");
            }
            tokio::select! {
                () = tokio::time::sleep(INVALIDATIONS) => {}
                () = self.hub.hinted() => {}
            }
        }
    }

    /// Reads a page and applies it; says whether that was all there is.
    async fn read(&mut self, reader: &impl ConnectionTrait) -> Result<bool, StoreError> {
        let Some(seq) = self.seq else {
            self.seq = Some(sequences::last(reader, Sequence::Invalidations).await?);
            self.hub.forget(Topic::Everything, "");
            return Ok(false);
        };
        let rows = invalidations::beyond(reader, seq).await?;
        let numbered: Vec<_> = rows.iter().filter_map(|row| row.seq).collect();
        if numbered.first().is_some_and(|first| *first > seq + 1) {
            tracing::info!("invalidations were missed; everything is forgotten");
            self.seq = None;
            return Ok(false);
        }
        for row in &rows {
            if let Ok(topic) = row.topic.parse()
                && !self.unnumbered.contains(&row.id)
            {
                self.hub.forget(topic, &row.key);
            }
        }
        self.seq = numbered.last().copied().or(self.seq);
        let unnumbered = rows.iter().filter(|row| row.seq.is_none());
        self.unnumbered = unnumbered.map(|row| row.id).collect();
        Ok(i64::try_from(numbered.len()).unwrap_or(PAGE) < PAGE)
    }
}

/// Wakes whoever watches a task that changed without a hint.
async fn observe(hub: &Hub, db: &Db) {
    let mut known: HashMap<TaskId, Mark> = HashMap::new();
    loop {
        tokio::time::sleep(hub.cadence().logs).await;
        let watched = hub.watched();
        known.retain(|task, _| watched.contains(task));
        if watched.is_empty() {
            continue;
        }
        let marks = match task_logs::marks(db.read(), &watched).await {
            Ok(marks) => marks,
            Err(error) => {
                warn(&error, "watched tasks cannot be read");
                continue;
            }
        };
        for (task, mark) in marks {
            if known.insert(task, mark) != Some(mark) {
                hub.changed(task);
            }
        }
    }
}
