//! Has the catalogue brought to the state of all its sources: a task for each, under every tree
//! that this one is in, wanted as those who asked for it want it.

use std::sync::Arc;

use weir_domain::{
    Timestamp,
    task::{Priority, Report, SyncCatalogue, TaskSpec},
};
use weir_store::{
    StoreError, Tx,
    catalogue::sources,
    registries,
    task_requests::Request,
    tasks,
    tasks::{FairQueue, NewRequest, NewTask},
};

use crate::{
    Attempt, Environment,
    job::{Done, JobError},
};

/// What the finishing transaction needs to know.
struct FollowUp {
    key: String,
    sources: Vec<TaskSpec>,
    requests: Arc<Vec<Request>>,
    priority: Priority,
    fair: Arc<FairQueue>,
}

pub(super) async fn run(environment: &Environment, attempt: &Attempt) -> Result<Done, JobError> {
    let db = environment.db.read();
    let mut sources = Vec::new();
    for source in sources::list(db).await? {
        let registry = registries::get(db, source.registry).await?;
        attempt.info(format!("{} is a source", registry.slug)).await;
        sources.push(TaskSpec::SyncCatalogue(SyncCatalogue {
            registry: registry.id,
            slug: registry.slug,
        }));
    }
    let mut warnings = Vec::new();
    if sources.is_empty() {
        let text = "No registry is a source of the catalogue";
        attempt.warn(text).await;
        warnings.push(text.to_owned());
    }
    let follow_up = Arc::new(FollowUp {
        key: attempt.task.dedupe_key.clone(),
        sources,
        requests: Arc::clone(&attempt.requests),
        priority: attempt.task.priority,
        fair: Arc::clone(&environment.fair),
    });
    Ok(Done {
        report: Report::default(),
        warnings,
        follow_ups: Some(Arc::new(move |tx, now| {
            let follow_up = Arc::clone(&follow_up);
            Box::pin(async move { follow_up.submit(tx, now).await })
        })),
    })
}

impl FollowUp {
    async fn submit(&self, tx: &Tx, now: Timestamp) -> Result<(), StoreError> {
        let keys: Vec<String> = self.sources.iter().map(TaskSpec::dedupe_key).collect();
        let keys = keys.iter().map(String::as_str);
        tasks::lock(tx, keys.chain([self.key.as_str()])).await?;
        for spec in &self.sources {
            for wish in self.requests.iter() {
                let new = NewTask {
                    spec: spec.clone(),
                    priority: self.priority,
                    fair_key: self.fair.next(&wish.root.to_string(), now),
                    run_after: now,
                    retry_of: None,
                };
                let request = NewRequest {
                    root: Some(wish.root),
                    request_id: wish.request_id.clone(),
                    options: wish.options.clone(),
                    ..NewRequest::default()
                };
                tasks::submit(tx, &new, &request, now).await?;
            }
        }
        Ok(())
    }
}
