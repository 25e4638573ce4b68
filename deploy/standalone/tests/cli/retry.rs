//! `weir retry`: of single tasks, and of everything that failed.

use serde_json::json;

use crate::{
    program::Bench,
    stand_in::{Answer, StandIn},
};

const FORMER: &str = "018f0000-0000-7000-8000-000000000001";
const OTHER: &str = "018f0000-0000-7000-8000-000000000002";
const NEW: &str = "018f0000-0000-7000-8000-000000000003";

async fn bench() -> (Bench, StandIn) {
    let (bench, server) = (Bench::new(), StandIn::start().await);
    bench.announce(&server.url, "npm_0123456789012345678901234567890123456789");
    (bench, server)
}

#[tokio::test]
async fn a_task_is_repeated_and_one_that_is_refused_is_told_of() {
    let (bench, server) = bench().await;
    let again =
        json!({"ok": true, "id": NEW, "type": "package", "state": "waiting", "retryOf": FORMER});
    server.on(
        &format!("POST /syncs/{FORMER}/retry"),
        [Answer::Json(201, again)],
    );
    let ran = bench.run(&["retry", FORMER]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.out, format!("{FORMER}: task {NEW} is waiting\n"));
    let ran = bench.run(&["retry", OTHER, FORMER]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(
        ran.out.contains(&format!("{OTHER}: ")) && ran.out.contains(NEW),
        "{ran:?}"
    );
}

#[tokio::test]
async fn what_failed_is_repeated_page_by_page() {
    let (bench, server) = bench().await;
    let page = |count: u64, next: Option<&str>| json!({"ok": true, "count": count, "data": [], "pagination": {"nextCursor": next}});
    let first = "POST /syncs/retry?limit=1000&kind=sync_package&code=timeout&target=%40s%2Fn\
        &registry=default&since=2026-01-01T00%3A00%3A00Z";
    server.json(first, page(1000, Some(FORMER)));
    server.json(&format!("{first}&cursor={FORMER}"), page(7, None));
    let ran = bench
        .run(&[
            "retry",
            "--failed",
            "--kind",
            "sync_package",
            "--code",
            "timeout",
            "--target",
            "@s/n",
            "--registry",
            "default",
            "--since",
            "2026-01-01T00:00:00Z",
        ])
        .await;
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), "1007 tasks repeated\n"),
        "{ran:?}"
    );
    server.json("POST /syncs/retry?limit=1000", page(0, None));
    let ran = bench.run(&["retry", "--failed"]).await;
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), "nothing to repeat\n"),
        "{ran:?}"
    );
}

#[tokio::test]
async fn a_refusal_of_the_whole_is_one_line() {
    let (bench, server) = bench().await;
    let refused = json!({"error": "[FORBIDDEN] x", "reason": "Only an administrator may do this"});
    server.on("POST /syncs/retry?limit=1000", [Answer::Json(403, refused)]);
    bench
        .run(&["retry", "--failed"])
        .await
        .fails(1, "Only an administrator");
}

#[tokio::test]
async fn an_odd_command_line_asks_nobody() {
    let (bench, server) = bench().await;
    for (arguments, part) in [
        (&["retry"][..], "<ID>"),
        (&["retry", FORMER, "--failed"], "--failed"),
        (&["retry", FORMER, "--kind", "drill"], "--kind"),
        (&["retry", "--failed", "--kind", "odd"], "not a task kind"),
        (
            &["retry", "--failed", "--code", "odd"],
            "not a task error code",
        ),
    ] {
        bench.run(arguments).await.fails(2, part);
    }
    assert!(server.asked().is_empty());
}
