//! What must be true when all is quiet, whatever was done before.
//!
//! Looks at the database, the data folder and the APIs from outside and compares them with the
//! three ledgers. Nothing here is weir's own code: a fault there must not hide itself.

mod bytes;
mod logs;
mod recovery;

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use sqlx::PgPool;

pub use recovery::Measure;

use crate::{crowd::Crowd, report::Row, stage::Stage, witness::History};

/// Nobody asks any more and nobody is disturbed; if for so long no task comes to its end, some are
/// lost. Longer than a lease and all that follows when it lapses.
const STANDSTILL: Duration = Duration::from_secs(90);
/// Between two looks whether all is quiet.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Bells that may lie in Redis: a thousand, and what two APIs ring at the same moment.
pub const MOST_IN_REDIS: usize = 1_100;

/// A task as it is in the end.
#[derive(Debug, Clone)]
pub struct TaskRow {
    pub id: String,
    pub target: String,
    pub state: String,
    pub error_code: Option<String>,
    pub attempts: i64,
    pub created_at: i64,
}

impl TaskRow {
    fn is_final(&self) -> bool {
        self.state == "success" || self.state == "error"
    }
}

/// All that is known in the end.
#[derive(Debug)]
pub struct Verdict {
    pub row: Row,
    pub history: History,
    pub tasks: HashMap<String, TaskRow>,
}

/// Waits until all is quiet, compares everything with everything, and ends the processes.
pub async fn judge(
    mut stage: Stage<'_>,
    crowd: &Crowd,
    (scenario, measure): (&str, Measure),
) -> Verdict {
    let mut row = Row {
        scenario: scenario.to_owned(),
        ..Row::default()
    };
    let is_quiet = quiet(&stage).await;
    row.expect(is_quiet, || "tasks are open, and none ends".to_owned());
    bounded(&mut row, &stage).await;
    let tasks = tasks(&stage.pool).await;
    compare_acknowledged(&mut row, crowd, &tasks);
    bytes::compare_packuments(&mut row, &stage, &mirrored(&tasks)).await;
    stage.end_all().await;
    bytes::compare_folder(&mut row, &stage, &mirrored(&tasks));
    let history = History::read(&stage.pool).await;
    let history = history.expect("the witness can be read");
    compare_upstream(&mut row, &stage, &history, &tasks);
    row.log_gaps = logs::compare(&mut row, &stage.pool).await;
    row.duplicates = history.duplicates();
    row.reexecutions = history.reexecutions();
    row.recovery = recovery::measure(measure, &stage.faults, &history, &tasks);
    row.faults = stage.faults.len();
    row.restarts = stage.restarts();
    row.broken.extend(history.broken.iter().cloned());
    let strangers: Vec<_> = history.processes.difference(&stage.names).collect();
    row.expect(strangers.is_empty(), || {
        format!("{strangers:?} wrote, and the witness knows nobody of that name")
    });
    row.broken.append(&mut stage.complaints);
    let (lost, duplicates, gaps) = (row.lost, row.duplicates, row.log_gaps);
    row.expect(lost == 0, || format!("{lost} tasks are lost"));
    row.expect(duplicates == 0, || {
        format!("{duplicates} things happened twice")
    });
    row.expect(gaps == 0, || format!("{gaps} logs are broken"));
    row.seconds = stage.began.elapsed().as_secs();
    Verdict {
        row,
        history,
        tasks,
    }
}

/// Redis holds few things: hints, never the work itself.
async fn bounded(row: &mut Row, stage: &Stage<'_>) {
    let fullest = stage.fullest_key().await;
    row.expect(fullest <= MOST_IN_REDIS, || {
        format!("{fullest} things lie under one key of Redis")
    });
}

/// Waits until every task is at its end, however long that takes, while some still come there.
async fn quiet(stage: &Stage<'_>) -> bool {
    let (mut fewest, mut since) = (i64::MAX, Instant::now());
    loop {
        let open = stage.open_tasks().await.unwrap_or(i64::MAX);
        if open == 0 {
            return true;
        }
        if open < fewest {
            (fewest, since) = (open, Instant::now());
        }
        if since.elapsed() > STANDSTILL {
            return false;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn tasks(pool: &PgPool) -> HashMap<String, TaskRow> {
    type Fields = (String, String, String, Option<String>, i64, i64);
    let sql = "SELECT id::text, target, state, error_code, attempts, created_at FROM tasks";
    let rows: sqlx::Result<Vec<Fields>> = sqlx::query_as(sql).fetch_all(pool).await;
    let rows = rows.expect("tasks can be read").into_iter();
    let tasks = rows.map(
        |(id, target, state, error_code, attempts, created_at)| TaskRow {
            id,
            target,
            state,
            error_code,
            attempts,
            created_at,
        },
    );
    tasks.map(|task| (task.id.clone(), task)).collect()
}

/// Returns the packages that some task says it has brought.
fn mirrored(tasks: &HashMap<String, TaskRow>) -> Vec<String> {
    let done = tasks.values().filter(|task| task.state == "success");
    let mut names: Vec<_> = done.map(|task| task.target.clone()).collect();
    names.sort();
    names.dedup();
    names
}

/// The first ledger: whatever was acknowledged is there and at its end. A task that lost three
/// workers is at its end too, as promised; any other error is a failure of ours.
fn compare_acknowledged(row: &mut Row, crowd: &Crowd, tasks: &HashMap<String, TaskRow>) {
    let ledger = crowd.ledger();
    row.tasks = ledger.acknowledged.len();
    row.broken.extend(ledger.not_whole.iter().cloned());
    for (id, name) in &ledger.acknowledged {
        let task = tasks.get(id);
        if !task.is_some_and(TaskRow::is_final) {
            row.lost += 1;
            row.broken
                .push(format!("{name} was acknowledged and is {task:?}"));
        }
    }
    let mut errors: BTreeMap<&str, usize> = BTreeMap::new();
    for task in tasks.values().filter(|task| task.state == "error") {
        let code = task.error_code.as_deref().unwrap_or_default();
        *errors.entry(code).or_default() += 1;
        if code != "poisoned" {
            row.broken.push(format!("{} ended as {code}", task.target));
        }
    }
    if let Some(poisoned) = errors.get("poisoned") {
        row.remarks.push(format!("{poisoned} poisoned"));
    }
    let in_doubt = tasks.len().saturating_sub(ledger.acknowledged.len());
    if in_doubt > 0 {
        row.remarks
            .push(format!("{in_doubt} done that nobody was told of"));
    }
    if !ledger.errors.is_empty() {
        row.remarks.push(format!("answers: {:?}", ledger.errors));
    }
    if ledger.unanswered > 0 {
        row.remarks
            .push(format!("{} requests cut", ledger.unanswered));
    }
}

/// The third ledger: the upstream was asked only for what there is, and for each document no
/// more often than runs wanted it.
fn compare_upstream(
    row: &mut Row,
    stage: &Stage<'_>,
    history: &History,
    tasks: &HashMap<String, TaskRow>,
) {
    let mut runs: HashMap<&str, usize> = HashMap::new();
    for (id, of_task) in &history.runs {
        let target = tasks.get(id).map_or("", |task| task.target.as_str());
        *runs.entry(target).or_default() += of_task.len();
    }
    for (what, count) in stage.upstream.ledger().counts() {
        let Some(name) = what.strip_prefix("packument ") else {
            continue;
        };
        let runs = runs.get(name).copied().unwrap_or_default();
        row.expect(count <= runs, || {
            format!("{what} was asked for {count} times by {runs} runs")
        });
    }
    let unexpected = stage.upstream.ledger().unexpected();
    row.expect(unexpected.is_empty(), || {
        format!(
            "the upstream was asked for {} things it does not have",
            unexpected.len()
        )
    });
}
