//! The operators' view: tasks of every kind, whatever package they are about.
//!
//! Anonymous callers see tasks of packages they may read, without who asked and why.

mod item;
mod list;
mod model;
mod update;

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use weir_domain::{
    Timestamp,
    task::{TaskKind, TaskState},
};

pub(crate) use self::{
    item::{children, find_task, queue_position, reason},
    model::{Children, ErrorWord, ProgressBody, StateWord},
};
use self::{
    list::Filter,
    model::{TaskItem, TaskPage},
    update::TaskUpdate,
};
use crate::{
    auth::{Admin, Caller},
    error::ApiResult,
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
    #[oai(path = "/syncs", method = "get", operation_id = "list_tasks")]
    #[expect(clippy::too_many_arguments, reason = "each is a filter of the list")]
    async fn list(
        &self,
        visit: Visit,
        caller: Caller,
        /// Only tasks in this state.
        state: Query<Asked<TaskState>>,
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
        limit: Query<Asked<Number<1, 100>>>,
        /// Where the previous page ended.
        cursor: Query<Asked<Text<64>>>,
    ) -> ApiResult<NoStore<Wire<TaskPage>>> {
        let filter = Filter {
            state: state.0,
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
    #[oai(path = "/syncs/:task_id", method = "get", operation_id = "show_task")]
    async fn show(
        &self,
        visit: Visit,
        caller: Caller,
        task_id: Path<TaskParam>,
    ) -> ApiResult<NoStore<Wire<TaskItem>>> {
        let task = item::find_visible(&visit, &caller, task_id.to_read()?).await?;
        item::item(&visit, &caller, task)
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Changes how urgently a waiting task is wanted
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

    /// Returns a task's log, as plain text
    ///
    /// `offset`, `tail` and `Range` are three ways to ask for a part; use one.
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
    ) -> ApiResult<LogAnswer> {
        let task = item::find_visible(&visit, &caller, task_id.to_read()?).await?;
        let query = LogQuery::new(offset.0, tail.0, follow.0);
        task_logs::show(&visit, task.id, query).await
    }
}
