//! `weir cancel`: what it asks, what it says, and with which code it ends.

use serde_json::json;

use crate::{
    program::Bench,
    stand_in::{Answer, StandIn},
};

const IDS: [&str; 3] = [
    "018f0000-0000-7000-8000-000000000001",
    "018f0000-0000-7000-8000-000000000002",
    "018f0000-0000-7000-8000-000000000003",
];

async fn bench() -> (Bench, StandIn) {
    let (bench, server) = (Bench::new(), StandIn::start().await);
    bench.announce(&server.url, "npm_0123456789012345678901234567890123456789");
    (bench, server)
}

#[tokio::test]
async fn each_task_is_cancelled_and_told_of() {
    let (bench, server) = bench().await;
    for (id, state) in IDS.iter().zip(["error", "waiting", "processing"]) {
        server.json(
            &format!("DELETE /syncs/{id}"),
            json!({"ok": true, "state": state}),
        );
    }
    let ran = bench.run(&["cancel", IDS[0], IDS[1], IDS[2]]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let says = ["cancelled", "withdrawn; others", "withdrawn; it stops"];
    for (line, (id, says)) in ran.out.lines().zip(IDS.iter().zip(says)) {
        assert!(line.starts_with(&format!("{id}: {says}")), "{ran:?}");
    }
    assert!(server.asked().iter().all(|asked| asked.token.is_some()));
}

#[tokio::test]
async fn what_is_refused_is_told_of_and_the_rest_is_done() {
    let (bench, server) = bench().await;
    let over = json!({"error": "[CONFLICT] x", "reason": "The task is over already"});
    let refused = Answer::Json(409, over);
    server.on(&format!("DELETE /syncs/{}", IDS[0]), [refused]);
    server.json(
        &format!("DELETE /syncs/{}", IDS[1]),
        json!({"ok": true, "state": "error"}),
    );
    let ran = bench.run(&["cancel", IDS[0], IDS[1]]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(
        ran.out.contains("The task is over already (409)"),
        "{ran:?}"
    );
    assert!(ran.out.ends_with("cancelled\n"), "{ran:?}");
}

#[tokio::test]
async fn an_odd_command_line_asks_nobody() {
    let (bench, server) = bench().await;
    bench.run(&["cancel"]).await.fails(2, "<ID>");
    bench.run(&["cancel", "lodash"]).await.fails(2, "lodash");
    assert!(server.asked().is_empty());
}
