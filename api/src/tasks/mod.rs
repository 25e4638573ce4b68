//! The operators' view: tasks of every kind, whatever package they are about.
//!
//! Anonymous callers see tasks of packages they may read, without who asked and why.

mod cancel;
mod item;
mod list;
mod model;
mod retry;
mod retry_failed;
mod update;
mod wait;

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use weir_domain::{
    Timestamp,
    task::{ErrorCode, TaskKind, TaskState},
};

pub(crate) use self::{
    cancel::{CancelledTask, cancel},
    item::{around, find_visible, reason},
    model::{Children, ErrorWord, Pagination, ProgressBody, StateWord},
    wait::{Wait, until_changed, until_over},
};
use self::{
    list::Filter,
    model::{TaskItem, TaskPage},
    retry::RetriedTask,
    retry_failed::RetriedTasks,
    update::TaskUpdate,
};
use crate::{
    auth::{Admin, Caller, SignedIn, Submitter},
    error::ApiResult,
    idempotency::{IdempotencyKey, Kept},
    log_tickets,
    names::TaskParam,
    payload::{Asked, Checked, NoStore, Number, Switch, Text, Wire},
    tags::Tag,
    task_logs::{self, LogAnswer, LogQuery},
    visit::Visit,
};

/// `/syncs…`.
#[derive(Debug)]
pub(crate) struct TasksApi;

#[OpenApi(tag = "Tag::Tasks")]
impl TasksApi {
    /// Lists tasks, newest first
    ///
    /// Strangers see package syncs only, without who asked and why.
    #[oai(path = "/syncs", method = "get", operation_id = "list_tasks")]
    #[expect(clippy::too_many_arguments, reason = "each is a filter of the list")]
    async fn list(
        &self,
        visit: Visit,
        caller: Caller,
        /// Only tasks in this state.
        state: Query<Asked<TaskState>>,
        /// Only tasks that ended with this code.
        code: Query<Asked<ErrorCode>>,
        /// Only tasks of this kind.
        kind: Query<Asked<TaskKind>>,
        /// Only tasks about this; a package's name.
        target: Query<Asked<Text<214>>>,
        /// Only tasks that read from this registry; its slug, name or id.
        registry: Query<Asked<Text<214>>>,
        /// Only tasks submitted at this instant or later.
        since: Query<Asked<Timestamp>>,
        /// Only tasks submitted before this instant.
        until: Query<Asked<Timestamp>>,
        /// How many, at most.
        limit: Query<Asked<Number<1, { list::MOST }>>>,
        /// Where the previous page ended.
        cursor: Query<Asked<Text<64>>>,
    ) -> ApiResult<NoStore<Wire<TaskPage>>> {
        let filter = Filter {
            state: state.0,
            code: code.0,
            kind: kind.0,
            target: target.0,
            registry: registry.0,
            since: since.0,
            until: until.0,
            limit: limit.0,
            cursor: cursor.0,
        };
        list::list(&visit, &caller, filter)
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Returns a task
    ///
    /// With `wait`, as soon as its state is another than at first, and at once if it is
    /// over.
    #[oai(path = "/syncs/:task_id", method = "get", operation_id = "show_task")]
    async fn show(
        &self,
        visit: Visit,
        caller: Caller,
        task_id: Path<TaskParam>,
        /// Seconds to wait for another state.
        wait: Query<Asked<Wait>>,
    ) -> ApiResult<NoStore<Wire<TaskItem>>> {
        let task = find_visible(&visit, &caller, task_id.to_read()?).await?;
        let task = until_changed(&visit, task, wait.0).await?;
        item::item(&visit, &caller, task)
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Changes how urgently a waiting task is wanted
    ///
    /// Of one that runs or is over nothing can be changed: 409.
    #[oai(
        path = "/syncs/:task_id",
        method = "patch",
        operation_id = "update_task"
    )]
    async fn update(
        &self,
        visit: Visit,
        admin: Admin,
        task_id: Path<TaskParam>,
        body: Checked<TaskUpdate>,
    ) -> ApiResult<NoStore<Wire<TaskItem>>> {
        update::update(&visit, &admin, task_id.to_read()?, &body)
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Repeats a task that ended in error, as a new one
    ///
    /// The new task wants what every wish for the former one wanted. If the same work waits
    /// already, it is joined.
    #[oai(
        path = "/syncs/:task_id/retry",
        method = "post",
        operation_id = "retry_task"
    )]
    async fn retry(
        &self,
        visit: Visit,
        caller: Submitter,
        task_id: Path<TaskParam>,
        /// A name of your own for this request: asking again with it gives the same answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
    ) -> ApiResult<NoStore<Kept<RetriedTask, 201>>> {
        retry::retry(&visit, &caller, key, task_id.to_read()?)
            .await
            .map(NoStore)
    }

    /// Repeats the tasks that ended in error and fit a filter
    ///
    /// Of each package, say, only the newest task is worth it: what has succeeded since, or
    /// is being tried again, is left alone. Cancelled tasks are repeated if `code` says so.
    #[oai(
        path = "/syncs/retry",
        method = "post",
        operation_id = "retry_failed_tasks"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a filter of the list")]
    async fn retry_failed(
        &self,
        visit: Visit,
        admin: Admin,
        /// A name of your own for this request: asking again with it gives the same answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        /// Only tasks that ended with this code.
        code: Query<Asked<ErrorCode>>,
        /// Only tasks of this kind.
        kind: Query<Asked<TaskKind>>,
        /// Only tasks about this; a package's name.
        target: Query<Asked<Text<214>>>,
        /// Only tasks that read from this registry; its slug, name or id.
        registry: Query<Asked<Text<214>>>,
        /// Only tasks submitted at this instant or later.
        since: Query<Asked<Timestamp>>,
        /// Only tasks submitted before this instant.
        until: Query<Asked<Timestamp>>,
        /// How many, at most.
        limit: Query<Asked<Number<1, { retry_failed::MOST }>>>,
        /// Where the previous page ended.
        cursor: Query<Asked<Text<64>>>,
    ) -> ApiResult<NoStore<Kept<RetriedTasks, 200>>> {
        let filter = Filter {
            state: Asked::default(),
            code: code.0,
            kind: kind.0,
            target: target.0,
            registry: registry.0,
            since: since.0,
            until: until.0,
            limit: limit.0,
            cursor: cursor.0,
        };
        retry_failed::retry_failed(&visit, &admin, key, filter)
            .await
            .map(NoStore)
    }

    /// Cancels a task
    ///
    /// Withdraws the caller's wish, also from the whole tree of what it led to; the task is
    /// cancelled when nobody else wants it, or if an administrator says so. One that runs
    /// ends within its next heartbeat.
    #[oai(
        path = "/syncs/:task_id",
        method = "delete",
        operation_id = "cancel_task"
    )]
    async fn cancel(
        &self,
        visit: Visit,
        user: SignedIn,
        task_id: Path<TaskParam>,
    ) -> ApiResult<NoStore<Wire<CancelledTask>>> {
        let task = find_visible(&visit, &user.caller(), task_id.to_read()?).await?;
        cancel(&visit, &user, task.id).await.map(Wire).map(NoStore)
    }

    /// Returns a task's log, as plain text
    ///
    /// `offset`, `tail` and `Range` are three ways to ask for a part; use one.
    ///
    /// A browser's `EventSource` sends no headers: it brings a ticket. One that is cut comes back
    /// with the same ticket, is answered 401 and closes; ask for another one then, and begin with
    /// `offset` = the last id you had.
    #[oai(
        path = "/syncs/:task_id/log",
        method = "get",
        operation_id = "show_task_log"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn log(
        &self,
        visit: Visit,
        caller: Caller,
        task_id: Path<TaskParam>,
        /// Skip this many lines.
        offset: Query<Asked<Number<0, { u64::MAX }>>>,
        /// Only the last lines.
        tail: Query<Asked<Number<0, 5000>>>,
        /// Send lines as they are written, until the task ends.
        follow: Query<Asked<Switch>>,
        /// A ticket of `POST /syncs/{task_id}/ticket`, instead of other credentials.
        ticket: Query<Asked<Text<{ log_tickets::MAX_CHARS }>>>,
    ) -> ApiResult<LogAnswer> {
        let id = task_id.to_read()?;
        let caller = log_tickets::reader(&visit, caller, id, ticket.0).await?;
        let task = find_visible(&visit, &caller, id).await?;
        let query = LogQuery::new(offset.0, tail.0, follow.0);
        task_logs::show(&visit, &caller, &task, query).await
    }
}
