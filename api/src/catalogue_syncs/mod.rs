//! Synchronising the catalogue: asking for it, and watching it go.
//!
//! Whoever uploads asks, so asking is cheap and answered at once: callers share the run that has
//! not begun, and one that comes while a run goes on is served by exactly one run after it. The
//! tasks are those of the one engine; here they have the words of the catalogue's document.

mod answer;
mod create;
mod list;
mod model;
mod prefer;
mod progress;
mod show;
mod sum;
mod wanted;

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use weir_domain::task::TaskState;

use self::{
    answer::{Created, Shown},
    model::{SyncBody, SyncPage},
    prefer::Preference,
    wanted::NewCatalogueSync,
};
use crate::{
    auth::SignedIn,
    error::{ApiError, ApiResult},
    idempotency::IdempotencyKey,
    names::TaskParam,
    payload::{Asked, Checked, NoStore, Number, Switch, Text, Wire},
    tags::Tag,
    task_logs::{self, LogAnswer, LogQuery},
    tasks::{self, Wait, until_changed},
    visit::Visit,
};

/// `/api/v1/sync…`.
#[derive(Debug)]
pub(crate) struct CatalogueSyncsApi;

#[OpenApi(tag = "Tag::CatalogueSyncs")]
impl CatalogueSyncsApi {
    /// Asks for the catalogue to be synchronised
    ///
    /// Answers at once; a full run unless something else is said. Runs that nobody began are
    /// shared. Of several sources, each gets a run of its own below the one that is returned.
    /// `Prefer: wait=20` has the answer wait for the end, at most 25 seconds; with
    /// `Prefer: respond-async` what is not over is answered with 202. `force` and
    /// `allowMassRemoval` need an administrator.
    #[oai(
        path = "/api/v1/sync",
        method = "post",
        operation_id = "create_catalogue_sync"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn create(
        &self,
        visit: Visit,
        user: SignedIn,
        /// A name of your own for this request: asking again with it gives the same answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        /// `wait=20`, `respond-async`, or both.
        #[oai(name = "Prefer")]
        prefer: Preference,
        body: Checked<NewCatalogueSync>,
    ) -> ApiResult<NoStore<Created>> {
        let asked = ("create_catalogue_sync", "", &body.1.0[..]);
        let key = key.of((&visit, &user.caller()), asked)?;
        create::create(&visit, &user, (key, prefer), body.0)
            .await
            .map(NoStore)
    }

    /// Lists synchronisations, newest first
    ///
    /// Also those that came by themselves.
    #[oai(
        path = "/api/v1/sync",
        method = "get",
        operation_id = "list_catalogue_syncs"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a filter of the list")]
    async fn list(
        &self,
        visit: Visit,
        user: SignedIn,
        /// Only those in this state.
        status: Query<Asked<TaskState>>,
        /// How many, at most; 20 unless given.
        limit: Query<Asked<Number<1, 100>>>,
        /// Where the previous page ended.
        cursor: Query<Asked<Text<64>>>,
    ) -> ApiResult<NoStore<Wire<SyncPage>>> {
        let filter = (status.0, limit.0, cursor.0);
        let page = list::list(&visit, &user, filter).await?;
        Ok(NoStore(Wire(page)))
    }

    /// Returns how a synchronisation is going
    ///
    /// With `wait`, as soon as its state is another than at first, and at once if it is over.
    /// Warnings and errors are told to who asked for it and to administrators: they name addresses.
    #[oai(
        path = "/api/v1/sync/:task_id",
        method = "get",
        operation_id = "show_catalogue_sync"
    )]
    async fn show(
        &self,
        visit: Visit,
        user: SignedIn,
        task_id: Path<TaskParam>,
        /// Seconds to wait for another state.
        wait: Query<Asked<Wait>>,
    ) -> ApiResult<NoStore<Shown>> {
        let task = show::find(&visit, *task_id).await?;
        let task = until_changed(&visit, task, wait.0).await?;
        let sync = show::item(&visit, &user, task).await?;
        Shown::new(&visit.headers, &SyncBody { data: sync }).map(NoStore)
    }

    /// Cancels a synchronisation
    ///
    /// Withdraws the caller's wish; it ends when nobody else wants it, or if an administrator
    /// says so. What it has stored stays, and nothing more is taken away. One that is over: 409.
    #[oai(
        path = "/api/v1/sync/:task_id",
        method = "delete",
        operation_id = "cancel_catalogue_sync"
    )]
    async fn cancel(
        &self,
        visit: Visit,
        user: SignedIn,
        task_id: Path<TaskParam>,
    ) -> ApiResult<NoStore<Wire<SyncBody>>> {
        let task = show::find(&visit, *task_id).await?;
        tasks::cancel(&visit, &user, task.id).await?;
        let task = show::find(&visit, *task_id).await?;
        let data = show::item(&visit, &user, task).await?;
        Ok(NoStore(Wire(SyncBody { data })))
    }

    /// Returns the log of a synchronisation, as plain text
    ///
    /// To who asked for it and to administrators. `offset`, `tail` and `Range` are three ways to
    /// ask for a part; use one.
    #[oai(
        path = "/api/v1/sync/:task_id/log",
        method = "get",
        operation_id = "show_catalogue_sync_log"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn log(
        &self,
        visit: Visit,
        user: SignedIn,
        task_id: Path<TaskParam>,
        /// Skip this many lines.
        offset: Query<Asked<Number<0, { u64::MAX }>>>,
        /// Only the last lines.
        tail: Query<Asked<Number<0, 5000>>>,
        /// Send lines as they are written, until the task ends.
        follow: Query<Asked<Switch>>,
    ) -> ApiResult<LogAnswer> {
        let task = show::find(&visit, *task_id).await?;
        if !show::sees_all(visit.running().reader(), &user, task.id).await? {
            let sentence = "Only who asked for it, or an administrator, may read its log";
            return Err(ApiError::forbidden(sentence));
        }
        let query = LogQuery::new(offset.0, tail.0, follow.0);
        task_logs::show(&visit, &user.caller(), &task, query).await
    }
}
