//! What happens to APIs: sudden death between the commit of a task and the ringing of its bell.

use std::time::Duration;

use rand::Rng;

use crate::{
    ground::Ground,
    oracle::{Measure, judge},
    report::Row,
    stage::{APIS, Patience, Place, Stage},
};

/// Wishes on their way to an API when it is killed.
const BURST: usize = 12;
/// The latest moment of a kill after the wishes were sent.
const LATEST_MS: u64 = 120;

/// An API is killed in the middle of a burst of wishes, each time at another moment.
pub async fn kills(ground: &mut Ground) -> Row {
    let plan = ground.plan;
    let (mut random, faults) = (plan.random(), plan.faults(20, 500));
    let mut stage = Stage::start(ground, Patience::DEFAULT).await;
    let crowd = stage.crowd(faults * BURST);
    for turn in 0..faults {
        let victim = Place::Api(turn % APIS);
        let url = stage.url(turn % APIS);
        let killing = async {
            let after = Duration::from_millis(random.random_range(1..LATEST_MS));
            tokio::time::sleep(after).await;
            stage.kill(victim).await;
        };
        tokio::join!(crowd.burst(&url, BURST), killing);
        stage.begin(victim).await;
    }
    crowd.stop();
    let title = ("API killed (-9) while accepting", Measure::PickUp);
    let mut row = judge(stage, &crowd, title).await.row;
    let again = row.reexecutions;
    row.expect(again == 0, || format!("{again} runs were disturbed"));
    row
}
