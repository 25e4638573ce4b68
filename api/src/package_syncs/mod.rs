//! Asking for a package to be copied from upstream, and watching it come.
//!
//! Two generations of routes: the modern ones below `/-/package/{fullname}/syncs`, and the
//! legacy pair `/{fullname}/sync…` that older tools call.

mod create;
mod legacy;
mod model;
mod show;

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};

pub(crate) use self::create::judge;
use self::model::{CreatedLog, CreatedSync, LegacyLog, NewPackageSync, SyncStatus};
use crate::{
    auth::{Caller, SignedIn, Submitter},
    error::ApiResult,
    idempotency::{IdempotencyKey, Kept},
    log_tickets,
    names::{Fullname, TaskParam},
    packages::{ManifestAnswer, show_manifest},
    payload::{Asked, Checked, LooseSwitch, NoStore, Number, Switch, Text, Wire},
    tags::Tag,
    task_logs::{self, LogAnswer, LogQuery},
    tasks::{self, CancelledTask, Wait, until_changed},
    visit::Visit,
};

/// `/-/package/{fullname}/syncs…` and `/{fullname}/sync…`.
#[derive(Debug)]
pub(crate) struct PackageSyncsApi;

#[OpenApi(tag = "Tag::PackageSyncs")]
impl PackageSyncsApi {
    /// Asks for a package to be synced
    ///
    /// Asking twice joins: at most one task of a package has not begun. `force` and
    /// `forceSyncHistory` need an administrator.
    #[oai(
        path = "/-/package/:fullname/syncs",
        method = "put",
        operation_id = "create_package_sync"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn create(
        &self,
        visit: Visit,
        caller: Submitter,
        fullname: Path<Fullname>,
        /// A name of your own for this request: asking again with it gives the same answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Checked<NewPackageSync>,
    ) -> ApiResult<NoStore<Kept<CreatedSync, 201>>> {
        let (name, Checked(body, how)) = (fullname.to_write()?, body);
        let asked = ("create_package_sync", name.as_str(), &how.0[..]);
        let key = key.of((&visit, &caller), asked)?;
        create::create(&visit, &caller, key, (name, body))
            .await
            .map(NoStore)
    }

    /// Returns how a sync is going
    ///
    /// With `wait`, as soon as its state is another than at first, and at once if it is
    /// over.
    #[oai(
        path = "/-/package/:fullname/syncs/:task_id",
        method = "get",
        operation_id = "show_package_sync"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn show(
        &self,
        visit: Visit,
        caller: Caller,
        fullname: Path<Fullname>,
        task_id: Path<TaskParam>,
        /// Seconds to wait for another state.
        wait: Query<Asked<Wait>>,
    ) -> ApiResult<NoStore<Wire<SyncStatus>>> {
        let task = show::find((&visit, &caller), &fullname, *task_id).await?;
        let task = until_changed(&visit, task, wait.0).await?;
        show::status(&visit, task).await.map(Wire).map(NoStore)
    }

    /// Cancels a sync
    ///
    /// Withdraws the caller's wish, also from the whole tree of what it led to; the task is
    /// cancelled when nobody else wants it, or if an administrator says so. One that runs
    /// ends within its next heartbeat.
    #[oai(
        path = "/-/package/:fullname/syncs/:task_id",
        method = "delete",
        operation_id = "cancel_package_sync"
    )]
    async fn cancel(
        &self,
        visit: Visit,
        user: SignedIn,
        fullname: Path<Fullname>,
        task_id: Path<TaskParam>,
    ) -> ApiResult<NoStore<Wire<CancelledTask>>> {
        fullname.to_write()?;
        let task = show::find((&visit, &user.caller()), &fullname, *task_id).await?;
        tasks::cancel(&visit, &user, task.id)
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Returns the log of a sync, as plain text
    ///
    /// `offset`, `tail` and `Range` are three ways to ask for a part; use one.
    ///
    /// A browser's `EventSource` sends no headers: it brings a ticket. One that is cut comes back
    /// with the same ticket, is answered 401 and closes; ask for another one then, and begin with
    /// `offset` = the last id you had.
    #[oai(
        path = "/-/package/:fullname/syncs/:task_id/log",
        method = "get",
        operation_id = "show_package_sync_log"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn log(
        &self,
        visit: Visit,
        caller: Caller,
        fullname: Path<Fullname>,
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
        let caller = log_tickets::reader(&visit, caller, task_id.to_read()?, ticket.0).await?;
        let task = show::find((&visit, &caller), &fullname, *task_id).await?;
        let query = LogQuery::new(offset.0, tail.0, follow.0);
        task_logs::show(&visit, &caller, &task, query).await
    }

    /// Asks for a package to be synced (legacy)
    ///
    /// The same as `PUT /-/package/{fullname}/syncs`, as older tools spell it.
    #[oai(
        path = "/:fullname/sync",
        method = "put",
        operation_id = "create_legacy_sync"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn create_legacy(
        &self,
        visit: Visit,
        caller: Submitter,
        fullname: Path<Fullname>,
        /// `true` leaves out the dependencies; anything else does not.
        nodeps: Query<Asked<LooseSwitch>>,
        /// A name of your own for this request: asking again with it gives the same answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
    ) -> ApiResult<NoStore<Kept<CreatedLog, 201>>> {
        let (name, body) = (fullname.to_write()?, legacy::body(nodeps.0)?);
        let how = [u8::from(body.skip_dependencies)];
        let asked = ("create_legacy_sync", name.as_str(), &how[..]);
        let key = key.of((&visit, &caller), asked)?;
        create::create(&visit, &caller, key, (name, body))
            .await
            .map(NoStore)
    }

    /// Returns the manifest tagged `sync`
    ///
    /// What `/{fullname}/{version}` answers for that dist-tag: a path that both share.
    #[oai(
        path = "/:fullname/sync",
        method = "get",
        operation_id = "show_manifest_tagged_sync"
    )]
    async fn manifest_tagged_sync(
        &self,
        visit: Visit,
        _caller: Caller,
        fullname: Path<Fullname>,
    ) -> ApiResult<ManifestAnswer> {
        show_manifest(&visit, fullname.to_read()?, "sync").await
    }

    /// Returns how a sync is going, with its log (legacy)
    ///
    /// `log` is the text itself; `offset` leaves out what the caller has already.
    #[oai(
        path = "/:fullname/sync/log/:task_id",
        method = "get",
        operation_id = "show_legacy_sync_log"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn legacy_log(
        &self,
        visit: Visit,
        caller: Caller,
        fullname: Path<Fullname>,
        task_id: Path<TaskParam>,
        /// Skip this many lines.
        offset: Query<Asked<Number<0, { u64::MAX }>>>,
    ) -> ApiResult<NoStore<Wire<LegacyLog>>> {
        let task = show::find((&visit, &caller), &fullname, *task_id).await?;
        legacy::log(&visit, task, offset.0)
            .await
            .map(Wire)
            .map(NoStore)
    }
}
