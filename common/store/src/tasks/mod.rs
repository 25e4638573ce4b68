//! Tasks: the truth about work.
//!
//! A key (`package:lodash`) has at most one *fresh* row (waiting, never claimed) and one
//! *begun* row (running, or waiting between attempts); two unique indexes say so. A fresh
//! row whose key has a begun one is *held*. Every change of state is a conditional update
//! in one of the sibling files, and appends to the counters.

mod around;
mod cancel;
mod claim;
mod counts;
mod end;
mod list;
mod locks;
mod places;
#[cfg(test)]
mod plans;
mod prioritise;
mod remove;
mod repeat;
mod row;
mod submit;
mod sweep;

use sea_orm::ConnectionTrait;

use crate::sql::by_index;

pub use around::{Around, Depth, around};
pub use cancel::{Cancelled, Trees, cancel, withdraw};
pub use claim::{ClaimLimits, Claimed, claim, claim_some, next_due};
pub use counts::{Counts, KindCount, counts, counts_by_kind, fold_counts};
pub use end::{Again, Outcome, add_warning, finish, release, retry};
pub use list::{ListFilter, OldestReady, list, list_repeatable, oldest_ready};
pub use locks::{lock, lock_again, lock_task};
pub use places::queue_positions;
pub use prioritise::prioritise;
pub(crate) use remove::remove;
pub use remove::{Expiry, Looked, Removed, SealedObject, missing, remove_expired};
pub use repeat::{Repeated, repeat, repeat_failed};
pub use row::{Task, find, get, of_tree};
pub use submit::{FairQueue, NewRequest, NewTask, Submitted, is_live, lane, submit};
pub use sweep::{SweepLimits, Swept, return_abandoned, sweep};

/// Looks for the begun row of the key that `key` names in the statement; it is called `b`.
pub(super) fn begun(connection: &impl ConnectionTrait, key: &str) -> String {
    format!(
        "FROM tasks b {} WHERE b.dedupe_key = {key} AND b.state IN ('waiting', 'processing') \
         AND b.generation > 0",
        by_index(connection, "tasks_live")
    )
}
