//! Submits drills, all in one transaction.

use weir_domain::task::{Drill, Priority, TaskSpec};
use weir_store::{
    audit::{self, Event},
    idempotency::Key,
    tasks::{self, NewTask},
};

use super::model::{Drills, NewDrills};
use crate::{
    auth::Admin,
    error::ApiResult,
    idempotency::{self, Kept},
    payload::Id,
    visit::Visit,
};

pub(super) async fn create(
    visit: &Visit,
    admin: &Admin,
    key: Option<Key>,
    new: NewDrills,
) -> ApiResult<Kept<Drills, 201>> {
    let (running, request) = (visit.running().clone(), visit.wish(&admin.caller()));
    let by = visit.actor();
    idempotency::once(visit, key, move |tx, now| {
        Box::pin(async move {
            let mut ids = Vec::new();
            for number in 1..=new.count {
                let spec = TaskSpec::Drill(Drill {
                    name: format!("drill-{}-{number}", now.0),
                    lines: new.lines,
                    every_ms: new.every_ms,
                });
                let task = NewTask {
                    spec,
                    priority: Priority::USER,
                    fair_key: running.app.fair.next("drills", now),
                    run_after: now,
                    retry_of: None,
                };
                ids.push(Id(tasks::submit(tx, &task, &request, now).await?.task.0));
            }
            let event = Event {
                at: now,
                by,
                action: "drill.create".to_owned(),
                target: "drills".to_owned(),
                detail: format!("{} tasks", ids.len()),
            };
            audit::insert(tx, &event).await?;
            Ok(Drills { ok: true, ids })
        })
    })
    .await
}
