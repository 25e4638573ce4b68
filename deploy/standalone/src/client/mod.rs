//! The commands' view of a server: which one, as whom, and what it answers.
//!
//! What is asked and answered is the generated client's (`weir-client`); connections, token
//! and time limits are `weir-upstream`'s.

mod answers;
mod find;
mod logins;
mod registries;
mod tokens;

use std::time::Duration;

use weir_client::{Client, Error, ResponseValue, types};
use weir_domain::{PackageName, TaskId, Version, task::TaskState};
use weir_upstream::{LineStream, LocalClient, LocalError};

pub use answers::{Accepted, AuditEvent, AuditPage, Counts, Done, Status, Task, TaskPage};
use answers::{Cancelled, Odd, Repeated};
pub use find::{ADMIN_TOKEN_FILE, Door, SERVER_FILE, ServerFile};
pub use registries::{Registry, Scope};
pub use tokens::Token;

use crate::{
    cli::{AuditArguments, ServerArguments, Target},
    failure::Failure,
};

/// HTTP's status for a caller it does not know.
const UNAUTHORIZED: u16 = 401;

/// How long a server that was there may be away: longer than a restart takes.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A server that a command talks to.
#[derive(Debug)]
pub struct Server {
    client: Client,
    way: LocalClient,
    /// What to say beside an error about its being unreachable.
    remark: String,
}

impl Server {
    fn new(way: LocalClient, remark: String) -> Self {
        Self {
            client: Client::new_with_client(way.base(), way.http()),
            way,
            remark,
        }
    }

    /// Finds the server and the credentials that the arguments mean.
    pub fn find(arguments: ServerArguments) -> Result<Self, Failure> {
        find::server(arguments, None)
    }

    /// The same, for a request that brings a one-time password.
    pub fn find_with(arguments: ServerArguments, code: Option<String>) -> Result<Self, Failure> {
        find::server(arguments, code)
    }

    /// Asks for a package; the server joins the wish with a task that is there already.
    pub async fn ask(
        &self,
        name: &PackageName,
        wish: &types::NewPackageSync,
    ) -> Result<Accepted, Failure> {
        let name = name.as_str();
        self.done(self.client.create_package_sync(name, None, wish))
            .await
    }

    /// Returns how a package's task is.
    ///
    /// # Errors
    /// The client's own: a caller that follows may try again.
    pub async fn status(&self, name: &PackageName, id: TaskId) -> Result<Status, LocalError> {
        let (name, id) = (name.as_str(), id.to_string());
        self.told(self.client.show_package_sync(name, &id, None))
            .await
    }

    /// Returns the failed tasks of a tree: up to `wanted`, among the newest failures.
    pub async fn failed_children(&self, root: TaskId, wanted: u64) -> Result<Vec<Task>, Failure> {
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        let mut failed = Vec::new();
        let mut cursor = None;
        for _ in 0..MAX_SEARCHED_PAGES {
            let state = Some(TaskState::Error);
            let page = self.tasks(state, MAX_PAGE, cursor.as_deref()).await;
            let page = page.map_err(|error| self.failure(&error))?;
            failed.extend(page.data.into_iter().filter(|task| task.is_below(root)));
            cursor = page.next_cursor;
            if cursor.is_none() || failed.len() >= wanted {
                break;
            }
        }
        failed.truncate(wanted);
        Ok(failed)
    }

    /// Withdraws the wish for a task, or cancels it; returns its state then.
    pub async fn cancel(&self, id: TaskId) -> Result<TaskState, Failure> {
        let id = id.to_string();
        let cancelled: Cancelled = self.done(self.client.cancel_task(&id)).await?;
        Ok(cancelled.state)
    }

    /// Asks again for what a task failed to do.
    pub async fn retry(&self, id: TaskId) -> Result<Accepted, Failure> {
        let id = id.to_string();
        self.done(self.client.retry_task(&id, None)).await
    }

    /// Asks again for a page of what failed and fits.
    pub async fn retry_failed(
        &self,
        filter: &FailedFilter,
        cursor: Option<&str>,
    ) -> Result<Repeated, Failure> {
        let page = self.client.retry_failed_tasks(
            filter.code.as_deref(),
            cursor,
            filter.kind.as_deref(),
            Some(MAX_REPEATED),
            filter.registry.as_deref(),
            filter.since.as_deref(),
            filter.target.as_deref(),
            filter.until.as_deref(),
            None,
        );
        self.done(page).await
    }

    /// Returns a page of tasks, newest first.
    ///
    /// # Errors
    /// The client's own: a caller that watches may try again.
    pub async fn tasks(
        &self,
        state: Option<TaskState>,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<TaskPage, LocalError> {
        let state = state.map(|state| state.to_string());
        let (state, limit) = (state.as_deref(), Some(limit.min(MAX_PAGE).into()));
        let page = self
            .client
            .list_tasks(None, cursor, None, limit, None, None, state, None, None);
        self.told(page).await
    }

    /// Has a package or a version served no more.
    pub async fn block(&self, target: &Target, reason: &str) -> Result<Done, Failure> {
        let name = target.name.as_str();
        let block = types::NewBlock {
            reason: Some(reason.to_owned()),
        };
        match &target.version {
            Some(version) => {
                let version = version.as_str();
                self.done(self.client.block_version(name, version, &block))
                    .await
            }
            None => self.done(self.client.block_package(name, &block)).await,
        }
    }

    /// Has a package or a version served again.
    pub async fn unblock(&self, target: &Target) -> Result<Done, Failure> {
        let name = target.name.as_str();
        match &target.version {
            Some(version) => {
                let version = version.as_str();
                self.done(self.client.unblock_version(name, version)).await
            }
            None => self.done(self.client.unblock_package(name)).await,
        }
    }

    /// Returns a page of the audit trail.
    pub async fn audit(
        &self,
        wanted: &AuditArguments,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<AuditPage, Failure> {
        let page = self.client.list_audit_events(
            wanted.action.as_deref(),
            cursor,
            Some(u64::from(limit).min(MAX_EVENTS)),
            wanted.since.as_deref(),
            wanted.target.as_deref(),
            wanted.until.as_deref(),
            wanted.user.as_deref(),
        );
        self.done(page).await
    }

    /// Has stored blobs read again.
    pub async fn verify(&self, wanted: &types::NewVerification) -> Result<Accepted, Failure> {
        self.done(self.client.verify_blobs(wanted)).await
    }

    /// Has blobs deleted that nothing refers to.
    pub async fn collect(&self, wanted: &types::NewCollection) -> Result<Accepted, Failure> {
        self.done(self.client.collect_blobs(wanted)).await
    }

    /// Returns a task of any kind.
    pub async fn task(&self, id: TaskId) -> Result<Task, Failure> {
        let id = id.to_string();
        self.done(self.client.show_task(&id, None)).await
    }

    /// Opens a task's log behind its first `offset` lines.
    pub async fn log(
        &self,
        id: TaskId,
        offset: u64,
        is_followed: bool,
    ) -> Result<LineStream, LocalError> {
        let (id, follow) = (id.to_string(), is_followed.then_some(true));
        let log = self
            .client
            .show_task_log(&id, follow, Some(offset), None, None, None, None);
        Ok(self.way.lines(self.answered(log).await?.into_inner()))
    }

    /// Returns what a request came to, or what the command says instead.
    async fn done<A, T: TryFrom<A, Error = Odd>>(
        &self,
        answer: impl Future<Output = Result<ResponseValue<A>, Error>>,
    ) -> Result<T, Failure> {
        let told = self.told(answer).await;
        told.map_err(|error| self.failure(&error))
    }

    /// Returns what was answered, as the commands read it.
    async fn told<A, T: TryFrom<A, Error = Odd>>(
        &self,
        answer: impl Future<Output = Result<ResponseValue<A>, Error>>,
    ) -> Result<T, LocalError> {
        let answer = self.answered(answer).await?;
        answer.try_into().map_err(|odd: Odd| self.way.foreign(&odd))
    }

    /// Returns what was answered, or why that is nothing to go on with.
    async fn answered<A>(
        &self,
        answer: impl Future<Output = Result<ResponseValue<A>, Error>>,
    ) -> Result<A, LocalError> {
        let error = match self.way.in_time(answer).await? {
            Ok(answer) => return Ok(answer.into_inner()),
            Err(error) => error,
        };
        Err(match error {
            Error::UnexpectedResponse(answer) => self.way.refused(answer).await,
            Error::CommunicationError(error) => self.way.unreachable(&error),
            Error::ResponseBodyError(error) => self.way.interrupted(&error),
            Error::InvalidResponsePayload(_, error) => self.way.foreign(&error),
            other => self.way.foreign(&other),
        })
    }

    /// Turns a client's error into what the command says and returns.
    pub fn failure(&self, error: &LocalError) -> Failure {
        match error {
            LocalError::Refused {
                status: UNAUTHORIZED,
                ..
            } => Failure::Misused(format!("{error}; give a valid token with --token")),
            LocalError::Refused { .. } => Failure::Unsuccessful(error.to_string()),
            _ => Failure::Misused(format!("{error}{}", self.remark)),
        }
    }
}

/// Says whether asking again can help.
pub fn is_passing(error: &LocalError) -> bool {
    match error {
        LocalError::Refused { status, .. } => *status >= 500 || *status == 429,
        LocalError::Foreign { .. } => false,
        _ => true,
    }
}

/// Pages of failures that are searched for those of one tree; the rest is counted only.
const MAX_SEARCHED_PAGES: usize = 20;

/// Most tasks on one page.
const MAX_PAGE: u32 = 100;

/// Most events on one page.
const MAX_EVENTS: u64 = 1_000;

/// Most tasks that are repeated at a time.
const MAX_REPEATED: u64 = 1_000;

/// Which failed tasks are meant.
#[derive(Debug, Default)]
pub struct FailedFilter {
    kind: Option<String>,
    code: Option<String>,
    target: Option<String>,
    registry: Option<String>,
    since: Option<String>,
    until: Option<String>,
}

/// Returns the filter that `weir retry --failed`'s arguments mean.
impl From<&crate::cli::RetryArguments> for FailedFilter {
    fn from(arguments: &crate::cli::RetryArguments) -> Self {
        Self {
            kind: arguments.kind.map(|kind| kind.to_string()),
            code: arguments.code.map(|code| code.to_string()),
            target: arguments.target.clone(),
            registry: arguments.registry.clone(),
            since: arguments.since.clone(),
            until: arguments.until.clone(),
        }
    }
}

/// Returns the wish that `weir sync`'s arguments mean.
impl From<&crate::cli::SyncArguments> for types::NewPackageSync {
    fn from(arguments: &crate::cli::SyncArguments) -> Self {
        let versions = arguments.versions.iter().map(Version::to_string);
        let versions: Vec<_> = versions.collect();
        Self {
            skip_dependencies: Some(arguments.skip_dependencies),
            force: arguments.force.then_some(true),
            force_sync_history: arguments.force_sync_history.then_some(true),
            specific_versions: (!versions.is_empty()).then(|| Some(versions).into()),
            tips: arguments.tips.clone(),
            ..Self::default()
        }
    }
}
