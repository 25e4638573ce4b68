//! Queues, for administrators: all waiting tasks of one kind, which can be paused.
//!
//! Every worker leaves a paused queue alone from its next claim on; what runs runs on, and
//! wishes are accepted as before.

mod model;
mod pause;

use poem_openapi::{OpenApi, param::Path};
use weir_domain::task::TaskKind;
use weir_store::{queues, tasks};

use self::model::{QueueItem, QueueList};
use crate::{
    auth::Admin,
    error::ApiResult,
    names::KindParam,
    payload::{NoStore, Wire},
    tags::Tag,
    visit::Visit,
};

/// `/-/admin/queues…`.
#[derive(Debug)]
pub(crate) struct QueuesApi;

#[OpenApi(tag = "Tag::Queues")]
impl QueuesApi {
    /// Lists the queues
    ///
    /// One for each kind of task, with how many wait and run, and whether it is paused.
    #[oai(path = "/-/admin/queues", method = "get", operation_id = "list_queues")]
    async fn list(&self, visit: Visit, _admin: Admin) -> ApiResult<NoStore<Wire<QueueList>>> {
        let mut data = Vec::new();
        for kind in TaskKind::ALL {
            data.push(item(&visit, *kind).await?);
        }
        Ok(NoStore(Wire(QueueList { data })))
    }

    /// Returns a queue
    ///
    /// How many tasks of the kind wait and run, and whether it is paused.
    #[oai(
        path = "/-/admin/queues/:kind",
        method = "get",
        operation_id = "show_queue"
    )]
    async fn show(
        &self,
        visit: Visit,
        _admin: Admin,
        kind: Path<KindParam>,
    ) -> ApiResult<NoStore<Wire<QueueItem>>> {
        item(&visit, kind.to_read()?).await.map(Wire).map(NoStore)
    }

    /// Pauses a queue
    ///
    /// No worker begins another of its tasks until it is resumed.
    #[oai(
        path = "/-/admin/queues/:kind/pause",
        method = "post",
        operation_id = "pause_queue"
    )]
    async fn pause(
        &self,
        visit: Visit,
        admin: Admin,
        kind: Path<KindParam>,
    ) -> ApiResult<NoStore<Wire<QueueItem>>> {
        let kind = kind.to_read()?;
        pause::set_paused(&visit, &admin, kind, true).await?;
        item(&visit, kind).await.map(Wire).map(NoStore)
    }

    /// Resumes a queue
    ///
    /// Its tasks are begun again, the most urgent first.
    #[oai(
        path = "/-/admin/queues/:kind/resume",
        method = "post",
        operation_id = "resume_queue"
    )]
    async fn resume(
        &self,
        visit: Visit,
        admin: Admin,
        kind: Path<KindParam>,
    ) -> ApiResult<NoStore<Wire<QueueItem>>> {
        let kind = kind.to_read()?;
        pause::set_paused(&visit, &admin, kind, false).await?;
        item(&visit, kind).await.map(Wire).map(NoStore)
    }
}

async fn item(visit: &Visit, kind: TaskKind) -> ApiResult<QueueItem> {
    let db = visit.running().reader();
    let queue = queues::get(db, kind).await?;
    let counts = tasks::counts(db, Some(kind)).await?;
    Ok(QueueItem::new(queue, &counts))
}
