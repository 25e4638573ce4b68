//! A new release: every process is asked to end and started again, one after the other.

use std::time::{Duration, Instant};

use crate::{
    ground::Ground,
    oracle::{Measure, judge},
    report::Row,
    stage::{Patience, Place, Stage},
};

/// Runs are given back when this is nearly over; those of this scenario last about as long.
const PATIENCE: Patience = Patience {
    grace: Duration::from_secs(5),
    ..Patience::DEFAULT
};
/// The pace of packuments and tarballs.
const BYTES_PER_SECOND: [usize; 2] = [10_000, 120];
/// Wishes a second: what the workers can do at that pace.
const WISHES: u32 = 5;

/// Each round is a deployment; nobody outside may notice, and no attempt is spent.
pub async fn restarts(ground: &mut Ground) -> Row {
    let plan = ground.plan;
    let (rounds, every) = (plan.faults(1, 4), plan.seconds(8, 30));
    let mut stage = Stage::start_with(ground, PATIENCE, BYTES_PER_SECOND).await;
    let crowd = stage.steady_crowd(WISHES);
    let rolling = async {
        tokio::time::sleep(every / 2).await;
        for _ in 0..rounds {
            let began = Instant::now();
            for place in Place::all() {
                stage.terminate(place).await;
                stage.begin(place).await;
            }
            tokio::time::sleep(every.saturating_sub(began.elapsed())).await;
        }
        crowd.stop();
    };
    tokio::join!(crowd.ask(), rolling);
    let title = ("every process restarted (SIGTERM)", Measure::NextRun);
    let verdict = judge(stage, &crowd, title).await;
    let mut row = verdict.row;
    let spent: i64 = verdict.tasks.values().map(|task| task.attempts - 1).sum();
    row.remarks.push(format!("{spent} attempts spent"));
    let released = row.reexecutions;
    row.expect(released > 0, || "no run was given back".to_owned());
    row.expect(spent == 0, || format!("{spent} attempts were spent"));
    let ledger = crowd.ledger();
    let seen = ledger.unanswered + ledger.errors.values().sum::<usize>();
    row.expect(seen == 0, || {
        let (cut, answers) = (ledger.unanswered, &ledger.errors);
        format!("{cut} requests were cut; answers: {answers:?}")
    });
    row
}
