//! The look at all watched tasks that makes up for hints which never came.
//!
//! One query for everybody who watches in this process, however many they are; only those
//! whose task has changed since the last look are told.

use std::time::Duration;

use tokio::time::MissedTickBehavior;
use weir_store::{Db, tasks};

use crate::watchers::Watchers;

/// Most tasks in one query; databases bound the number of values.
const TASKS: usize = 1_000;

/// Looks for ever.
pub(crate) async fn run(watchers: &Watchers, every: Duration, db: &Db) {
    let mut tick = tokio::time::interval(every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_blind = false;
    loop {
        tick.tick().await;
        let seen = look(watchers, db).await;
        if let Err(error) = &seen
            && !is_blind
        {
            tracing::warn!(
                error = error as &dyn std::error::Error,
                "followed tasks cannot be looked at"
            );
        }
        is_blind = seen.is_err();
    }
}

async fn look(watchers: &Watchers, db: &Db) -> Result<(), weir_store::StoreError> {
    for some in watchers.tasks().chunks(TASKS) {
        for (task, mark) in tasks::marks(db.read(), some).await? {
            watchers.seen(task, mark);
        }
    }
    Ok(())
}
