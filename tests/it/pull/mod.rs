//! Pull-through: what a read brings in, and what it is answered when upstream cannot be asked.

mod cold;
mod faults;
mod modes;
mod old;
mod processes;

use futures::future::join_all;
use weir_testkit::{client::Reply, until};
use weir_tests::{System, system::SOON};

/// What an answer that is old says of itself.
const IS_STALE: &str = "110 weir \"Response is Stale\"";

/// Sends so many GETs of a path at once, as nobody.
async fn all_at_once(system: &System, path: &str, count: usize) -> Vec<Reply> {
    join_all((0..count).map(|_| system.get(path))).await
}

/// Waits until no task is left, and ends the test.
async fn end(system: System) {
    until("the last task to end", SOON, async || {
        let left = system.count("waiting").await + system.count("processing").await;
        if left == 0 { Ok(()) } else { Err(left) }
    })
    .await;
    system.end().await;
}
