//! What happens to Redis, which holds nothing but hints: it restarts, forgets, falls silent, is
//! full. Nobody who asks notices, no run is disturbed, and what waits is found all the same.

use std::time::Duration;

use super::about;
use crate::{
    crowd::Crowd,
    ground::{Ground, now_ms},
    oracle::{Measure, Verdict, judge},
    report::Row,
    stage::{Patience, Stage},
};

/// Wishes a second: few enough that workers wait for a bell between them.
const WISHES: u32 = 15;
/// The longest wait of any task for its run, whatever happens to Redis, in seconds.
const LONGEST_WAIT: f64 = 60.0;

/// Redis is killed and started again, with what it had written down.
pub async fn restarts(ground: &mut Ground) -> Row {
    let plan = ground.plan;
    let mut random = plan.random();
    let mut stage = Stage::start(ground, Patience::DEFAULT).await;
    let crowd = stage.steady_crowd(WISHES);
    let restarting = async {
        for _ in 0..plan.faults(3, 30) {
            about(&mut random, plan.seconds(2, 3)).await;
            stage.note();
            stage.redis.kill().await;
            about(&mut random, Duration::from_millis(500)).await;
            stage.redis.begin().await;
        }
        about(&mut random, plan.seconds(2, 3)).await;
        crowd.stop();
    };
    tokio::join!(crowd.ask(), restarting);
    undisturbed(stage, &crowd, "Redis killed and restarted")
        .await
        .row
}

/// Redis forgets everything at once.
pub async fn flushes(ground: &mut Ground) -> Row {
    let plan = ground.plan;
    let mut random = plan.random();
    let mut stage = Stage::start(ground, Patience::DEFAULT).await;
    let crowd = stage.steady_crowd(WISHES);
    let flushing = async {
        for _ in 0..plan.faults(3, 10) {
            about(&mut random, plan.seconds(2, 6)).await;
            stage.note();
            stage.redis.flush_all().await;
        }
        about(&mut random, plan.seconds(2, 6)).await;
        crowd.stop();
    };
    tokio::join!(crowd.ask(), flushing);
    undisturbed(stage, &crowd, "FLUSHALL of Redis").await.row
}

/// Ways to be there and of no use.
#[derive(Debug, Clone, Copy)]
enum Outage {
    Silent,
    Full,
}

/// Redis takes every request and answers none.
pub async fn silence(ground: &mut Ground) -> Row {
    outage(ground, "Redis silent (SIGSTOP)", Outage::Silent).await
}

/// Redis refuses every write.
pub async fn fullness(ground: &mut Ground) -> Row {
    outage(ground, "Redis out of memory", Outage::Full).await
}

async fn outage(ground: &mut Ground, title: &str, outage: Outage) -> Row {
    let (warm, lasts) = (ground.plan.seconds(1, 5), ground.plan.seconds(6, 60));
    let mut stage = Stage::start(ground, Patience::DEFAULT).await;
    let crowd = stage.steady_crowd(WISHES);
    let enduring = async {
        tokio::time::sleep(warm).await;
        stage.note();
        match outage {
            Outage::Silent => stage.redis.black_hole().await,
            Outage::Full => stage.redis.limit_memory(1).await,
        }
        let (began, before) = (now_ms(), crowd.count());
        tokio::time::sleep(lasts).await;
        let (ended, after) = (now_ms(), crowd.count());
        match outage {
            Outage::Silent => stage.redis.answer_again().await,
            Outage::Full => stage.redis.limit_memory(0).await,
        }
        tokio::time::sleep(warm).await;
        crowd.stop();
        (began..ended, after - before)
    };
    let ((), (during, accepted)) = tokio::join!(crowd.ask(), enduring);
    let verdict = undisturbed(stage, &crowd, title).await;
    let ends = verdict.history.ended_at.iter();
    let done = ends.filter(|at| during.contains(at)).count();
    let mut row = verdict.row;
    let seconds = lasts.as_secs();
    row.remarks.push(format!(
        "in its {seconds} s {accepted} accepted, {done} done"
    ));
    row.expect(accepted > 0, || "nothing was accepted meanwhile".to_owned());
    row.expect(done > 0, || "nothing was done meanwhile".to_owned());
    row
}

/// Judges a scenario in which only hints were lost.
async fn undisturbed(stage: Stage<'_>, crowd: &Crowd, title: &str) -> Verdict {
    let mut verdict = judge(stage, crowd, (title, Measure::PickUp)).await;
    let row = &mut verdict.row;
    let (again, restarts) = (row.reexecutions, row.restarts);
    row.expect(again + restarts == 0, || {
        format!("{again} runs were disturbed")
    });
    let longest = row.recovery.iter().copied().fold(0.0, f64::max);
    row.expect(longest <= LONGEST_WAIT, || {
        format!("a task waited for {longest} s")
    });
    let ledger = crowd.ledger();
    let slowest = ledger.slowest.as_secs_f64();
    row.remarks.push(format!("slowest 201 {slowest:.2} s"));
    row.expect(ledger.errors.is_empty() && ledger.unanswered == 0, || {
        let (cut, answers) = (ledger.unanswered, &ledger.errors);
        format!("{cut} requests were cut; answers: {answers:?}")
    });
    drop(ledger);
    verdict
}
