//! Wire shapes of synchronisations.

use std::time::Duration;

use poem_openapi::{Object, types::Example};
use serde::Serialize;
use uuid::Uuid;
use weir_domain::{
    Timestamp,
    catalogue::{CatalogueOptions, Note, NoteCode, Phase},
    task::{ErrorCode, TaskState},
};
use weir_store::{
    task_requests::Request,
    tasks::{Around, Task},
};

use super::{
    progress::SyncProgress,
    sum::{progress_of, summed},
};
use crate::{
    payload::{Id, Instant},
    tasks::{Children, ErrorWord, Pagination, StateWord},
};

/// Most warnings shown; all are in the log.
const MOST_WARNINGS: usize = 100;
/// What others hear of a failure: its sentence names addresses of the house.
const NOT_TOLD: &str = "It failed; who asked for it, and administrators, are told why";

/// Something that a person should know.
#[derive(Debug, Clone, Serialize, Object)]
pub(crate) struct SyncNote {
    /// What kind of thing: `LISTING`, `METADATA`, `UNREAD`, `CHECKSUM_MISMATCH`,
    /// `FOREIGN_PACKAGE`, `KEPT`, or another to come; null if only the sentence is known.
    #[oai(nullable)]
    code: Option<String>,
    /// What it is about: a reference (`name/version@namespace`) or a package
    /// (`namespace/name`); null if it is about all.
    #[serde(rename = "ref")]
    #[oai(rename = "ref", nullable)]
    about: Option<String>,
    /// The same.
    #[oai(nullable)]
    reference: Option<String>,
    /// All of it in a sentence.
    message: String,
}

impl SyncNote {
    /// Returns a task's warning with what its run noted of it.
    fn of(message: &str, notes: &[Note]) -> Self {
        let note = notes.iter().find(|note| note.message == message);
        let reference = note.and_then(|note| note.reference.clone());
        Self {
            code: note.map(|note| note.code.as_str().to_owned()),
            about: reference.clone(),
            reference,
            message: message.to_owned(),
        }
    }
}

/// Why a synchronisation failed.
#[derive(Debug, Clone, Serialize, Object)]
pub(crate) struct SyncError {
    /// What it is about; null, as what is wrong with a single reference is a warning.
    #[serde(rename = "ref")]
    #[oai(rename = "ref", nullable)]
    about: Option<String>,
    /// The same.
    #[oai(nullable)]
    reference: Option<String>,
    /// The phase in which it failed; null if it never began.
    #[oai(nullable)]
    stage: Option<String>,
    /// In a word.
    #[oai(nullable)]
    code: Option<ErrorWord>,
    /// In a sentence.
    message: String,
    /// Whether asking again later may help.
    retryable: bool,
    /// How often it was tried.
    attempts: u64,
}

/// A synchronisation of the catalogue.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub(crate) struct CatalogueSync {
    /// Identifier.
    pub(super) id: Id,
    /// `full` or `incremental`.
    #[serde(rename = "type")]
    #[oai(rename = "type")]
    mode: String,
    /// State.
    pub(super) status: StateWord,
    /// The source; `catalogue` stands for all.
    source: String,
    /// `api` if somebody asked, `automatic` if it came by itself.
    trigger: String,
    /// Who asked first.
    #[oai(nullable)]
    requested_by: Option<String>,
    /// Whether it only says what it would do.
    dry_run: bool,
    /// When it was first asked for.
    created_at: Instant,
    /// When it first began.
    #[oai(nullable)]
    started_at: Option<Instant>,
    /// When it ended.
    #[oai(nullable)]
    finished_at: Option<Instant>,
    /// When whoever runs it last said so; null while nobody does. It alone does not change the tag.
    #[oai(nullable)]
    pub(super) heartbeat_at: Option<Instant>,
    /// From its beginning to its end; null before that, so that what does not move has one tag.
    #[oai(nullable)]
    duration_ms: Option<u64>,
    /// What it does: connecting, listing, diffing, fetching, sweeping or done; null before.
    #[oai(nullable)]
    phase: Option<String>,
    /// How far it is.
    progress: SyncProgress,
    /// What a person should know although it went on.
    warnings: Vec<SyncNote>,
    /// Why it failed.
    errors: Vec<SyncError>,
    /// Whether there are more warnings or errors than shown; the log has all.
    errors_truncated: bool,
    /// Why it failed, as one sentence.
    #[oai(nullable)]
    error: Option<String>,
    /// How many others asked for the same and share it.
    coalesced_requests: u64,
    /// The synchronisation that failed and was asked for again as this one.
    #[oai(nullable)]
    resumed_from: Option<Id>,
    /// Whether it was told to end and has yet to hear.
    cancel_requested: bool,
    /// Where its log is.
    log_url: String,
}

/// What belongs to a task and is not in its row.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) around: Around,
    /// The request that it was made for, withdrawn or not.
    pub(super) first: Option<Request>,
    pub(super) options: CatalogueOptions,
    /// How long after its last sign of life a run is believed to be alive.
    pub(super) lease: Duration,
    pub(super) log_url: String,
    /// Whether the reader may see warnings and errors, which name addresses.
    pub(super) sees_all: bool,
    /// Whether it runs although nobody wants it any more.
    pub(super) is_told: bool,
    /// The tasks of single sources, if it is one of all.
    pub(super) sources: Vec<Task>,
}

impl CatalogueSync {
    pub(super) fn new(task: Task, parts: Parts) -> Self {
        let task = summed(task, &parts.sources);
        let error = task
            .error
            .clone()
            .filter(|_| task.state == TaskState::Error);
        let error = error.map(|text| {
            let told = Some(text).filter(|_| parts.sees_all);
            told.unwrap_or_else(|| NOT_TOLD.to_owned())
        });
        let first = parts.first;
        let is_asked = first
            .as_ref()
            .is_some_and(|first| first.request_id.is_some());
        let progress = progress_of(&task);
        let most = if parts.sees_all { MOST_WARNINGS } else { 0 };
        let notes = task.report.as_ref().map_or(&[][..], |report| &report.notes);
        let warnings = task.warnings.iter().take(most);
        let warnings = warnings.map(|message| SyncNote::of(message, notes));
        let warnings = warnings.collect();
        let heartbeat = task.lease_expires_at.map(|at| at.minus(parts.lease));
        let heartbeat = heartbeat.filter(|_| task.state == TaskState::Processing);
        let duration = task.started_at.zip(task.finished_at);
        Self {
            id: Id(task.id.0),
            mode: if parts.options.is_full {
                "full"
            } else {
                "incremental"
            }
            .to_owned(),
            status: StateWord(task.state),
            trigger: if is_asked { "api" } else { "automatic" }.to_owned(),
            requested_by: first.and_then(|first| first.requester),
            dry_run: parts.options.is_dry,
            created_at: Instant(task.created_at),
            started_at: task.started_at.map(Instant),
            finished_at: task.finished_at.map(Instant),
            heartbeat_at: heartbeat.map(Instant),
            duration_ms: duration.map(|(from, to)| u64::try_from(to.0 - from.0).unwrap_or(0)),
            phase: progress.map(|progress| progress.phase.as_str().to_owned()),
            progress: SyncProgress::new(&task, progress, &Children::of(&parts.around.children)),
            warnings,
            errors: error
                .iter()
                .map(|message| SyncError::new(&task, message))
                .collect(),
            errors_truncated: task.warnings.len() > most,
            error,
            coalesced_requests: parts.around.request_count.saturating_sub(1),
            resumed_from: task.retry_of.map(|id| Id(id.0)),
            cancel_requested: parts.is_told,
            log_url: parts.log_url,
            source: task.target,
        }
    }
}

impl SyncError {
    fn new(task: &Task, message: &str) -> Self {
        let passing = [
            ErrorCode::UpstreamUnavailable,
            ErrorCode::Timeout,
            ErrorCode::Internal,
        ];
        Self {
            about: None,
            reference: None,
            stage: progress_of(task).map(|progress| progress.phase.as_str().to_owned()),
            code: task.error_code.map(ErrorWord),
            message: message.to_owned(),
            retryable: task.error_code.is_some_and(|code| passing.contains(&code)),
            attempts: task.attempts.into(),
        }
    }
}

/// A synchronisation.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "CatalogueSyncBody", example)]
pub(crate) struct SyncBody {
    /// It.
    pub(super) data: CatalogueSync,
}

impl SyncBody {
    /// Returns it as it is until something moves.
    pub(super) fn unmoved(&self) -> Self {
        let mut same = self.clone();
        same.data.heartbeat_at = None;
        same
    }
}

/// Some synchronisations.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "CatalogueSyncPage", example)]
pub(crate) struct SyncPage {
    /// Newest first.
    pub(super) data: Vec<CatalogueSync>,
    /// Where to go on.
    pub(super) pagination: Pagination,
}

impl Example for SyncBody {
    fn example() -> Self {
        let id = Uuid::from_u128(0x0193_5b0a_7c00_7000_8000_0000_0000_0001);
        let at = |seconds: i64| Instant(Timestamp(1_767_225_600_000 + seconds * 1000));
        let data = CatalogueSync {
            id: Id(id),
            mode: "full".to_owned(),
            status: StateWord(TaskState::Processing),
            source: "artifactory".to_owned(),
            trigger: "api".to_owned(),
            requested_by: Some("caisong123".to_owned()),
            dry_run: false,
            created_at: at(0),
            started_at: Some(at(1)),
            finished_at: None,
            heartbeat_at: Some(at(61)),
            duration_ms: None,
            phase: Some(Phase::Fetching.as_str().to_owned()),
            progress: SyncProgress::example(),
            warnings: vec![SyncNote {
                code: Some(NoteCode::Metadata.as_str().to_owned()),
                about: Some("hello/0.1@x".to_owned()),
                reference: Some("hello/0.1@x".to_owned()),
                message: "hello/0.1@x: its description is a placeholder".to_owned(),
            }],
            errors: vec![],
            errors_truncated: false,
            error: None,
            coalesced_requests: 4,
            resumed_from: None,
            cancel_requested: false,
            log_url: format!("http://localhost:7373/api/v1/sync/{id}/log"),
        };
        Self { data }
    }
}

impl Example for SyncPage {
    fn example() -> Self {
        Self {
            data: vec![SyncBody::example().data],
            pagination: Pagination { next_cursor: None },
        }
    }
}
