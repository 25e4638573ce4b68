//! `weir sync`: what is asked, what is shown, and when it counts as a success.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::{
    program::{Bench, DEADLINE, signal},
    stand_in::{Answer, StandIn},
};

const ROOT: &str = "018f0000-0000-7000-8000-000000000001";
const CHILD: &str = "018f0000-0000-7000-8000-000000000002";
const OTHER: &str = "018f0000-0000-7000-8000-000000000003";
const TOKEN: &str = "npm_0123456789012345678901234567890123456789";

async fn bench() -> (Bench, StandIn) {
    let (bench, server) = (Bench::new(), StandIn::start().await);
    bench.announce(&server.url, TOKEN);
    (bench, server)
}

fn accepted(server: &StandIn, name: &str, id: &str) {
    let answer = json!({"ok": true, "id": id, "type": "package", "state": "waiting"});
    let route = format!("PUT /-/package/{name}/syncs");
    server.on(&route, [Answer::Json(201, answer)]);
}

fn status(state: &str, children: [u64; 4]) -> Value {
    let [waiting, processing, success, error] = children;
    json!({"ok": true, "id": ROOT, "type": "package", "state": state, "queuePosition": null,
        "children": {"waiting": waiting, "processing": processing, "success": success, "error": error}})
}

fn statuses(server: &StandIn, name: &str, all: impl IntoIterator<Item = Value>) {
    let answers = all.into_iter().map(|body| Answer::Json(200, body));
    server.on(&format!("GET /-/package/{name}/syncs/{ROOT}"), answers);
}

fn log_route(offset: u64, is_followed: bool) -> String {
    let follow = if is_followed { "&follow=true" } else { "" };
    format!("GET /syncs/{ROOT}/log?offset={offset}{follow}")
}

#[tokio::test]
async fn every_option_is_asked_for_with_the_local_token() {
    let (bench, server) = bench().await;
    accepted(&server, "@scope%2Fname", ROOT);
    let ran = bench
        .run(&[
            "sync",
            "@scope/name",
            "--skip-dependencies",
            "--force",
            "--force-sync-history",
            "--version",
            "1.0.0",
            "--version",
            "2.0.0-rc.1",
            "--tips",
            "before the release",
        ])
        .await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.out.contains(&format!("weir log {ROOT} --follow")),
        "{ran:?}"
    );
    let asked = server.asked().remove(0);
    assert_eq!(asked.route, "PUT /-/package/@scope%2Fname/syncs");
    assert_eq!(asked.token, Some(format!("Bearer {TOKEN}")));
    let expected = json!({"skipDependencies": true, "force": true, "forceSyncHistory": true,
        "specificVersions": ["1.0.0", "2.0.0-rc.1"], "tips": "before the release"});
    assert_eq!(asked.body, expected);
}

#[tokio::test]
async fn rights_are_not_asked_for_unless_wanted() {
    let (bench, server) = bench().await;
    accepted(&server, "x", ROOT);
    bench.run(&["sync", "x"]).await;
    assert_eq!(
        server.asked().remove(0).body,
        json!({"skipDependencies": false})
    );
}

#[tokio::test]
async fn a_followed_tree_shows_its_log_once_and_ends_with_the_tree() {
    let (bench, server) = bench().await;
    accepted(&server, "x", ROOT);
    statuses(
        &server,
        "x",
        [
            status("waiting", [0; 4]),
            status("processing", [0; 4]),
            status("success", [1, 1, 0, 0]),
            status("success", [0, 0, 2, 0]),
        ],
    );
    server.on(
        &log_route(0, true),
        [Answer::Text("line 1\nline 2\n".to_owned())],
    );
    server.on(&log_route(2, true), [Answer::Text("line 3\n".to_owned())]);
    server.on(&log_route(2, false), [Answer::Text("line 3\n".to_owned())]);
    server.on(&log_route(3, true), [Answer::Text(String::new())]);
    server.on(&log_route(3, false), [Answer::Text(String::new())]);
    let ran = bench.run(&["sync", "x", "--follow"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lines: Vec<_> = ran
        .out
        .lines()
        .filter(|line| line.starts_with("line "))
        .collect();
    assert_eq!(lines, ["line 1", "line 2", "line 3"]);
    let last = ran.out.lines().last().expect("a summary");
    assert!(last.starts_with("x: 3 packages, success, in "), "{ran:?}");
    assert!(
        ran.error
            .lines()
            .next()
            .is_some_and(|line| line == "x: waiting"),
        "{ran:?}"
    );
    assert!(!ran.error.contains('\x1b'), "{ran:?}");
}

#[tokio::test]
async fn a_broken_log_goes_on_where_it_broke() {
    let (bench, server) = bench().await;
    accepted(&server, "x", ROOT);
    statuses(
        &server,
        "x",
        [
            status("processing", [0; 4]),
            status("processing", [0; 4]),
            status("success", [0; 4]),
        ],
    );
    let broken = Answer::Broken("line 1\nline 2\nhalf a li".to_owned());
    server.on(&log_route(0, true), [broken]);
    server.on(&log_route(2, true), [Answer::Text("line 3\n".to_owned())]);
    server.on(
        &log_route(2, false),
        [Answer::Text("line 3\nline 4\n".to_owned())],
    );
    server.on(&log_route(3, false), [Answer::Text("line 4\n".to_owned())]);
    server.on(&log_route(4, false), [Answer::Text(String::new())]);
    let ran = bench.run(&["sync", "x", "--follow"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lines: Vec<_> = ran.out.lines().filter(|line| line.contains("li")).collect();
    assert_eq!(lines, ["line 1", "line 2", "line 3", "line 4"]);
}

#[tokio::test]
async fn a_failed_dependency_fails_the_tree_and_is_named() {
    let (bench, server) = bench().await;
    accepted(&server, "x", ROOT);
    statuses(&server, "x", [status("success", [0, 0, 1, 1])]);
    server.on(&log_route(0, false), [Answer::Text("line 1\n".to_owned())]);
    let failed = |id: &str, target: &str, parent: Value, roots: &[&str]| {
        let requests: Vec<_> = roots.iter().map(|root| json!({"rootId": root})).collect();
        json!({"id": id, "type": "package", "kind": "sync_package", "target": target, "state": "error",
            "parentId": parent, "requests": requests, "errorCode": "not_found",
            "error": "upstream has no such package"})
    };
    let unrelated = failed(OTHER, "unrelated", json!(OTHER), &[OTHER]);
    let wanted_first_by_another = failed(CHILD, "left-out", json!(OTHER), &[OTHER, ROOT]);
    for (route, task, cursor) in [
        ("GET /syncs?limit=100&state=error", unrelated, json!("more")),
        (
            "GET /syncs?limit=100&state=error&cursor=more",
            wanted_first_by_another,
            Value::Null,
        ),
    ] {
        let page = json!({"data": [task], "pagination": {"nextCursor": cursor}});
        server.json(route, page);
    }
    let ran = bench.run(&["sync", "x", "--follow"]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let tail: Vec<_> = ran.out.lines().rev().take(3).collect();
    assert_eq!(tail[0], format!("  weir log {CHILD}"));
    assert_eq!(
        tail[1],
        "failed: left-out (not_found): upstream has no such package"
    );
    assert!(
        tail[2].starts_with("x: 3 packages, 1 failed, in "),
        "{ran:?}"
    );
}

#[tokio::test]
async fn a_failed_root_fails_with_its_reason() {
    let (bench, server) = bench().await;
    accepted(&server, "x", ROOT);
    let mut failed = status("error", [0; 4]);
    failed["errorCode"] = json!("upstream_unavailable");
    failed["error"] = json!("gave up after 5 attempts");
    statuses(&server, "x", [failed]);
    server.on(
        &log_route(0, false),
        [Answer::Text("the whole log\n".to_owned())],
    );
    let ran = bench.run(&["sync", "x", "--follow"]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("the whole log\n"), "{ran:?}");
    let reason = "failed: x (upstream_unavailable): gave up after 5 attempts\n";
    assert!(ran.out.contains(reason), "{ran:?}");
}

#[tokio::test]
async fn a_server_that_stumbles_is_asked_again() {
    let (bench, server) = bench().await;
    accepted(&server, "x", ROOT);
    let stumble = json!({"error": "[INTERNAL_SERVER_ERROR] oops", "reason": "oops"});
    let route = format!("GET /-/package/x/syncs/{ROOT}");
    server.on(
        &route,
        [
            Answer::Json(503, stumble),
            Answer::Json(200, status("success", [0; 4])),
        ],
    );
    server.on(&log_route(0, false), [Answer::Text(String::new())]);
    let ran = bench.run(&["sync", "x", "--follow"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.error.contains("oops") && ran.error.contains("trying again"),
        "{ran:?}"
    );
}

#[tokio::test]
async fn a_refused_package_does_not_keep_the_others_back() {
    let (bench, server) = bench().await;
    accepted(&server, "good", ROOT);
    let reason = "no upstream is configured; name one with --upstream";
    let body = json!({"error": format!("[NOT_FOUND] {reason}"), "reason": reason});
    server.on("PUT /-/package/bad/syncs", [Answer::Json(404, body)]);
    let ran = bench.run(&["sync", "bad", "good"]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(
        ran.out
            .lines()
            .any(|line| line.starts_with("bad: ") && line.contains(reason))
    );
    assert!(ran.out.contains(ROOT), "{ran:?}");
}

#[tokio::test]
async fn an_interrupt_ends_the_watching_and_says_how_to_go_on() {
    let (bench, server) = bench().await;
    accepted(&server, "x", ROOT);
    statuses(&server, "x", [status("processing", [0; 4])]);
    server.on(
        &log_route(0, true),
        [Answer::Endless("line 1\n".to_owned())],
    );
    let mut command = bench.command(&["sync", "x", "--follow"]);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .expect("it can be run");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let reading = async {
        while lines.next_line().await.expect("text").expect("a line") != "line 1" {}
        signal("INT", child.id().expect("running")).await;
        let last = lines.next_line().await.expect("text");
        let status = child.wait().await.expect("a child of ours");
        (last, status.code())
    };
    let (last, code) = tokio::time::timeout(DEADLINE, reading)
        .await
        .expect("in time");
    assert_eq!(last, Some(format!("x goes on: weir log {ROOT} --follow")));
    assert_eq!(code, Some(130));
}

#[tokio::test]
async fn usage_errors_are_one_line_and_ask_nothing() {
    let (bench, server) = bench().await;
    for (arguments, part) in [
        (&["sync"][..], "<NAME>"),
        (&["sync", "../x"], "a package name"),
        (
            &["sync", "a", "b", "--version", "1.0.0"],
            "--version goes with one package",
        ),
        (&["sync", "a", "--version", "one"], "'one'"),
        (&["sync", "a", "--server", "not a url"], "--server"),
    ] {
        bench.run(arguments).await.fails(2, part);
    }
    assert!(server.asked().is_empty());
}
