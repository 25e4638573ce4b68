//! `weir tasks`: the table, its filter and its pages.

use serde_json::{Value, json};

use crate::{program::Bench, stand_in::StandIn};

const IDS: [&str; 3] = [
    "018f0000-0000-7000-8000-000000000001",
    "018f0000-0000-7000-8000-000000000002",
    "018f0000-0000-7000-8000-000000000003",
];

fn page(tasks: &[(&str, &str)], cursor: Option<&str>) -> Value {
    let tasks: Vec<_> = tasks
        .iter()
        .map(|(id, target)| {
            json!({"ok": true, "id": id, "type": "package", "kind": "sync_package", "target": target,
                "state": "success", "createdAt": "2026-01-01T00:00:00.000Z", "warnings": []})
        })
        .collect();
    let counts = json!({"waiting": 7, "processing": 1, "success": 3, "error": 0});
    json!({"data": tasks, "pagination": {"nextCursor": cursor}, "counts": counts})
}

async fn bench() -> (Bench, StandIn) {
    let (bench, server) = (Bench::new(), StandIn::start().await);
    bench.announce(&server.url, "npm_0123456789012345678901234567890123456789");
    (bench, server)
}

#[tokio::test]
async fn tasks_are_an_aligned_table_with_counts() {
    let (bench, server) = bench().await;
    let tasks = page(&[(IDS[0], "a"), (IDS[1], "@scope/longer")], None);
    server.json("GET /syncs?limit=20", tasks);
    let ran = bench.run(&["tasks"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lines: Vec<_> = ran.out.lines().collect();
    let column = lines[0].find("AGE").expect("a heading");
    assert_eq!(lines[1].find("success"), lines[0].find("STATE"));
    assert!(
        lines[1..3]
            .iter()
            .all(|line| line[column..].ends_with(" d")),
        "{ran:?}"
    );
    assert_eq!(lines[3], "waiting 7, processing 1, success 3, error 0");
}

#[tokio::test]
async fn a_state_is_asked_for_and_nothing_is_said_so() {
    let (bench, server) = bench().await;
    server.json("GET /syncs?limit=5&state=error", page(&[], None));
    let ran = bench
        .run(&["tasks", "--state", "error", "--limit", "5"])
        .await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.starts_with("no tasks\n"), "{ran:?}");
}

#[tokio::test]
async fn pages_are_read_until_enough() {
    let (bench, server) = bench().await;
    server.json(
        "GET /syncs?limit=100",
        page(&[(IDS[0], "a")], Some("a+b/c")),
    );
    server.json(
        "GET /syncs?limit=100&cursor=a%2Bb%2Fc",
        page(&[(IDS[1], "b")], Some("last")),
    );
    server.json(
        "GET /syncs?limit=100&cursor=last",
        page(&[(IDS[2], "c")], None),
    );
    let ran = bench.run(&["tasks", "--limit", "200"]).await;
    assert!(IDS.iter().all(|id| ran.out.contains(id)), "{ran:?}");
}

#[tokio::test]
async fn a_server_of_another_kind_is_noticed() {
    let (bench, server) = bench().await;
    server.json("GET /syncs?limit=20", json!(["something", "else"]));
    bench
        .run(&["tasks"])
        .await
        .fails(2, "does not answer like weir");
}
