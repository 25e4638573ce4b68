//! What happens to workers: nothing, sudden death, long sleep.

use std::time::{Duration, Instant};

use rand::{Rng, seq::IteratorRandom};

use super::about;
use crate::{
    ground::Ground,
    oracle::{Measure, judge},
    pace::Pace,
    report::Row,
    stage::{Patience, Place, Stage, WORKERS},
};

/// A killed worker is started again after this, as by a supervisor.
const SUPERVISED: Duration = Duration::from_secs(1);
/// How many workers sleep at a time.
const SLEEPERS: usize = 2;
/// Longest sleep: past the lease, but not until the database cuts off those who fell asleep in
/// the middle of a transaction.
const SLEEP: Duration = Duration::from_secs(6);
/// Longest sleep beyond the moment at which the last run was taken away.
const OVERSLEEP_MS: u64 = 500;
/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Nothing is done.
pub async fn calm(ground: &mut Ground) -> Row {
    let plan = ground.plan;
    let stage = Stage::start(ground, Patience::DEFAULT).await;
    let crowd = stage.crowd(plan.tasks(200, 2_000));
    crowd.ask().await;
    let mut row = judge(stage, &crowd, ("calm", Measure::PickUp)).await.row;
    let again = row.reexecutions;
    row.expect(again == 0, || format!("{again} runs for nothing"));
    row
}

/// A worker is killed, again and again, until everything is done.
pub async fn kills(ground: &mut Ground) -> Row {
    let plan = ground.plan;
    let (mut random, pause) = (plan.random(), plan.seconds(1, 2));
    let patience = plan.either(Patience::SHORT, Patience::DEFAULT);
    let mut stage = Stage::start(ground, patience).await;
    let pace = Pace::new(100, stage.pool.clone());
    let crowd = stage.crowd(plan.tasks(600, 20_000)).paced(pace);
    let killing = async {
        while !crowd.is_over() {
            about(&mut random, pause).await;
            let victim = Place::Worker(random.random_range(0..WORKERS));
            stage.kill(victim).await;
            tokio::time::sleep(SUPERVISED).await;
            stage.begin(victim).await;
        }
    };
    tokio::join!(crowd.ask(), killing);
    let title = ("worker killed (-9)", Measure::NextRun);
    judge(stage, &crowd, title).await.row
}

/// Workers sleep until others have taken their runs, and wake up.
pub async fn stops(ground: &mut Ground) -> Row {
    let plan = ground.plan;
    let mut random = plan.random();
    let mut stage = Stage::start(ground, Patience::SHORT).await;
    let crowd = stage.steady_crowd(40);
    let sleeping = async {
        for _ in 0..plan.faults(4, 100).div_ceil(SLEEPERS) {
            about(&mut random, Duration::from_secs(1)).await;
            let sleepers = (0..WORKERS).choose_multiple(&mut random, SLEEPERS);
            let sleepers: Vec<_> = sleepers.into_iter().map(Place::Worker).collect();
            sleep(&mut stage, &sleepers).await;
            let oversleep = random.random_range(0..OVERSLEEP_MS);
            tokio::time::sleep(Duration::from_millis(oversleep)).await;
            for place in sleepers {
                stage.thaw(place).await;
            }
        }
        crowd.stop();
    };
    tokio::join!(crowd.ask(), sleeping);
    let title = ("worker stopped past its lease", Measure::NextRun);
    let verdict = judge(stage, &crowd, title).await;
    let mut row = verdict.row;
    let taken = verdict.history.taken;
    row.remarks
        .push(format!("{taken} runs taken from sleepers"));
    row.expect(taken > 0, || "no sleeper had a run".to_owned());
    row
}

/// Stops these workers until the others have taken what can be taken from them.
async fn sleep(stage: &mut Stage<'_>, places: &[Place]) {
    let began = Instant::now();
    let mut names = Vec::new();
    for place in places {
        stage.freeze(*place).await;
        names.push(stage.name(*place));
    }
    while began.elapsed() < SLEEP && stage.held_by(&names).await > 0 {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
