//! Places in the queue: how many ready tasks go before a waiting one.
//!
//! Counted to a thousand, so that the work is bounded by as many entries of the index a lane,
//! whatever waits, and by two statements, however many tasks are asked about.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::TaskId;

use crate::{
    StoreError, queues,
    sql::{by_index, sql},
};

/// Places beyond this are not counted.
const CAP: u64 = 1000;

/// Returns the places of those of `tasks` that are ready and not past a thousand.
///
/// Paused lanes go before nobody.
///
/// # Errors
/// If the database cannot be asked.
pub async fn queue_positions(
    connection: &impl ConnectionTrait,
    tasks: &[TaskId],
) -> Result<HashMap<TaskId, u64>, StoreError> {
    #[derive(FromQueryResult)]
    struct Place {
        id: Uuid,
        n: i64,
    }
    if tasks.is_empty() {
        return Ok(HashMap::new());
    }
    let lanes = queues::open_lanes(connection).await?;
    let heads: Vec<_> = (1..=lanes.len())
        .map(|number| {
            format!(
                "SELECT * FROM ({}) AS lane{number}",
                heads(connection, number)
            )
        })
        .collect();
    let heads = match heads[..] {
        [] => "SELECT priority, fair_key, id FROM tasks WHERE id IS NULL".to_owned(),
        [..] => heads.join(" UNION ALL "),
    };
    let mut statement = sql(format!(
        "WITH heads AS MATERIALIZED ({heads}) SELECT t.id, (SELECT COUNT(*) FROM heads h \
         WHERE h.priority > t.priority OR (h.priority = t.priority AND (h.fair_key < t.fair_key \
         OR (h.fair_key = t.fair_key AND h.id < t.id)))) AS n \
         FROM tasks t WHERE t.is_ready AND t.id IN ($*)"
    ));
    for lane in lanes {
        statement = statement.bind(lane.value);
    }
    let places: Vec<Place> = statement
        .bind_all(tasks.iter().map(|task| task.0))
        .all(connection)
        .await?;
    let counted = |place: Place| Some((TaskId(place.id), u64::try_from(place.n).ok()?));
    let places = places.into_iter().filter_map(counted);
    Ok(places.filter(|(_, ahead)| *ahead <= CAP).collect())
}

/// The first rows of the lane that is the statement's value of this number.
///
/// They are taken in the order of the index and only then compared: comparing inside would
/// read the whole lane whenever fewer come before than are looked at.
pub(super) fn heads(connection: &impl ConnectionTrait, number: usize) -> String {
    format!(
        "SELECT priority, fair_key, id FROM tasks {} WHERE is_ready AND lane = ${number} \
         ORDER BY priority DESC, fair_key, id LIMIT {}",
        by_index(connection, "tasks_ready"),
        CAP + 1
    )
}
