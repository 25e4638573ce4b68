//! What happens to the database server: restarts, in order and as if killed.

use weir_testkit::database::Restart;

use super::about;
use crate::{
    ground::Ground,
    oracle::{Measure, judge},
    report::Row,
    stage::{Patience, Stage},
};

/// The server restarts while the processes go on.
pub async fn restarts(ground: &mut Ground) -> Row {
    let plan = ground.plan;
    let (mut random, every) = (plan.random(), plan.seconds(3, 6));
    let mut stage = Stage::start(ground, Patience::DEFAULT).await;
    let crowd = stage.steady_crowd(20);
    let restarting = async {
        for turn in 0..plan.faults(2, 10) {
            about(&mut random, every).await;
            let how = [Restart::Immediate, Restart::Fast][turn % 2];
            stage.ground.postgres.restart(how).await;
            stage.note();
        }
        about(&mut random, every).await;
        crowd.stop();
    };
    tokio::join!(crowd.ask(), restarting);
    let title = ("PostgreSQL restarted", Measure::AnyRun);
    judge(stage, &crowd, title).await.row
}
