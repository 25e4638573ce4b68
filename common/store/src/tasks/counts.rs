//! How many tasks are in each state, without counting them.
//!
//! Every transition appends its two deltas; readers sum, the sweep folds them into one row
//! a (kind, state). A counter row would make all transitions wait for each other.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use weir_domain::task::{TaskKind, TaskState};

use super::locks::try_lock;
use crate::{
    StoreError, Tx,
    sql::{Count, sql},
};

/// Rows that are not worth folding yet.
const MANY_DELTAS: i64 = 200;

/// Tasks by state.
pub type Counts = BTreeMap<&'static str, u64>;

#[derive(FromQueryResult)]
struct Sum {
    state: String,
    n: i64,
}

/// Records that a task went from one state (or from nowhere) to another.
pub(super) async fn count_transition(
    tx: &Tx,
    kind: TaskKind,
    from: Option<TaskState>,
    to: TaskState,
) -> Result<(), StoreError> {
    count_transitions(tx, kind, (from, to), 1).await
}

/// Records that so many tasks went from one state (or from nowhere) to another.
pub(super) async fn count_transitions(
    tx: &Tx,
    kind: TaskKind,
    (from, to): (Option<TaskState>, TaskState),
    count: i64,
) -> Result<(), StoreError> {
    let mut values = vec![kind.as_str().into(), to.as_str().into(), count.into()];
    if let Some(from) = from {
        values.extend([kind.as_str().into(), from.as_str().into(), (-count).into()]);
    }
    sql("INSERT INTO task_count_deltas (kind, state, delta) VALUES $*")
        .bind_rows(3, values)
        .execute(&**tx)
        .await?;
    Ok(())
}

/// Records that so many tasks of each kind and state are gone.
pub(super) async fn count_removed(
    tx: &Tx,
    removed: BTreeMap<(String, String), i64>,
) -> Result<(), StoreError> {
    let values = removed
        .into_iter()
        .flat_map(|((kind, state), count)| [kind.into(), state.into(), (-count).into()])
        .collect();
    sql("INSERT INTO task_count_deltas (kind, state, delta) VALUES $*")
        .bind_rows(3, values)
        .execute(&**tx)
        .await?;
    Ok(())
}

/// Returns the number of tasks in each state, of one kind or of all.
///
/// # Errors
/// If the database cannot be asked.
pub async fn counts(
    connection: &impl ConnectionTrait,
    kind: Option<TaskKind>,
) -> Result<Counts, StoreError> {
    let sums: Vec<Sum> = sql(
        "SELECT state, CAST(SUM(delta) AS BIGINT) AS n FROM task_count_deltas \
         WHERE $1 = '' OR kind = $1 GROUP BY state",
    )
    .bind(kind.map_or("", TaskKind::as_str))
    .all(connection)
    .await?;
    let of = |state: &TaskState| {
        sums.iter()
            .find(|sum| sum.state == state.as_str())
            .map_or(0, |sum| sum.n)
    };
    Ok(TaskState::ALL
        .iter()
        .map(|state| (state.as_str(), u64::try_from(of(state)).unwrap_or(0)))
        .collect())
}

/// How many tasks of a kind are in a state.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct KindCount {
    /// The kind, by its word.
    pub kind: String,
    /// The state, by its word.
    pub state: String,
    /// How many.
    pub n: i64,
}

/// Returns the number of tasks of each kind in each state, those that there ever were.
///
/// # Errors
/// If the database cannot be asked.
pub async fn counts_by_kind(
    connection: &impl ConnectionTrait,
) -> Result<Vec<KindCount>, StoreError> {
    sql(
        "SELECT kind, state, CAST(SUM(delta) AS BIGINT) AS n FROM task_count_deltas \
         GROUP BY kind, state ORDER BY kind, state",
    )
    .all(connection)
    .await
}

/// Replaces the deltas by their sums, if there are many.
///
/// # Errors
/// If the database refuses.
///
/// # Concurrency
/// One at a time. Exactly the rows that were summed are deleted: a row of a transaction
/// that commits meanwhile stays, whatever its number.
pub async fn fold_counts(tx: &Tx) -> Result<(), StoreError> {
    let many: Option<Count> =
        sql("SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM task_count_deltas LIMIT $1) AS few")
            .bind(MANY_DELTAS)
            .one(&**tx)
            .await?;
    if many.is_none_or(|row| row.n < MANY_DELTAS) || !try_lock(tx, "task counts").await? {
        return Ok(());
    }
    if tx.get_database_backend() == DbBackend::Postgres {
        sql(
            "WITH gone AS (DELETE FROM task_count_deltas RETURNING kind, state, delta) \
             INSERT INTO task_count_deltas (kind, state, delta) \
             SELECT kind, state, CAST(SUM(delta) AS BIGINT) FROM gone GROUP BY kind, state",
        )
        .execute(&**tx)
        .await?;
        return Ok(());
    }
    // Nobody else writes meanwhile, so the highest number divides old from new.
    sql("INSERT INTO task_count_deltas (kind, state, delta) \
         SELECT kind, state, SUM(delta) FROM task_count_deltas GROUP BY kind, state")
    .execute(&**tx)
    .await?;
    sql("DELETE FROM task_count_deltas WHERE id NOT IN \
         (SELECT MAX(id) FROM task_count_deltas GROUP BY kind, state)")
    .execute(&**tx)
    .await?;
    Ok(())
}
