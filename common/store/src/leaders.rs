//! Who does the periodic work of all: one row, taken for a term at a time.
//!
//! A term has a number that only grows and a lease by the database's clock. Every
//! transaction of a leader begins with [`check`], which keeps the row as it is until the
//! transaction is over. So a process that slept past its lease finds another term and has
//! written nothing, and nobody takes over in the middle of what it writes.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use uuid::Uuid;
use weir_domain::{Timestamp, WorkerId};

use crate::{
    StoreError, Tx,
    sql::{Count, sql},
};

/// How long a leader's open transaction may do nothing before the server ends it, in
/// milliseconds: one whose process sleeps must not keep the next leader waiting.
const IDLE_MS: u32 = 5000;

/// One process's time at the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// The process.
    pub owner: WorkerId,
    /// Grows with every change of leader.
    pub number: i64,
}

/// The row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leader {
    /// The term, if there is a leader.
    pub term: Option<Term>,
    /// Until when, by the database's clock.
    pub lease_expires_at: Timestamp,
}

/// Returns who leads.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find(connection: &impl ConnectionTrait) -> Result<Leader, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        owner: Option<Uuid>,
        term: i64,
        lease_expires_at: i64,
    }
    let row: Option<Row> = sql("SELECT owner, term, lease_expires_at FROM leaders")
        .one(connection)
        .await?;
    let row = row.ok_or(StoreError::Changed("leader"))?;
    Ok(Leader {
        term: row.owner.map(|owner| Term {
            owner: WorkerId(owner),
            number: row.term,
        }),
        lease_expires_at: Timestamp(row.lease_expires_at),
    })
}

/// Begins a term of `candidate`, if nobody leads.
///
/// # Errors
/// If the database refuses.
///
/// # Concurrency
/// Of several candidates one is taken. Waits for a transaction of the former leader.
pub async fn stand(
    tx: &Tx,
    candidate: WorkerId,
    lease: Duration,
    now: Timestamp,
) -> Result<Option<Term>, StoreError> {
    let won: Option<Count> = sql(
        "UPDATE leaders SET owner = $1, term = term + 1, lease_expires_at = $2 \
         WHERE owner IS NULL OR lease_expires_at < $3 RETURNING term AS n",
    )
    .bind(candidate.0)
    .bind(now.plus(lease).0)
    .bind(now.0)
    .one(&**tx)
    .await?;
    Ok(won.map(|row| Term {
        owner: candidate,
        number: row.n,
    }))
}

/// Goes on leading.
///
/// # Errors
/// [`StoreError::Deposed`] if another term has begun.
pub async fn renew(
    tx: &Tx,
    term: &Term,
    lease: Duration,
    now: Timestamp,
) -> Result<(), StoreError> {
    let renewed = sql("UPDATE leaders SET lease_expires_at = $3 WHERE owner = $1 AND term = $2")
        .bind(term.owner.0)
        .bind(term.number)
        .bind(now.plus(lease).0)
        .execute(&**tx)
        .await?;
    still_leads(renewed > 0)
}

/// Makes sure that the term goes on, until the transaction ends.
///
/// # Errors
/// [`StoreError::Deposed`] if another term has begun.
pub async fn check(tx: &Tx, term: &Term) -> Result<(), StoreError> {
    let mut lock = "";
    if tx.get_database_backend() == DbBackend::Postgres {
        lock = "FOR SHARE";
        let limit = format!("SET LOCAL idle_in_transaction_session_timeout = {IDLE_MS}");
        tx.execute_unprepared(&limit).await?;
    }
    let row: Option<Count> = sql(format!(
        "SELECT term AS n FROM leaders WHERE owner = $1 AND term = $2 {lock}"
    ))
    .bind(term.owner.0)
    .bind(term.number)
    .one(&**tx)
    .await?;
    still_leads(row.is_some())
}

fn still_leads(is_so: bool) -> Result<(), StoreError> {
    is_so.then_some(()).ok_or(StoreError::Deposed)
}

/// Ends whatever term `owner` has: it stops, or is known to be dead. Says whether it led.
///
/// # Errors
/// If the database refuses.
pub async fn resign(tx: &Tx, owner: WorkerId) -> Result<bool, StoreError> {
    let resigned = sql("UPDATE leaders SET owner = NULL WHERE owner = $1")
        .bind(owner.0)
        .execute(&**tx)
        .await?;
    Ok(resigned > 0)
}
