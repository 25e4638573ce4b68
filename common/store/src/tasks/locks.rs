//! Locks on keys: those who decide about the same key do it one after the other.
//!
//! Only `PostgreSQL` needs them; `SQLite`'s write transactions exclude each other anyway.
//! A key has one of 1,024 locks, so that a transaction about thousands of keys cannot fill
//! the server's lock table; two keys that share one wait for each other, nothing worse.
//!
//! The order that excludes deadlocks: first every key lock of the transaction, in one call
//! of [`lock`] (which sorts them), then rows of `tasks`, then rows of `task_runs`. The sweep
//! and the claim never wait at all: what they cannot have at once they leave.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbBackend};
use weir_domain::{Digest, TaskId};

use super::row::{self, Task};
use crate::{
    StoreError, Tx,
    sql::{Count, sql},
};

/// Our class of advisory locks, apart from whatever else uses the server's.
const CLASS: i64 = 0x7765_6972;
/// How many locks there are; the same in all builds that share a database.
const SLOTS: u64 = 1024;

fn slot(key: &str) -> u64 {
    let digest = Digest::of(key.as_bytes());
    let first = digest.0.iter().take(8);
    first.fold(0, |sum, byte| sum << 8 | u64::from(*byte)) % SLOTS
}

/// Makes everyone who decides about one of `keys` wait for this transaction.
///
/// A transaction about several keys names them all in its first call; further calls for
/// keys that it holds cost nothing.
///
/// # Errors
/// If the database refuses.
pub async fn lock(tx: &Tx, keys: impl IntoIterator<Item = &str>) -> Result<(), StoreError> {
    if tx.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let slots: BTreeSet<u64> = keys.into_iter().map(slot).collect();
    let slots: Vec<_> = slots.iter().map(u64::to_string).collect();
    sql(
        "SELECT pg_advisory_xact_lock(CAST($1 AS INTEGER), CAST(slot AS INTEGER)) \
         FROM unnest(string_to_array($2, ',')) AS slot",
    )
    .bind(CLASS)
    .bind(slots.join(","))
    .execute(&**tx)
    .await?;
    Ok(())
}

/// Locks the key if nobody else holds it.
pub(super) async fn try_lock(tx: &Tx, key: &str) -> Result<bool, StoreError> {
    if tx.get_database_backend() != DbBackend::Postgres {
        return Ok(true);
    }
    let taken: Option<Count> = sql("SELECT CAST(CAST(pg_try_advisory_xact_lock(\
         CAST($1 AS INTEGER), CAST($2 AS INTEGER)) AS INTEGER) AS BIGINT) AS n")
    .bind(CLASS)
    .bind(i64::try_from(slot(key)).unwrap_or(0))
    .one(&**tx)
    .await?;
    Ok(taken.is_some_and(|row| row.n == 1))
}

/// Locks the task's key and its row, and reads it: nobody else decides about it meanwhile.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such task.
pub async fn lock_task(tx: &Tx, id: TaskId) -> Result<Task, StoreError> {
    let key = row::get(&**tx, id).await?.dedupe_key;
    lock(tx, [key.as_str()]).await?;
    row::get_for_update(tx, id).await
}

/// As [`lock_task`], of a task that was read before.
///
/// # Errors
/// [`StoreError::NotFound`] if it is gone.
pub async fn lock_again(tx: &Tx, task: &Task) -> Result<Task, StoreError> {
    lock(tx, [task.dedupe_key.as_str()]).await?;
    row::get_for_update(tx, task.id).await
}

/// As [`lock_task`], but leaves a task that somebody else decides about.
pub(super) async fn try_lock_task(tx: &Tx, id: TaskId) -> Result<Option<Task>, StoreError> {
    let key = row::get(&**tx, id).await?.dedupe_key;
    if try_lock(tx, &key).await? {
        return Ok(Some(row::get_for_update(tx, id).await?));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_the_same_lock_in_every_build() {
        assert_eq!(slot("package:lodash"), slot("package:lodash"));
        assert!((0..2000).all(|n| slot(&format!("package:p{n}")) < SLOTS));
        let used: BTreeSet<u64> = (0..2000).map(|n| slot(&format!("package:p{n}"))).collect();
        assert!(used.len() > 700, "keys spread over the locks");
    }
}
