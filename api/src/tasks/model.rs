//! Wire shapes of tasks.

use std::borrow::Cow;

use poem_openapi::{
    Object,
    registry::{MetaSchema, MetaSchemaRef},
    types::{Example, ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;
use weir_domain::{
    Timestamp,
    task::{ErrorCode, Progress, Report, TaskState},
};

use weir_store::tasks::Counts;

use crate::payload::{Id, Instant};

macro_rules! word_list {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        #[serde(transparent)]
        pub(crate) struct $name(pub(crate) $inner);

        impl Type for $name {
            const IS_REQUIRED: bool = true;

            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn schema_ref() -> MetaSchemaRef {
                MetaSchemaRef::Inline(Box::new(MetaSchema {
                    enum_items: <$inner>::ALL.iter().map(|word| word.as_str().into()).collect(),
                    ..MetaSchema::new("string")
                }))
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        impl ToJSON for $name {
            fn to_json(&self) -> Option<Value> {
                Some(self.0.as_str().into())
            }
        }

        impl ParseFromJSON for $name {
            fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
                let word = value.as_ref().and_then(Value::as_str).and_then(|w| w.parse().ok());
                word.map(Self).ok_or_else(|| ParseError::custom("not one of the words"))
            }
        }
    };
}

word_list!(
    /// A task's state.
    StateWord(TaskState)
);
word_list!(
    /// Why a task ended in error.
    ErrorWord(ErrorCode)
);

/// How far a task is.
#[derive(Debug, Clone, Copy, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "Progress", rename_all = "camelCase")]
pub(crate) struct ProgressBody {
    /// Versions dealt with.
    versions_done: u64,
    /// Versions to deal with, as far as known.
    versions_total: u64,
    /// Tarballs fetched and verified.
    tarballs_done: u64,
    /// Tarballs to fetch, as far as known.
    tarballs_total: u64,
    /// Bytes received from upstream.
    bytes: u64,
}

impl From<Progress> for ProgressBody {
    fn from(progress: Progress) -> Self {
        Self {
            versions_done: progress.versions_done,
            versions_total: progress.versions_total,
            tarballs_done: progress.tarballs_done,
            tarballs_total: progress.tarballs_total,
            bytes: progress.bytes,
        }
    }
}

/// What a package sync did.
#[derive(Debug, Clone, Copy, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "Report", rename_all = "camelCase")]
pub(crate) struct ReportBody {
    /// Whether upstream confirmed that nothing changed.
    unchanged: bool,
    /// Versions new to us.
    versions_added: u64,
    /// Versions whose manifest changed.
    versions_changed: u64,
    /// Versions no longer upstream.
    versions_removed: u64,
    /// Versions skipped, each with a warning.
    versions_skipped: u64,
    /// Dist-tags added, moved or removed.
    tags_changed: u64,
    /// Tarballs fetched and verified.
    tarballs_stored: u64,
    /// Bytes of those tarballs.
    tarball_bytes: u64,
    /// Packages this one asked for under a tree.
    dependencies_requested: u64,
}

impl From<Report> for ReportBody {
    fn from(report: Report) -> Self {
        Self {
            unchanged: report.unchanged,
            versions_added: report.versions_added,
            versions_changed: report.versions_changed,
            versions_removed: report.versions_removed,
            versions_skipped: report.versions_skipped,
            tags_changed: report.tags_changed,
            tarballs_stored: report.tarballs_stored,
            tarball_bytes: report.tarball_bytes,
            dependencies_requested: report.dependencies_requested,
        }
    }
}

/// Tasks by state.
#[derive(Debug, Clone, Copy, Default, Serialize, Object)]
#[oai(rename = "TaskCounts")]
pub(crate) struct Children {
    /// Not running.
    pub(crate) waiting: u64,
    /// Running.
    pub(crate) processing: u64,
    /// Done.
    pub(crate) success: u64,
    /// Over without success.
    pub(crate) error: u64,
}

impl Children {
    /// Takes counts by word.
    pub(crate) fn of(counts: &Counts) -> Self {
        let of = |word| counts.get(word).copied().unwrap_or(0);
        Self {
            waiting: of("waiting"),
            processing: of("processing"),
            success: of("success"),
            error: of("error"),
        }
    }
}

/// One caller's wish for a task.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub(crate) struct TaskRequest {
    /// The task whose tree it belongs to.
    pub(crate) root_id: Id,
    /// The user.
    #[oai(nullable)]
    pub(crate) requested_by: Option<String>,
    /// The HTTP request.
    #[oai(nullable)]
    pub(crate) request_id: Option<String>,
    /// The reason given.
    #[oai(nullable)]
    pub(crate) tips: Option<String>,
    /// When it was made.
    pub(crate) created_at: Instant,
}

/// A task, as operators see it.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "Task", rename_all = "camelCase", example)]
pub(crate) struct TaskItem {
    /// Always true.
    pub(crate) ok: bool,
    /// Identifier.
    pub(crate) id: Id,
    /// What kind of thing it is about.
    #[serde(rename = "type")]
    #[oai(rename = "type")]
    pub(crate) wire_type: String,
    /// Kind of work.
    pub(crate) kind: String,
    /// What it is about; a package's name.
    pub(crate) target: String,
    /// State.
    pub(crate) state: StateWord,
    /// Where its log is.
    pub(crate) log_url: String,
    /// What went wrong, if it ended in error.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    pub(crate) error: Option<String>,
    /// The same, as a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    pub(crate) error_code: Option<ErrorWord>,
    /// Why it waits, if that is not only for its turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    pub(crate) reason: Option<String>,
    /// What a person should know although it went on.
    pub(crate) warnings: Vec<String>,
    /// Attempts counted so far.
    pub(crate) attempts: u32,
    /// Urgency; higher runs first.
    pub(crate) priority: i16,
    /// When it was submitted.
    pub(crate) created_at: Instant,
    /// When it first began.
    #[oai(nullable)]
    pub(crate) started_at: Option<Instant>,
    /// When it ended.
    #[oai(nullable)]
    pub(crate) finished_at: Option<Instant>,
    /// How many tasks go before it; null if it does not wait its turn, or past 1,000.
    #[oai(nullable)]
    pub(crate) queue_position: Option<u64>,
    /// How far it is.
    #[oai(nullable)]
    pub(crate) progress: Option<ProgressBody>,
    /// The tasks it led to, by state.
    pub(crate) children: Children,
    /// Who asked first; absent for anonymous callers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    pub(crate) requested_by: Option<String>,
    /// The wishes for it, the 100 oldest; absent for anonymous callers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    pub(crate) requests: Option<Vec<TaskRequest>>,
    /// How many wishes there are; absent for anonymous callers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    pub(crate) requests_total: Option<u64>,
    /// The task that led to it.
    #[oai(nullable)]
    pub(crate) parent_id: Option<Id>,
    /// The task it repeats.
    #[oai(nullable)]
    pub(crate) retry_of: Option<Id>,
    /// What it did.
    #[oai(nullable)]
    pub(crate) report: Option<ReportBody>,
}

/// Where to go on.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub(crate) struct Pagination {
    /// The `cursor` of the next page; null on the last.
    #[oai(nullable)]
    pub(crate) next_cursor: Option<String>,
}

/// A page of tasks.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(example)]
pub(crate) struct TaskPage {
    /// The tasks, newest first.
    pub(crate) data: Vec<TaskItem>,
    /// Where to go on.
    pub(crate) pagination: Pagination,
    /// How many tasks there are in each state, whatever the filter (but for `kind`).
    pub(crate) counts: Children,
}

impl Example for TaskItem {
    fn example() -> Self {
        let id = Id(Uuid::from_u128(0x0193_5b0a_7c00_7000_8000_0000_0000_0001));
        let at = |seconds: i64| Instant(Timestamp(1_767_225_600_000 + seconds * 1000));
        Self {
            ok: true,
            id,
            wire_type: "package".to_owned(),
            kind: "sync_package".to_owned(),
            target: "left-pad".to_owned(),
            state: StateWord(TaskState::Success),
            log_url: format!("http://localhost:7373/syncs/{}/log", id.0),
            error: None,
            error_code: None,
            reason: None,
            warnings: vec![],
            attempts: 1,
            priority: 30,
            created_at: at(0),
            started_at: Some(at(1)),
            finished_at: Some(at(3)),
            queue_position: None,
            progress: Some(Progress::default().into()),
            children: Children::default(),
            requested_by: Some("alice".to_owned()),
            requests: Some(vec![TaskRequest {
                root_id: id,
                requested_by: Some("alice".to_owned()),
                request_id: Some("5f0c2a91b3d7-2a".to_owned()),
                tips: Some("needed for the release".to_owned()),
                created_at: at(0),
            }]),
            requests_total: Some(1),
            parent_id: None,
            retry_of: None,
            report: Some(Report::default().into()),
        }
    }
}

impl Example for TaskPage {
    fn example() -> Self {
        Self {
            data: vec![TaskItem::example()],
            pagination: Pagination { next_cursor: None },
            counts: Children {
                success: 1,
                ..Children::default()
            },
        }
    }
}
