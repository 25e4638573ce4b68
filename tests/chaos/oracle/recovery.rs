//! How long it took until things went on.

use std::collections::HashMap;

use super::TaskRow;
use crate::{
    stage::Fault,
    witness::{History, Run},
};

/// What is measured, in seconds.
#[derive(Debug, Clone, Copy)]
pub enum Measure {
    /// From the fault that met a run's process to the next run of the task.
    NextRun,
    /// From an accepted wish to its run; of each fault the slowest until the next fault.
    PickUp,
    /// From the fault (or its end, if noted then) to the next run of any task.
    AnyRun,
}

/// Measures the recovery from each fault, or of each run that one met.
pub fn measure(
    measure: Measure,
    faults: &[Fault],
    history: &History,
    tasks: &HashMap<String, TaskRow>,
) -> Vec<f64> {
    let spans: Vec<i64> = match measure {
        Measure::NextRun => next_runs(faults, history),
        Measure::PickUp => pick_ups(faults, history, tasks),
        Measure::AnyRun => {
            let mut claims: Vec<_> = history
                .runs
                .values()
                .flatten()
                .map(|run| run.began_at)
                .collect();
            claims.sort_unstable();
            let next = |fault: &Fault| {
                let index = claims.partition_point(|at| *at < fault.at);
                claims.get(index).map(|at| at - fault.at)
            };
            faults.iter().filter_map(next).collect()
        }
    };
    spans.into_iter().map(seconds).collect()
}

fn next_runs(faults: &[Fault], history: &History) -> Vec<i64> {
    let met = |run: &Run| {
        let is_met = |fault: &&Fault| {
            fault.process.as_deref() == Some(run.process.as_str())
                && run.began_at <= fault.at
                && run.let_go_at.is_none_or(|at| at >= fault.at)
        };
        faults.iter().find(is_met).map(|fault| fault.at)
    };
    let pairs = history.runs.values().flat_map(|runs| runs.windows(2));
    pairs
        .filter_map(|pair| Some(pair[1].began_at - met(&pair[0])?))
        .collect()
}

fn pick_ups(faults: &[Fault], history: &History, tasks: &HashMap<String, TaskRow>) -> Vec<i64> {
    let waits: Vec<_> = tasks
        .values()
        .filter_map(|task| {
            let run = history.runs.get(&task.id)?.first()?;
            Some((task.created_at, run.began_at - task.created_at))
        })
        .collect();
    let mut slowest = Vec::new();
    for (index, fault) in faults.iter().enumerate() {
        let until = faults.get(index + 1).map_or(i64::MAX, |next| next.at);
        let since = waits
            .iter()
            .filter(|(at, _)| (fault.at..until).contains(at));
        slowest.extend(since.map(|(_, wait)| *wait).max());
    }
    slowest
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a number of milliseconds that a person can wait"
)]
fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}
