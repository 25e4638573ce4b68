//! The commands' view of a server: which one, as whom, and what it answers.

mod answers;
mod find;

use std::time::Duration;

use serde::Serialize;
use weir_domain::{PackageName, TaskId, Version, task::TaskState};
use weir_upstream::{LineStream, LocalClient, LocalError};

pub use answers::{Accepted, Counts, FailedFilter, Status, Task, TaskPage, Wish};
use answers::{Cancelled, Repeated};
pub use find::{ADMIN_TOKEN_FILE, SERVER_FILE, ServerFile};

use crate::{cli::ServerArguments, failure::Failure};

/// HTTP's status for a caller it does not know.
const UNAUTHORIZED: u16 = 401;

/// How long a server that was there may be away: longer than a restart takes.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A server that a command talks to.
#[derive(Debug)]
pub struct Server {
    client: LocalClient,
    /// What to say beside an error about its being unreachable.
    remark: String,
}

impl Server {
    /// Finds the server and the credentials that the arguments mean.
    pub fn find(arguments: ServerArguments) -> Result<Self, Failure> {
        find::server(arguments)
    }

    /// Asks for a package; the server joins the wish with a task that is there already.
    pub async fn ask(&self, name: &PackageName, wish: &Wish) -> Result<Accepted, Failure> {
        let path = format!("/-/package/{}/syncs", name.as_path_segment());
        let answer = self.client.put(&path, wish).await;
        answer.map_err(|error| self.failure(&error))
    }

    /// Returns how a package's task is.
    ///
    /// # Errors
    /// The client's own: a caller that follows may try again.
    pub async fn status(&self, name: &PackageName, id: TaskId) -> Result<Status, LocalError> {
        let path = format!("/-/package/{}/syncs/{id}", name.as_path_segment());
        self.client.get(&path).await
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
            cursor = page.pagination.next_cursor;
            if cursor.is_none() || failed.len() >= wanted {
                break;
            }
        }
        failed.truncate(wanted);
        Ok(failed)
    }

    /// Withdraws the wish for a task, or cancels it; returns its state then.
    pub async fn cancel(&self, id: TaskId) -> Result<TaskState, Failure> {
        let answer = self.client.delete(&format!("/syncs/{id}")).await;
        let cancelled: Cancelled = answer.map_err(|error| self.failure(&error))?;
        Ok(cancelled.state)
    }

    /// Asks again for what a task failed to do.
    pub async fn retry(&self, id: TaskId) -> Result<Accepted, Failure> {
        let path = format!("/syncs/{id}/retry");
        let answer = self.client.post(&path, &serde_json::json!({})).await;
        answer.map_err(|error| self.failure(&error))
    }

    /// Asks again for a page of what failed and fits.
    pub async fn retry_failed(
        &self,
        filter: &FailedFilter,
        cursor: Option<&str>,
    ) -> Result<Repeated, Failure> {
        let mut path = format!("/syncs/retry?limit={MAX_REPEATED}");
        let words = filter.0.iter().map(|(name, value)| (*name, value.as_str()));
        for (name, value) in words.chain(cursor.map(|cursor| ("cursor", cursor))) {
            path = format!("{path}&{name}={}", encoded(value));
        }
        let answer = self.client.post(&path, &serde_json::json!({})).await;
        answer.map_err(|error| self.failure(&error))
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
        let mut path = format!("/syncs?limit={}", limit.min(MAX_PAGE));
        if let Some(state) = state {
            path = format!("{path}&state={state}");
        }
        if let Some(cursor) = cursor {
            path = format!("{path}&cursor={}", encoded(cursor));
        }
        self.client.get(&path).await
    }

    /// Submits a task by what its route takes.
    pub async fn submit<B: Serialize + Sync>(
        &self,
        path: &str,
        wanted: &B,
    ) -> Result<Accepted, Failure> {
        let answer = self.client.post(path, wanted).await;
        answer.map_err(|error| self.failure(&error))
    }

    /// Returns a task of any kind.
    pub async fn task(&self, id: TaskId) -> Result<Task, Failure> {
        let answer = self.client.get(&format!("/syncs/{id}")).await;
        answer.map_err(|error| self.failure(&error))
    }

    /// Opens a task's log behind its first `offset` lines.
    pub async fn log(
        &self,
        id: TaskId,
        offset: u64,
        is_followed: bool,
    ) -> Result<LineStream, LocalError> {
        let follow = if is_followed { "&follow=true" } else { "" };
        let path = format!("/syncs/{id}/log?offset={offset}{follow}");
        self.client.lines(&path).await
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

/// Most tasks that are repeated at a time.
const MAX_REPEATED: u32 = 1_000;

/// Returns `text` fit for a query's value.
fn encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    text.bytes()
        .map(|byte| {
            if is_plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

/// Returns the filter that `weir retry --failed`'s arguments mean.
impl From<&crate::cli::RetryArguments> for FailedFilter {
    fn from(arguments: &crate::cli::RetryArguments) -> Self {
        let words = [
            ("kind", arguments.kind.map(|kind| kind.to_string())),
            ("code", arguments.code.map(|code| code.to_string())),
            ("target", arguments.target.clone()),
            ("registry", arguments.registry.clone()),
            ("since", arguments.since.clone()),
            ("until", arguments.until.clone()),
        ];
        let given = words
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        Self(given.collect())
    }
}

/// Returns the wish that `weir sync`'s arguments mean.
impl From<&crate::cli::SyncArguments> for Wish {
    fn from(arguments: &crate::cli::SyncArguments) -> Self {
        Self {
            skip_dependencies: arguments.skip_dependencies,
            force: arguments.force,
            force_sync_history: arguments.force_sync_history,
            specific_versions: arguments.versions.iter().map(Version::to_string).collect(),
            tips: arguments.tips.clone(),
        }
    }
}
