//! The server's JSON, as far as the commands show it.
//!
//! Read leniently: what is missing is empty, what is new is ignored, so that a command of
//! this release talks to servers a little older or newer.
//!
//! Source: the mirror API's document, `openapi/weir.v1.json`.

use serde::{Deserialize, Serialize};
use weir_domain::{
    TaskId, Timestamp,
    task::{Progress, TaskState},
};

/// The body of a request for a package.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Wish {
    /// Leave out what it depends on.
    pub skip_dependencies: bool,
    /// Begin at once and compare everything.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub force: bool,
    /// Fetch and verify every tarball again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub force_sync_history: bool,
    /// Versions whose tarballs are wanted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub specific_versions: Vec<String>,
    /// A remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tips: Option<String>,
}

/// The answer to a request for a package.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Accepted {
    /// The task that does it.
    pub id: TaskId,
    /// Its state.
    pub state: TaskState,
}

/// The answer to a cancellation.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Cancelled {
    /// The task's state then.
    pub state: TaskState,
}

/// Which failed tasks are meant: names and values of a query.
#[derive(Debug, Default)]
pub struct FailedFilter(pub Vec<(&'static str, String)>);

/// The answer to the wish to repeat what failed.
#[derive(Debug, Deserialize)]
pub struct Repeated {
    /// How many tasks that were.
    pub count: u64,
    /// How to go on.
    #[serde(default)]
    pub pagination: Pagination,
}

/// How a package's task is.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Its state.
    pub state: TaskState,
    /// Why it failed.
    #[serde(default)]
    pub error: Option<String>,
    /// The same as one word.
    #[serde(default)]
    pub error_code: Option<String>,
    /// What it had to leave out.
    #[serde(default)]
    pub warnings: Option<serde_json::Value>,
    /// How many are before it.
    #[serde(default)]
    pub queue_position: Option<u64>,
    /// How far it is.
    #[serde(default)]
    pub progress: Option<Progress>,
    /// The tasks it led to.
    #[serde(default)]
    pub children: Option<Children>,
}

/// Counts of the tasks in a tree, its root not included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Children {
    /// Not running.
    pub waiting: u64,
    /// Running.
    pub processing: u64,
    /// Done.
    pub success: u64,
    /// Failed.
    pub error: u64,
}

/// The same counts, of all tasks.
pub type Counts = Children;

impl Children {
    /// Returns how many there are.
    pub fn total(self) -> u64 {
        self.waiting + self.processing + self.success + self.error
    }

    /// Says whether nothing more will happen.
    pub fn are_done(self) -> bool {
        self.waiting + self.processing == 0
    }
}

impl Status {
    /// Returns the counts of its tree.
    pub fn children(&self) -> Children {
        self.children.unwrap_or_default()
    }

    /// Says whether it and everything it led to is over.
    pub fn is_tree_done(&self) -> bool {
        self.state.is_final() && self.children().are_done()
    }

    /// Says whether it and everything it led to succeeded.
    pub fn is_tree_successful(&self) -> bool {
        self.state == TaskState::Success && self.children().are_done() && self.children().error == 0
    }

    /// Returns how many warnings it has; servers send a list or a number.
    pub fn warning_count(&self) -> u64 {
        match &self.warnings {
            Some(serde_json::Value::Array(list)) => u64::try_from(list.len()).unwrap_or(u64::MAX),
            Some(value) => value.as_u64().unwrap_or(0),
            None => 0,
        }
    }
}

/// One task in a list.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// Its identifier.
    pub id: TaskId,
    /// The kind of work.
    #[serde(default)]
    pub kind: String,
    /// What it is about.
    #[serde(default)]
    pub target: String,
    /// The root of the first tree that wanted it, if it is not a root itself.
    #[serde(default)]
    pub parent_id: Option<TaskId>,
    /// Every wish for it, each with the root of its tree.
    #[serde(default)]
    pub requests: Option<Vec<Wanted>>,
    /// When it was asked for.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// How it is.
    #[serde(flatten)]
    pub status: Status,
}

/// A wish for a task.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wanted {
    /// The root of the tree that wants it.
    pub root_id: TaskId,
}

impl Task {
    /// Says whether it belongs to the tree of `root`, without being that root.
    pub fn is_below(&self, root: TaskId) -> bool {
        let wanted = self.requests.iter().flatten();
        let is_wanted = wanted.map(|wish| wish.root_id).any(|id| id == root);
        self.id != root && (is_wanted || self.parent_id == Some(root))
    }
}

/// A page of tasks.
#[derive(Debug, Deserialize)]
pub struct TaskPage {
    /// The tasks.
    pub data: Vec<Task>,
    /// How to go on.
    #[serde(default)]
    pub pagination: Pagination,
    /// How many there are of each state.
    #[serde(default)]
    pub counts: Option<Counts>,
}

/// How to go on.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Pagination {
    /// What to ask for next; nothing at the end.
    pub next_cursor: Option<String>,
}
