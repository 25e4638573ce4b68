//! The server's answers, as far as the commands show them.
//!
//! Read leniently: what is missing is empty, what is new is ignored, so that a command of
//! this release talks to servers a little older or newer. Only what a command cannot do
//! without must be there.

use std::{fmt, str::FromStr};

use weir_client::types;
use weir_domain::{
    TaskId, Timestamp,
    task::{Progress, TaskState},
};

/// A field without which an answer is of no use, or that says something unknown.
#[derive(Debug)]
pub struct Odd(pub(super) &'static str);

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no {} in it that is known", self.0)
    }
}

pub(super) fn needed<T: FromStr>(field: &'static str, text: Option<String>) -> Result<T, Odd> {
    let value = text.and_then(|text| text.parse().ok());
    value.ok_or(Odd(field))
}

/// The answer to a request for work.
#[derive(Debug, Clone, Copy)]
pub struct Accepted {
    /// The task that does it.
    pub id: TaskId,
    /// Its state.
    pub state: TaskState,
}

macro_rules! accepted_by {
    ($($answer:ident),*) => {$(
        impl TryFrom<types::$answer> for Accepted {
            type Error = Odd;

            fn try_from(answer: types::$answer) -> Result<Self, Odd> {
                Ok(Self {
                    id: needed("id", answer.id)?,
                    state: needed("state", answer.state)?,
                })
            }
        }
    )*};
}

accepted_by!(CreatedSync, RetriedTask, StorageTask);

/// The answer to what is done at once.
#[derive(Debug, Clone, Copy)]
pub struct Done;

macro_rules! done_by {
    ($($answer:ident),*) => {$(
        impl TryFrom<types::$answer> for Done {
            type Error = Odd;

            fn try_from(answer: types::$answer) -> Result<Self, Odd> {
                answer.ok.filter(|is_done| *is_done).map(|_| Self).ok_or(Odd("ok"))
            }
        }
    )*};
}

done_by!(MadeBlock, Done);

/// Something that was changed, as the server spells it.
#[derive(Debug, Clone, Default)]
pub struct AuditEvent {
    /// When.
    pub at: String,
    /// By whom; nobody is the service itself.
    pub user: Option<String>,
    /// From where.
    pub address: Option<String>,
    /// What was done.
    pub action: String,
    /// To what.
    pub target: String,
    /// How, or why.
    pub detail: String,
}

/// A page of the audit trail.
#[derive(Debug)]
pub struct AuditPage {
    /// The events, newest first.
    pub data: Vec<AuditEvent>,
    /// What to ask for next; nothing at the end.
    pub next_cursor: Option<String>,
}

impl TryFrom<types::AuditPage> for AuditPage {
    type Error = Odd;

    fn try_from(answer: types::AuditPage) -> Result<Self, Odd> {
        let event = |answer: types::AuditEvent| AuditEvent {
            at: answer.at.unwrap_or_default(),
            user: answer.user,
            address: answer.address,
            action: answer.action.unwrap_or_default(),
            target: answer.target.unwrap_or_default(),
            detail: answer.detail.unwrap_or_default(),
        };
        Ok(Self {
            data: answer.data.into_iter().map(event).collect(),
            next_cursor: answer.pagination.and_then(|page| page.next_cursor),
        })
    }
}

/// The answer to a cancellation.
#[derive(Debug, Clone, Copy)]
pub struct Cancelled {
    /// The task's state then.
    pub state: TaskState,
}

impl TryFrom<types::CancelledTask> for Cancelled {
    type Error = Odd;

    fn try_from(answer: types::CancelledTask) -> Result<Self, Odd> {
        let state = needed("state", answer.state)?;
        Ok(Self { state })
    }
}

/// The answer to the wish to repeat what failed.
#[derive(Debug)]
pub struct Repeated {
    /// How many tasks that were.
    pub count: u64,
    /// What to ask for next; nothing at the end.
    pub next_cursor: Option<String>,
}

impl TryFrom<types::RetriedTasks> for Repeated {
    type Error = Odd;

    fn try_from(answer: types::RetriedTasks) -> Result<Self, Odd> {
        Ok(Self {
            count: answer.count.ok_or(Odd("count"))?,
            next_cursor: answer.pagination.and_then(|page| page.next_cursor),
        })
    }
}

/// How a task is.
#[derive(Debug, Clone)]
pub struct Status {
    /// Its state.
    pub state: TaskState,
    /// Why it failed.
    pub error: Option<String>,
    /// The same as one word.
    pub error_code: Option<String>,
    /// How many things it had to leave out.
    pub warning_count: usize,
    /// How many are before it.
    pub queue_position: Option<u64>,
    /// How far it is.
    pub progress: Option<Progress>,
    /// The tasks it led to.
    pub children: Children,
}

macro_rules! status_from {
    ($($answer:ident),*) => {$(
        impl TryFrom<types::$answer> for Status {
            type Error = Odd;

            fn try_from(answer: types::$answer) -> Result<Self, Odd> {
                Ok(Self {
                    state: needed("state", answer.state)?,
                    error: answer.error,
                    error_code: answer.error_code,
                    warning_count: answer.warnings.len(),
                    queue_position: answer.queue_position,
                    progress: answer.progress.as_ref().map(progress),
                    children: answer.children.map(Children::from).unwrap_or_default(),
                })
            }
        }
    )*};
}

status_from!(SyncStatus, Task);

fn progress(answer: &types::Progress) -> Progress {
    Progress {
        versions_done: answer.versions_done.unwrap_or_default(),
        versions_total: answer.versions_total.unwrap_or_default(),
        tarballs_done: answer.tarballs_done.unwrap_or_default(),
        tarballs_total: answer.tarballs_total.unwrap_or_default(),
        bytes: answer.bytes.unwrap_or_default(),
        catalogue: None,
    }
}

/// Counts of the tasks in a tree, its root not included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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

impl From<types::TaskCounts> for Children {
    fn from(answer: types::TaskCounts) -> Self {
        Self {
            waiting: answer.waiting.unwrap_or_default(),
            processing: answer.processing.unwrap_or_default(),
            success: answer.success.unwrap_or_default(),
            error: answer.error.unwrap_or_default(),
        }
    }
}

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
    /// Says whether it and everything it led to is over.
    pub fn is_tree_done(&self) -> bool {
        self.state.is_final() && self.children.are_done()
    }

    /// Says whether it and everything it led to succeeded.
    pub fn is_tree_successful(&self) -> bool {
        self.state == TaskState::Success && self.children.are_done() && self.children.error == 0
    }
}

/// One task in a list.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its identifier.
    pub id: TaskId,
    /// The kind of work.
    pub kind: String,
    /// What it is about.
    pub target: String,
    /// The root of the first tree that wanted it, if it is not a root itself.
    parent_id: Option<TaskId>,
    /// The roots of the trees that want it.
    roots: Vec<TaskId>,
    /// When it was asked for.
    pub created_at: Option<Timestamp>,
    /// How it is.
    pub status: Status,
}

impl TryFrom<types::Task> for Task {
    type Error = Odd;

    fn try_from(mut answer: types::Task) -> Result<Self, Odd> {
        let id = |text: Option<String>| text.and_then(|text| text.parse().ok());
        let requests = std::mem::take(&mut answer.requests).into_iter();
        let created_at = answer.created_at.take();
        Ok(Self {
            id: needed("id", answer.id.take())?,
            kind: answer.kind.take().unwrap_or_default(),
            target: answer.target.take().unwrap_or_default(),
            parent_id: id(answer.parent_id.take()),
            roots: requests.filter_map(|wish| id(wish.root_id)).collect(),
            created_at: created_at.and_then(|text| Timestamp::parse(&text)),
            status: answer.try_into()?,
        })
    }
}

impl Task {
    /// Says whether it belongs to the tree of `root`, without being that root.
    pub fn is_below(&self, root: TaskId) -> bool {
        let is_wanted = self.roots.contains(&root);
        self.id != root && (is_wanted || self.parent_id == Some(root))
    }
}

/// A page of tasks.
#[derive(Debug)]
pub struct TaskPage {
    /// The tasks.
    pub data: Vec<Task>,
    /// What to ask for next; nothing at the end.
    pub next_cursor: Option<String>,
    /// How many there are of each state.
    pub counts: Counts,
}

impl TryFrom<types::TaskPage> for TaskPage {
    type Error = Odd;

    fn try_from(answer: types::TaskPage) -> Result<Self, Odd> {
        let tasks = answer.data.into_iter().map(Task::try_from);
        Ok(Self {
            data: tasks.collect::<Result<_, _>>()?,
            next_cursor: answer.pagination.and_then(|page| page.next_cursor),
            counts: answer.counts.map(Counts::from).unwrap_or_default(),
        })
    }
}
