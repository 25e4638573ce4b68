//! A synchronisation of all sources, as the tasks of the single ones make it.
//!
//! Its own task only submits these, and is over at once. Whoever asked for it wants to know when all
//! of them are over, and what came of them: that is what is shown as if it were one task.

use weir_domain::{
    Timestamp,
    catalogue::{CatalogueProgress, Note, Phase},
    task::{Progress, Report, TaskKind, TaskState},
};
use weir_store::tasks::Task;

/// Returns the task with what its sources' tasks came to; others as they are.
pub(super) fn summed(mut task: Task, sources: &[Task]) -> Task {
    let is_many = task.kind == TaskKind::SyncCatalogues && task.state == TaskState::Success;
    if !is_many || sources.is_empty() {
        return task;
    }
    let failed = sources.iter().find(|one| one.state == TaskState::Error);
    let is_over = sources.iter().all(|one| one.state.is_final());
    task.state = match failed {
        _ if !is_over => TaskState::Processing,
        Some(_) => TaskState::Error,
        None => TaskState::Success,
    };
    task.finished_at = sources
        .iter()
        .filter_map(|one| one.finished_at)
        .max_by_key(|at: &Timestamp| at.0)
        .filter(|_| is_over);
    task.error_code = failed.and_then(|one| one.error_code);
    task.error = failed.map(|one| {
        let why = one.error.as_deref().unwrap_or("it failed");
        format!("{}: {why}", one.target)
    });
    let mut notes = Vec::new();
    for one in sources {
        let named = |warning: &String| format!("{}: {warning}", one.target);
        task.warnings.extend(one.warnings.iter().map(named));
        let noted = one.report.iter().flat_map(|report| &report.notes);
        notes.extend(noted.map(|note| Note {
            message: named(&note.message),
            ..note.clone()
        }));
    }
    let lease = sources.iter().filter_map(|one| one.lease_expires_at).max();
    task.lease_expires_at = lease;
    let sum = sources
        .iter()
        .map(|one| progress_of(one).unwrap_or_default())
        .reduce(CatalogueProgress::with)
        .map(|sum| CatalogueProgress {
            phase: if is_over { Phase::Done } else { sum.phase },
            ..sum
        });
    task.report = (!notes.is_empty()).then(|| Report {
        notes,
        ..Report::default()
    });
    task.progress = Some(Progress {
        catalogue: sum,
        ..Progress::default()
    });
    task
}

/// Returns how far a task is, or how far it came.
pub(super) fn progress_of(task: &Task) -> Option<CatalogueProgress> {
    let reported = task.report.as_ref().and_then(|report| report.catalogue);
    reported.or_else(|| task.progress.and_then(|progress| progress.catalogue))
}
