//! A new release: every process is asked to end and started again, one after the other.

use std::time::Instant;

use super::REST;
use crate::{
    ground::Ground,
    oracle::{Measure, judge},
    report::Row,
    stage::{Patience, Place, Stage},
};

/// Each round is a deployment; nobody outside may notice, and no attempt is spent.
pub async fn restarts(ground: &mut Ground) -> Row {
    let plan = ground.plan;
    let (rounds, every) = (plan.faults(1, 4), plan.seconds(3, 30));
    let mut stage = Stage::start(ground, Patience::DEFAULT).await;
    let crowd = stage.crowd(usize::MAX).paced(20);
    let rolling = async {
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
    let title = ("every process restarted (SIGTERM)", Measure::PickUp);
    let verdict = judge(stage, &crowd, title, REST).await;
    let mut row = verdict.row;
    let spent: i64 = verdict.tasks.values().map(|task| task.attempts - 1).sum();
    row.remarks.push(format!("{spent} attempts spent"));
    row.expect(spent == 0, || format!("{spent} attempts were spent"));
    let ledger = crowd.ledger();
    let seen = ledger.unanswered + ledger.errors.values().sum::<usize>();
    row.expect(seen == 0, || {
        let (cut, answers) = (ledger.unanswered, &ledger.errors);
        format!("{cut} requests were cut; answers: {answers:?}")
    });
    row
}
