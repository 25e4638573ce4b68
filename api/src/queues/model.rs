//! Wire shapes of queues.

use poem_openapi::{Object, types::Example};
use serde::Serialize;
use weir_domain::Timestamp;
use weir_store::{queues::Queue, tasks::Counts};

use crate::{payload::Instant, tasks::Children};

/// All waiting tasks of a kind.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "Queue", rename_all = "camelCase", example)]
pub(crate) struct QueueItem {
    /// Always true.
    pub(crate) ok: bool,
    /// The kind.
    pub(crate) kind: String,
    /// Whether no worker begins another of its tasks.
    pub(crate) paused: bool,
    /// When it was last paused or resumed.
    #[oai(nullable)]
    pub(crate) changed_at: Option<Instant>,
    /// Who did that.
    #[oai(nullable)]
    pub(crate) changed_by: Option<String>,
    /// How many tasks of the kind there are in each state.
    pub(crate) counts: Children,
}

impl QueueItem {
    pub(super) fn new(queue: Queue, counts: &Counts) -> Self {
        Self {
            ok: true,
            kind: queue.kind.to_string(),
            paused: queue.is_paused,
            changed_at: queue.changed_at.map(Instant),
            changed_by: queue.changed_by,
            counts: Children::of(counts),
        }
    }
}

/// Every queue.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(example)]
pub(crate) struct QueueList {
    /// One a kind.
    pub(crate) data: Vec<QueueItem>,
}

impl Example for QueueItem {
    fn example() -> Self {
        Self {
            ok: true,
            kind: "sync_package".to_owned(),
            paused: true,
            changed_at: Some(Instant(Timestamp(1_767_225_600_000))),
            changed_by: Some("alice".to_owned()),
            counts: Children {
                waiting: 12,
                ..Children::default()
            },
        }
    }
}

impl Example for QueueList {
    fn example() -> Self {
        Self {
            data: vec![QueueItem::example()],
        }
    }
}
