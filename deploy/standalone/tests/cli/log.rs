//! `weir log`: prints a log, and follows it when told to.

use crate::{
    program::Bench,
    stand_in::{Answer, StandIn},
};

const ID: &str = "018f0000-0000-7000-8000-000000000001";

async fn bench() -> (Bench, StandIn) {
    let (bench, server) = (Bench::new(), StandIn::start().await);
    bench.announce(&server.url, "npm_0123456789012345678901234567890123456789");
    (bench, server)
}

#[tokio::test]
async fn a_log_is_printed_as_it_is() {
    let (bench, server) = bench().await;
    let text = "2026-01-01T00:00:00.000Z INFO one\n2026-01-01T00:00:00.001Z WARN two\n";
    server.on(
        &format!("GET /syncs/{ID}/log?offset=0"),
        [Answer::Text(text.to_owned())],
    );
    let ran = bench.run(&["log", ID]).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), text), "{ran:?}");
}

#[tokio::test]
async fn following_is_asked_for_and_survives_a_break() {
    let (bench, server) = bench().await;
    let route = |offset: u64| format!("GET /syncs/{ID}/log?offset={offset}&follow=true");
    server.on(&route(0), [Answer::Broken("one\ntwo\nhal".to_owned())]);
    server.on(&route(2), [Answer::Text("half\n".to_owned())]);
    let ran = bench.run(&["log", ID, "--follow"]).await;
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), "one\ntwo\nhalf\n"),
        "{ran:?}"
    );
}

#[tokio::test]
async fn an_unknown_task_is_a_failure_and_no_identifier_is_misuse() {
    let (bench, _server) = bench().await;
    bench.run(&["log", ID]).await.fails(1, "no such thing");
    bench.run(&["log", "latest"]).await.fails(2, "not a UUID");
}
