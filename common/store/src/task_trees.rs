//! Trees: everything one request led to, name by name.
//!
//! A root has one row a key (its newest task), the ranges wanted of each name, and the
//! versions whose dependencies were already asked for. A tree is done when its root and
//! every task in it have ended.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use uuid::Uuid;
use weir_domain::{PackageName, TaskId, Version, task::TaskState};

use crate::{
    StoreError, Tx,
    sql::{Count, Text, sql},
};

/// Most names in one tree.
pub const MAX_NAMES: i64 = 10_000;
/// Most (name, range) wishes in one tree.
pub const MAX_WANTS: i64 = 50_000;

/// Makes `task` the newest of `key` in the tree.
pub(crate) async fn record(
    tx: &Tx,
    root: TaskId,
    key: &str,
    task: TaskId,
) -> Result<(), StoreError> {
    sql(
        "INSERT INTO task_tree (root_id, dedupe_key, task_id) VALUES ($1, $2, $3) \
         ON CONFLICT (root_id, dedupe_key) DO UPDATE SET task_id = excluded.task_id",
    )
    .bind(root.0)
    .bind(key)
    .bind(task.0)
    .execute(&**tx)
    .await?;
    Ok(())
}

/// Says whether the tree has a task of `key`; a look ahead that may be old at once.
///
/// # Errors
/// If the database cannot be asked.
pub async fn has_member(
    connection: &impl ConnectionTrait,
    root: TaskId,
    key: &str,
) -> Result<bool, StoreError> {
    let row: Option<Count> = sql("SELECT COUNT(*) AS n FROM task_tree \
         WHERE root_id = $1 AND dedupe_key = $2")
    .bind(root.0)
    .bind(key)
    .one(connection)
    .await?;
    Ok(row.is_some_and(|row| row.n > 0))
}

/// Returns the newest task of `key` in the tree, with its state and generation, which stay
/// as they are until the transaction ends: one that has not begun will see what it wrote.
///
/// # Errors
/// If the database cannot be asked.
pub async fn member(
    tx: &Tx,
    root: TaskId,
    key: &str,
) -> Result<Option<(TaskId, TaskState, i64)>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        state: String,
        generation: i64,
    }
    let lock = match tx.get_database_backend() {
        DbBackend::Postgres => "FOR SHARE OF t",
        _ => "",
    };
    let row: Option<Row> = sql(format!(
        "SELECT t.id, t.state, t.generation FROM task_tree m \
         JOIN tasks t ON t.id = m.task_id WHERE m.root_id = $1 AND m.dedupe_key = $2 {lock}"
    ))
    .bind(root.0)
    .bind(key)
    .one(&**tx)
    .await?;
    row.map(|row| {
        let state = row.state.parse().map_err(|_| StoreError::Corrupt {
            table: "tasks",
            column: "state",
            id: row.id.to_string(),
        })?;
        Ok((TaskId(row.id), state, row.generation))
    })
    .transpose()
}

/// Records that the tree wants this range of the name; false if it did before.
///
/// # Errors
/// If the database refuses.
pub async fn want(
    tx: &Tx,
    root: TaskId,
    name: &PackageName,
    wanted: &str,
) -> Result<bool, StoreError> {
    let inserted = sql(
        "INSERT INTO tree_wants (root_id, name, wanted) VALUES ($1, $2, $3) \
         ON CONFLICT (root_id, name, wanted) DO NOTHING",
    )
    .bind(root.0)
    .bind(name.as_str())
    .bind(wanted)
    .execute(&**tx)
    .await?;
    Ok(inserted > 0)
}

/// Says whether the tree wants this range of the name.
///
/// # Errors
/// If the database cannot be asked.
pub async fn is_wanted(
    connection: &impl ConnectionTrait,
    root: TaskId,
    name: &PackageName,
    wanted: &str,
) -> Result<bool, StoreError> {
    let row: Option<Count> = sql("SELECT CAST(1 AS BIGINT) AS n FROM tree_wants \
         WHERE root_id = $1 AND name = $2 AND wanted = $3")
    .bind(root.0)
    .bind(name.as_str())
    .bind(wanted)
    .one(connection)
    .await?;
    Ok(row.is_some())
}

/// Returns the ranges and tags that the tree wants of the name.
///
/// # Errors
/// If the database cannot be asked.
pub async fn wants(
    connection: &impl ConnectionTrait,
    root: TaskId,
    name: &PackageName,
) -> Result<Vec<String>, StoreError> {
    let rows: Vec<Text> = sql(
        "SELECT wanted AS value FROM tree_wants WHERE root_id = $1 AND name = $2 ORDER BY wanted",
    )
    .bind(root.0)
    .bind(name.as_str())
    .all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| row.value).collect())
}

/// Records that the dependencies of this version were asked for; false if they were before.
///
/// # Errors
/// If the database refuses.
pub async fn expand(
    tx: &Tx,
    root: TaskId,
    name: &PackageName,
    version: &Version,
) -> Result<bool, StoreError> {
    let inserted = sql(
        "INSERT INTO tree_expanded (root_id, name, version) VALUES ($1, $2, $3) \
         ON CONFLICT (root_id, name, version) DO NOTHING",
    )
    .bind(root.0)
    .bind(name.as_str())
    .bind(version.as_str())
    .execute(&**tx)
    .await?;
    Ok(inserted > 0)
}

/// Says whether the dependencies of this version were asked for in the tree.
///
/// # Errors
/// If the database cannot be asked.
pub async fn is_expanded(
    connection: &impl ConnectionTrait,
    root: TaskId,
    name: &PackageName,
    version: &Version,
) -> Result<bool, StoreError> {
    let row: Option<Count> = sql("SELECT CAST(1 AS BIGINT) AS n FROM tree_expanded \
         WHERE root_id = $1 AND name = $2 AND version = $3")
    .bind(root.0)
    .bind(name.as_str())
    .bind(version.as_str())
    .one(connection)
    .await?;
    Ok(row.is_some())
}

/// How large a tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeSize {
    /// Names, the root's included.
    pub names: i64,
    /// (name, range) wishes.
    pub wants: i64,
}

/// Returns how large the tree is.
///
/// # Errors
/// If the database cannot be asked.
pub async fn size(connection: &impl ConnectionTrait, root: TaskId) -> Result<TreeSize, StoreError> {
    let count = |table: &str| {
        sql(format!(
            "SELECT COUNT(*) AS n FROM {table} WHERE root_id = $1"
        ))
        .bind(root.0)
    };
    let names: Option<Count> = count("task_tree").one(connection).await?;
    let wants: Option<Count> = count("tree_wants").one(connection).await?;
    Ok(TreeSize {
        names: names.map_or(0, |row| row.n),
        wants: wants.map_or(0, |row| row.n),
    })
}

/// Returns how many tasks of the tree (its root apart) are in each state.
///
/// # Errors
/// If the database cannot be asked.
pub async fn children(
    connection: &impl ConnectionTrait,
    root: TaskId,
) -> Result<BTreeMap<&'static str, u64>, StoreError> {
    let mut children = children_of_all(connection, &[root]).await?;
    Ok(children.remove(&root).unwrap_or_default())
}

/// Returns what [`children`] would, of several roots.
pub(crate) async fn children_of_all(
    connection: &impl ConnectionTrait,
    roots: &[TaskId],
) -> Result<HashMap<TaskId, BTreeMap<&'static str, u64>>, StoreError> {
    #[derive(FromQueryResult)]
    struct Sum {
        root_id: Uuid,
        state: String,
        n: i64,
    }
    let none = TaskState::ALL.iter().map(|state| (state.as_str(), 0));
    let none: BTreeMap<&'static str, u64> = none.collect();
    let mut children: HashMap<_, _> = roots.iter().map(|root| (*root, none.clone())).collect();
    if roots.is_empty() {
        return Ok(children);
    }
    let sums: Vec<Sum> = sql("SELECT m.root_id, t.state, COUNT(*) AS n FROM task_tree m \
         JOIN tasks t ON t.id = m.task_id \
         WHERE m.root_id IN ($*) AND m.task_id <> m.root_id GROUP BY m.root_id, t.state")
    .bind_all(roots.iter().map(|root| root.0))
    .all(connection)
    .await?;
    for sum in sums {
        let of_root = children.get_mut(&TaskId(sum.root_id));
        if let Some(count) = of_root.and_then(|states| states.get_mut(sum.state.as_str())) {
            *count = u64::try_from(sum.n).unwrap_or(0);
        }
    }
    Ok(children)
}

/// Returns the tasks of the tree (its root apart) that ended in error, at most `limit`.
///
/// # Errors
/// If the database cannot be asked.
pub async fn failed_children(
    connection: &impl ConnectionTrait,
    root: TaskId,
    limit: i64,
) -> Result<Vec<(TaskId, String)>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        target: String,
    }
    let rows: Vec<Row> = sql(
        "SELECT t.id, t.target FROM task_tree m JOIN tasks t ON t.id = m.task_id \
         WHERE m.root_id = $1 AND m.task_id <> $1 AND t.state = 'error' ORDER BY t.id LIMIT $2",
    )
    .bind(root.0)
    .bind(limit)
    .all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (TaskId(row.id), row.target))
        .collect())
}
