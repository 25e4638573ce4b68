//! Reading the trail page by page, newest first, with the names of those who acted.

use sea_orm::{ConnectionTrait, Value};
use weir_domain::{AuditId, Timestamp, UserId};

use super::{Event, NEWEST_FIRST, Row, SELECT};
use crate::{
    StoreError,
    sql::{Sql, sql},
};

/// Which events to return; every given field must match.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// By this user.
    pub user: Option<UserId>,
    /// This action (`block.set`), or all of this noun (`block`).
    pub action: Option<String>,
    /// To this thing.
    pub target: Option<String>,
    /// At this moment or later.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// Before this event (the cursor of the previous page).
    pub before: Option<AuditId>,
    /// At most this many.
    pub limit: u64,
}

/// An event as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Identifier.
    pub id: AuditId,
    /// What was done.
    pub event: Event,
    /// The name of who did it, if it was a user who is still there.
    pub user_name: Option<String>,
}

/// Returns a page of events, newest first.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find(
    connection: &impl ConnectionTrait,
    filter: &Filter,
) -> Result<Vec<Record>, StoreError> {
    let (conditions, values) = conditions(filter);
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    let query = sql(format!(
        "{SELECT} WHERE {} {NEWEST_FIRST} LIMIT {limit}",
        conditions.join(" AND ")
    ));
    let query = values.into_iter().fold(query, Sql::bind);
    let rows: Vec<Row> = query.all(connection).await?;
    let record = |mut row: Row| Record {
        id: AuditId(row.id),
        user_name: row.user_name.take(),
        event: Event::from(row),
    };
    Ok(rows.into_iter().map(record).collect())
}

/// Returns what an event must fulfil, and the values that this names.
fn conditions(filter: &Filter) -> (Vec<String>, Vec<Value>) {
    let mut conditions = vec![String::from("true")];
    let mut values: Vec<Value> = Vec::new();
    let mut add = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            values.push(value);
            conditions.push(condition.replace('?', &format!("${}", values.len())));
        }
    };
    add("a.user_id = ?", filter.user.map(|user| user.0.into()));
    let (word, noun) = match &filter.action {
        Some(word) if word.contains('.') => (Some(word.clone()), None),
        Some(noun) => (None, Some(format!("{noun}."))),
        None => (None, None),
    };
    add("a.action = ?", word.map(Value::from));
    add(
        "SUBSTR(a.action, 1, LENGTH(CAST(? AS TEXT))) = ?",
        noun.map(Value::from),
    );
    add("a.target = ?", filter.target.clone().map(Value::from));
    add("a.at >= ?", filter.since.map(|at| at.0.into()));
    add("a.at < ?", filter.until.map(|at| at.0.into()));
    add(
        "(a.at, a.id) < (SELECT b.at, b.id FROM audit_events b WHERE b.id = ?)",
        filter.before.map(|id| id.0.into()),
    );
    (conditions, values)
}
