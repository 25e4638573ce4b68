//! Submits drills, all in one transaction.

use weir_domain::task::{Drill, Priority, TaskSpec};
use weir_store::{
    clock,
    tasks::{self, NewRequest, NewTask},
};

use super::model::NewDrills;
use crate::{auth::Admin, error::ApiResult, payload::Id, visit::Visit};

pub(super) async fn create(visit: &Visit, admin: &Admin, new: &NewDrills) -> ApiResult<Vec<Id>> {
    let request = NewRequest {
        requester: Some((admin.id, admin.name.clone())),
        request_id: Some(visit.found.request_id.as_str().to_owned()),
        ..NewRequest::default()
    };
    let (running, new) = (visit.running().clone(), *new);
    let db = visit.running().app.content.db.clone();
    let submitted = db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
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
            Ok(ids)
        })
    });
    Ok(submitted.await?)
}
