//! Who asked for a task, and how each wanted it done.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{TaskId, Timestamp, UserId, task::SyncOptions};

use crate::{
    StoreError, Tx,
    sql::{Count, sql},
    tasks::NewRequest,
};

/// One caller's wish for a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The tree it belongs to.
    pub root: TaskId,
    /// The user, if one asked.
    pub requester: Option<String>,
    /// The HTTP request.
    pub request_id: Option<String>,
    /// A reason, for people.
    pub tips: Option<String>,
    /// How the work is wanted.
    pub options: SyncOptions,
    /// When it was made.
    pub created_at: Timestamp,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    task_id: Uuid,
    root_id: Uuid,
    requester: Option<String>,
    request_id: Option<String>,
    tips: Option<String>,
    options: String,
    created_at: i64,
}

/// Records a request, unless the same tree already asks the same of the task.
pub(crate) async fn insert(
    tx: &Tx,
    task: TaskId,
    root: TaskId,
    request: &NewRequest,
    now: Timestamp,
) -> Result<(), StoreError> {
    let options =
        serde_json::to_string(&request.options).map_err(|_| StoreError::Changed("options"))?;
    let (user, name) = request.requester.clone().unzip();
    sql("INSERT INTO task_requests (id, task_id, root_id, requester_id, requester, request_id, tips, options, \
         created_at) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 \
         WHERE $10 OR NOT EXISTS (SELECT 1 FROM task_requests WHERE task_id = $2 AND root_id = $3 \
         AND options = $8 AND withdrawn_at IS NULL)")
        .bind(TaskId::new().0)
        .bind(task.0)
        .bind(root.0)
        .bind(user.map(|user| user.0))
        .bind(name)
        .bind(request.request_id.clone())
        .bind(request.tips.clone())
        .bind(options)
        .bind(now.0)
        .bind(request.root.is_none())
        .execute(&**tx)
        .await?;
    Ok(())
}

/// Columns of a [`Row`].
const COLUMNS: &str =
    "r.id, r.task_id, r.root_id, r.requester, r.request_id, r.tips, r.options, r.created_at";

/// The requests that someone still wants; what follows says of which tasks.
const LIVE: &str = "FROM task_requests r WHERE r.withdrawn_at IS NULL \
    AND (r.root_id = r.task_id OR EXISTS (SELECT 1 FROM task_requests o \
    WHERE o.task_id = r.root_id AND o.root_id = r.root_id AND o.withdrawn_at IS NULL)) AND r.task_id";

/// Returns the requests of a task that someone still wants, oldest first.
///
/// A tree's request lives only as long as someone wants the tree's root: cancelling a root
/// withdraws everything of its tree, also what is submitted for it afterwards.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn live(
    connection: &impl ConnectionTrait,
    task: TaskId,
) -> Result<Vec<Request>, StoreError> {
    let rows: Vec<Row> = sql(format!("SELECT {COLUMNS} {LIVE} = $1 ORDER BY r.id"))
        .bind(task.0)
        .all(connection)
        .await?;
    rows.into_iter().map(Request::try_from).collect()
}

/// Returns the request that a task was made for, wanted or not.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn first(
    connection: &impl ConnectionTrait,
    task: TaskId,
) -> Result<Option<Request>, StoreError> {
    let query = "FROM task_requests r WHERE r.task_id = $1 ORDER BY r.id LIMIT 1";
    let row: Option<Row> = sql(format!("SELECT {COLUMNS} {query}"))
        .bind(task.0)
        .one(connection)
        .await?;
    row.map(Request::try_from).transpose()
}

/// Returns what [`live`] would, of several tasks.
pub(crate) async fn live_of_all(
    connection: &impl ConnectionTrait,
    tasks: &[TaskId],
) -> Result<HashMap<TaskId, Vec<Request>>, StoreError> {
    let rows: Vec<Row> = sql(format!("SELECT {COLUMNS} {LIVE} IN ($*) ORDER BY r.id"))
        .bind_all(tasks.iter().map(|task| task.0))
        .all(connection)
        .await?;
    let mut requests: HashMap<TaskId, Vec<Request>> = HashMap::new();
    for row in rows {
        let of_task = requests.entry(TaskId(row.task_id)).or_default();
        of_task.push(row.try_into()?);
    }
    Ok(requests)
}

impl TryFrom<Row> for Request {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let options = serde_json::from_str(&row.options).map_err(|_| StoreError::Corrupt {
            table: "task_requests",
            column: "options",
            id: row.id.to_string(),
        })?;
        Ok(Self {
            root: TaskId(row.root_id),
            requester: row.requester,
            request_id: row.request_id,
            tips: row.tips,
            options,
            created_at: Timestamp(row.created_at),
        })
    }
}

/// Returns the oldest requests that [`live`] would, at most `limit` of each task, and how
/// many there are.
pub(crate) async fn some_of_all(
    connection: &impl ConnectionTrait,
    tasks: &[TaskId],
    limit: i64,
) -> Result<HashMap<TaskId, (Vec<Request>, u64)>, StoreError> {
    #[derive(FromQueryResult)]
    struct Counted {
        total: i64,
        #[sea_orm(nested)]
        row: Row,
    }
    if tasks.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Counted> = sql(format!(
        "SELECT {COLUMNS}, r.total FROM (SELECT {COLUMNS}, \
         COUNT(*) OVER (PARTITION BY r.task_id) AS total, \
         ROW_NUMBER() OVER (PARTITION BY r.task_id ORDER BY r.id) AS place {LIVE} IN ($*)) AS r \
         WHERE r.place <= {limit} ORDER BY r.id"
    ))
    .bind_all(tasks.iter().map(|task| task.0))
    .all(connection)
    .await?;
    let mut some: HashMap<TaskId, (Vec<Request>, u64)> = HashMap::new();
    for Counted { total, row } in rows {
        let (requests, count) = some.entry(TaskId(row.task_id)).or_default();
        *count = u64::try_from(total).unwrap_or(0);
        requests.push(row.try_into()?);
    }
    Ok(some)
}

/// Returns the tree that each live task belongs to: its own if somebody asked for the task
/// itself, else the one whose request is oldest.
pub(crate) async fn roots_of_all(
    connection: &impl ConnectionTrait,
    tasks: &[TaskId],
) -> Result<HashMap<TaskId, TaskId>, StoreError> {
    #[derive(FromQueryResult)]
    struct Root {
        task_id: Uuid,
        root_id: Uuid,
    }
    if tasks.is_empty() {
        return Ok(HashMap::new());
    }
    let roots: Vec<Root> = sql(format!(
        "SELECT task_id, root_id FROM (SELECT r.task_id, r.root_id, \
         ROW_NUMBER() OVER (PARTITION BY r.task_id \
         ORDER BY CASE WHEN r.root_id = r.task_id THEN 0 ELSE 1 END, r.id) AS place \
         {LIVE} IN ($*)) AS roots WHERE place = 1"
    ))
    .bind_all(tasks.iter().map(|task| task.0))
    .all(connection)
    .await?;
    let pair = |root: Root| (TaskId(root.task_id), TaskId(root.root_id));
    Ok(roots.into_iter().map(pair).collect())
}

/// Returns what all wishes for each task wanted between them, withdrawn since or not.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn options(
    connection: &impl ConnectionTrait,
    tasks: &[TaskId],
) -> Result<HashMap<TaskId, SyncOptions>, StoreError> {
    if tasks.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Row> = sql(format!(
        "SELECT {COLUMNS} FROM task_requests r WHERE r.task_id IN ($*) ORDER BY r.id"
    ))
    .bind_all(tasks.iter().map(|task| task.0))
    .all(connection)
    .await?;
    let mut options: HashMap<TaskId, SyncOptions> = HashMap::new();
    for row in rows {
        let task = TaskId(row.task_id);
        let wanted = Request::try_from(row)?.options;
        let all = match options.remove(&task) {
            Some(others) => others.union(&wanted),
            None => wanted,
        };
        options.insert(task, all);
    }
    Ok(options)
}

/// Says whether `user` ever asked for the task itself, withdrawn since or not.
///
/// # Errors
/// If the database cannot be asked.
pub async fn has_asked(
    connection: &impl ConnectionTrait,
    task: TaskId,
    user: UserId,
) -> Result<bool, StoreError> {
    let row: Option<Count> = sql("SELECT CAST(1 AS BIGINT) AS n FROM task_requests \
         WHERE task_id = $1 AND requester_id = $2 LIMIT 1")
    .bind(task.0)
    .bind(user.0)
    .one(connection)
    .await?;
    Ok(row.is_some())
}

/// Says whether a task that was asked for by the tree of `root` is not over.
pub(crate) async fn has_unfinished(
    connection: &impl ConnectionTrait,
    root: TaskId,
) -> Result<bool, StoreError> {
    let row: Option<Count> = sql("SELECT CAST(1 AS BIGINT) AS n FROM task_requests r \
         JOIN tasks t ON t.id = r.task_id WHERE r.root_id = $1 \
         AND t.state IN ('waiting', 'processing') LIMIT 1")
    .bind(root.0)
    .one(connection)
    .await?;
    Ok(row.is_some())
}

/// Withdraws what `user` asked for at `root` itself; says how many wishes that were.
pub(crate) async fn withdraw_by(
    tx: &Tx,
    root: TaskId,
    user: UserId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    sql("UPDATE task_requests SET withdrawn_at = $3 \
         WHERE task_id = $1 AND requester_id = $2 AND withdrawn_at IS NULL")
    .bind(root.0)
    .bind(user.0)
    .bind(now.0)
    .execute(&**tx)
    .await
}

/// Withdraws every request for `root`, whoever's and whatever tree's; with it goes its tree.
pub(crate) async fn withdraw_all(tx: &Tx, root: TaskId, now: Timestamp) -> Result<u64, StoreError> {
    sql("UPDATE task_requests SET withdrawn_at = $2 WHERE task_id = $1 AND withdrawn_at IS NULL")
        .bind(root.0)
        .bind(now.0)
        .execute(&**tx)
        .await
}
