//! Waiting: what it yields, and what it says when it is over.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt;
use weir_testkit::until;

#[tokio::test]
async fn it_yields_what_the_condition_yields() {
    let mut looks = 0;
    let value = until("the third look", Duration::from_secs(5), async || {
        looks += 1;
        (looks == 3).then_some("seen")
    })
    .await;
    assert_eq!((value, looks), ("seen", 3));
}

async fn failure(waiting: impl Future<Output = ()>) -> String {
    let panic = AssertUnwindSafe(waiting)
        .catch_unwind()
        .await
        .expect_err("it must fail");
    *panic.downcast::<String>().expect("a formatted message")
}

#[tokio::test]
async fn a_missed_deadline_says_what_where_and_what_was_seen() {
    let waiting = until(
        "the cow to come home",
        Duration::from_millis(20),
        async || Err::<(), _>("no cow"),
    );
    let message = failure(waiting).await;
    for part in ["the cow to come home", "until.rs", "the last saw: no cow"] {
        assert!(message.contains(part), "{message}");
    }
}

#[tokio::test]
async fn a_look_that_never_ends_is_cut_off() {
    let waiting = until("ever", Duration::from_millis(20), async || {
        std::future::pending::<bool>().await
    });
    assert!(failure(waiting).await.contains("did not return"));
}
