//! Submits a task about what is stored, and notes who did.

use weir_domain::task::{Priority, TaskSpec};
use weir_store::{
    audit::{self, Event},
    clock,
    tasks::{self, NewRequest, NewTask},
};

use super::model::StorageTask;
use crate::{auth::Admin, error::ApiResult, payload::Id, tasks::StateWord, visit::Visit};

pub(super) async fn submit(visit: &Visit, admin: &Admin, spec: TaskSpec) -> ApiResult<StorageTask> {
    let request = NewRequest {
        requester: Some((admin.id, admin.name.clone())),
        request_id: Some(visit.found.request_id.as_str().to_owned()),
        ..NewRequest::default()
    };
    let (fair, by, name) = (
        visit.running().app.fair.clone(),
        visit.actor(),
        admin.name.clone(),
    );
    let submitted = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let event = Event {
                at: now,
                by,
                action: format!("storage.{}", spec.kind()),
                target: spec.target().to_owned(),
                detail: String::new(),
            };
            let task = NewTask {
                spec,
                priority: Priority::USER,
                fair_key: fair.next(&name, now),
                run_after: now,
                retry_of: None,
            };
            // It locks its key, which comes before any row.
            let submitted = tasks::submit(tx, &task, &request, now).await?;
            audit::insert(tx, &event).await?;
            Ok(submitted)
        })
    });
    let submitted = submitted.await?;
    Ok(StorageTask {
        ok: true,
        id: Id(submitted.task.0),
        state: StateWord(submitted.state),
        log_url: format!("{}/syncs/{}/log", visit.base(), submitted.task),
    })
}
