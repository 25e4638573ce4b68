//! `weir token`: what it asks, what it says, and with which code it ends.

use serde_json::json;

use crate::{
    program::Bench,
    stand_in::{Answer, StandIn},
};

const ID: &str = "018f0000-0000-7000-8000-000000000001";
const OTHER: &str = "018f0000-0000-7000-8000-000000000002";
const TEXT: &str = "npm_0123456789abcdef0123456789abcdef0123456789abcdefUwLfgw";

async fn bench() -> (Bench, StandIn) {
    let (bench, server) = (Bench::new(), StandIn::start().await);
    bench.announce(&server.url, "npm_0123456789012345678901234567890123456789");
    (bench, server)
}

#[tokio::test]
async fn a_new_tokens_text_is_all_that_a_script_reads() {
    let (bench, server) = bench().await;
    let made = json!({"data": {"id": ID, "name": "ci", "token": TEXT, "prefix": "npm_01"}});
    server.json("POST /api/v1/tokens", made);
    let ran = bench
        .run(&["token", "create", "ci", "--expires", "30", "--readonly"])
        .await;
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), &*format!("{TEXT}\n")),
        "{ran:?}"
    );
    assert!(
        ran.error.contains(ID) && !ran.error.contains(TEXT),
        "{ran:?}"
    );
    let asked = server.asked().pop().expect("asked");
    let body = json!({"name": "ci", "expiresIn": 30, "readonly": true, "admin": false});
    assert_eq!(asked.body, body);
}

#[tokio::test]
async fn tokens_are_listed_with_what_is_known_of_them() {
    let (bench, server) = bench().await;
    let list = json!({"data": [
        {"id": ID, "name": "ci\u{1b}[2J", "prefix": "npm_01", "createdAt": "2026-01-02T00:00:00.000Z",
         "expiresAt": "2026-03-04T00:00:00.000Z", "lastUsedAt": "2026-02-03T00:00:00.000Z"},
        {"id": OTHER, "name": null, "prefix": "npm_ab", "createdAt": "2026-01-01T00:00:00.000Z",
         "expiresAt": null, "lastUsedAt": null, "news": 1},
    ]});
    server.json("GET /api/v1/tokens", list);
    let ran = bench.run(&["token", "list"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(lines.len(), 2, "{ran:?}");
    for (line, parts) in lines.iter().zip([
        [
            ID,
            "npm_01...",
            "made 2026-01-02",
            "until 2026-03-04",
            "used 2026-02-03",
        ],
        [OTHER, "npm_ab...", "made 2026-01-01", "until -", "used -"],
    ]) {
        assert!(parts.iter().all(|part| line.contains(part)), "{line}");
    }
    assert!(!ran.out.contains('\u{1b}'), "{ran:?}");
}

#[tokio::test]
async fn each_token_is_revoked_and_told_of() {
    let (bench, server) = bench().await;
    let gone = json!({"data": {"id": ID, "revokedAt": "2026-01-01T00:00:00.000Z"}});
    server.json(&format!("DELETE /api/v1/tokens/{ID}"), gone);
    let absent = json!({"error": "You have no such token", "statusCode": 404, "details": {}});
    let absent = Answer::Json(404, absent);
    server.on(&format!("DELETE /api/v1/tokens/{OTHER}"), [absent]);
    let ran = bench.run(&["token", "revoke", OTHER, ID]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("You have no such token (404)"), "{ran:?}");
    assert!(ran.out.ends_with(&format!("{ID}: revoked\n")), "{ran:?}");
}

#[tokio::test]
async fn an_odd_command_line_asks_nobody() {
    let (bench, server) = bench().await;
    for arguments in [
        &["token"][..],
        &["token", "create"],
        &["token", "create", "ci", "--expires", "0"],
        &["token", "revoke"],
        &["token", "revoke", TEXT],
    ] {
        let ran = bench.run(arguments).await;
        assert_eq!(ran.code, Some(2), "{arguments:?}: {ran:?}");
    }
    assert!(server.asked().is_empty());
}
