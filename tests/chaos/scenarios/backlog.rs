//! Everything waits before the first worker starts.

use crate::{
    ground::Ground,
    oracle::{MOST_IN_REDIS, Measure, judge},
    report::Row,
    stage::{Patience, Stage},
};

/// How long the first claim may take, in seconds.
const FIRST_CLAIM: f64 = 2.0;

/// Workers start under a mountain of tasks.
pub async fn drains(ground: &mut Ground) -> Row {
    let plan = ground.plan;
    let mut stage = Stage::without_workers(ground, Patience::DEFAULT).await;
    let crowd = stage.crowd(plan.tasks(1_000, 100_000));
    crowd.ask().await;
    let lying = stage.fullest_key().await;
    stage.note();
    stage.start_workers().await;
    let title = ("workers start under a backlog", Measure::AnyRun);
    let verdict = judge(stage, &crowd, title).await;
    let mut row = verdict.row;
    let first = row.recovery.first().copied().unwrap_or(f64::INFINITY);
    row.expect(first <= FIRST_CLAIM, || {
        format!("the first claim came after {first} s")
    });
    let (ends, tasks) = (&verdict.history.ended_at, row.tasks as u128);
    let span = ends.iter().max().zip(ends.iter().min());
    let span = span.and_then(|(last, first)| u128::try_from(last - first).ok());
    let per_second = tasks * 1000 / span.unwrap_or(1).max(1);
    row.remarks.push(format!("{per_second} tasks/s"));
    row.remarks
        .push(format!("{lying} bells at most under a key of Redis"));
    row.expect(lying <= MOST_IN_REDIS, || {
        format!("{lying} things lie under a key of Redis")
    });
    row
}
