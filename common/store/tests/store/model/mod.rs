//! The state machine against a model: random histories of callers, workers, the sweep and
//! the dead, each step a real transaction, the whole truth checked after every one.
//!
//! The model knows which fences are good, what each log holds, which wish waits for which
//! run; it predicts what every call answers. At the end of a history everything is let
//! run: nothing may be stuck. `proptest` shrinks a history that breaks a promise.
//! `WEIR_TEST_LONG=1` takes ten times as many steps.

mod check;
mod history;
mod world;

use proptest::{
    prelude::ProptestConfig,
    test_runner::{TestCaseError, TestError, TestRunner},
};
use weir_testkit::{TestDatabase, database, is_long};

use self::{history::Step, world::World};
use crate::support::Scene;

/// Most steps of a history; half as many on the average.
const LONGEST: u32 = 120;
/// Steps on SQLite and on PostgreSQL, in the short form.
const STEPS: (u32, u32) = (100_000, 10_000);

/// Plays about so many steps on one database, which is emptied before each history.
fn play(database: TestDatabase, steps: u32) {
    let steps = if is_long() { steps * 10 } else { steps };
    let cases = steps / (LONGEST / 2);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let scene = runtime.block_on(Scene::of(database));
    let config = ProptestConfig {
        cases,
        max_shrink_iters: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let outcome = TestRunner::new(config)
        .run(&history::histories(LONGEST as usize), |steps: Vec<Step>| {
            runtime.block_on(play_one(&scene, &steps))
        });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, steps)) => {
            let steps: Vec<_> = steps.iter().map(|step| format!("  {step:?}")).collect();
            panic!("{why}\nafter\n{}", steps.join("\n"));
        }
        Err(abort) => panic!("{abort}"),
    }
}

async fn play_one(scene: &Scene, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut world = World::empty(scene).await;
    for step in steps {
        world.take(step).await?;
        world.check().await?;
    }
    world.wind_up().await
}

#[test]
fn no_history_breaks_a_promise_on_sqlite() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    play(runtime.block_on(TestDatabase::sqlite()), STEPS.0);
}

#[test]
fn no_history_breaks_a_promise_on_postgres() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Some(database) = runtime.block_on(database::postgres_unless_skipped()) {
        play(database, STEPS.1);
    }
}
