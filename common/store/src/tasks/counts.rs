//! How many tasks are in each state, without counting them.
//!
//! Every transition appends its two deltas; readers sum, the sweep folds them into one row
//! a (kind, state). A counter row would make all transitions wait for each other.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, FromQueryResult};
use weir_domain::task::{TaskKind, TaskState};

use crate::{StoreError, Tx, sql::sql};

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
    let mut values = vec![kind.as_str().into(), to.as_str().into(), 1_i64.into()];
    if let Some(from) = from {
        values.extend([kind.as_str().into(), from.as_str().into(), (-1_i64).into()]);
    }
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

/// Replaces the deltas by their sums, if there are many.
///
/// # Errors
/// If the database refuses.
pub async fn fold_counts(tx: &Tx) -> Result<(), StoreError> {
    #[derive(FromQueryResult)]
    struct Span {
        n: i64,
        last: Option<i64>,
    }
    let span: Option<Span> = sql("SELECT COUNT(*) AS n, MAX(id) AS last FROM task_count_deltas")
        .one(&**tx)
        .await?;
    let Some(Span {
        n,
        last: Some(last),
    }) = span
    else {
        return Ok(());
    };
    if n < 200 {
        return Ok(());
    }
    sql("INSERT INTO task_count_deltas (kind, state, delta) \
         SELECT kind, state, CAST(SUM(delta) AS BIGINT) FROM task_count_deltas WHERE id <= $1 \
         GROUP BY kind, state")
    .bind(last)
    .execute(&**tx)
    .await?;
    sql("DELETE FROM task_count_deltas WHERE id <= $1")
        .bind(last)
        .execute(&**tx)
        .await?;
    Ok(())
}
