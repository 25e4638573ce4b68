//! `weir registry` and `weir scope`: what they ask, what they say, and what they never repeat.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::{
    program::{Bench, DEADLINE, Ran},
    stand_in::{Answer, StandIn},
};

const TASK: &str = "018f0000-0000-7000-8000-000000000001";

async fn bench() -> (Bench, StandIn) {
    let (bench, server) = (Bench::new(), StandIn::start().await);
    bench.announce(&server.url, "npm_0123456789012345678901234567890123456789");
    (bench, server)
}

/// Runs a command that is told this on standard input.
async fn told(bench: &Bench, arguments: &[&str], input: &str) -> Ran {
    let mut command = bench.command(arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = command.spawn().expect("it can be run");
    let mut stdin = running.stdin.take().expect("piped");
    // Who refuses its arguments reads nothing.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let ended = tokio::time::timeout(DEADLINE, running.wait_with_output()).await;
    let output = ended.expect("it ends in time").expect("it ran");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Ran {
        code: output.status.code(),
        out: text(output.stdout),
        error: text(output.stderr),
    }
}

fn last_body(server: &StandIn) -> Value {
    server.asked().pop().expect("asked").body
}

#[tokio::test]
async fn a_source_is_added_with_secrets_that_only_its_input_held() {
    let (bench, server) = bench().await;
    let made = json!({"ok": true, "registryId": "art", "id": TASK});
    server.json("POST /-/registry", made.clone());
    let add = [
        "registry",
        "add",
        "art",
        "--host",
        "https://registry.example/artifactory",
        "--type=artifactory",
        "--repository=conan-local",
        "--strategy=aql",
        "--canary=a/1@u",
        "--official-namespace=u",
        "--max-removed-count=5",
        "--internal",
        "--with-token",
        "--with-webhook-secret",
    ];
    let ran = told(&bench, &add, "top-secret\nhook-secret\n").await;
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), "art: added\n"),
        "{ran:?}"
    );
    assert!(!ran.error.contains("secret"), "{ran:?}");
    let expected = json!({"name": "art", "host": "https://registry.example/artifactory",
        "type": "artifactory", "isInternal": true, "credentials": {"token": "top-secret"},
        "webhookSecret": "hook-secret", "catalogue": {"repository": "conan-local",
        "strategy": "aql", "canary": "a/1@u", "officialNamespaces": ["u"], "maxRemovedCount": 5}});
    assert_eq!(last_body(&server), expected);

    server.json("PATCH /-/registry/art", made);
    let set = [
        "registry",
        "set",
        "art",
        "--with-password",
        "robot",
        "--internal=false",
    ];
    let ran = told(&bench, &set, "pass word\r\n").await;
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), "art: set\n"),
        "{ran:?}"
    );
    let pair = json!({"username": "robot", "password": "pass word"});
    let expected = json!({"isInternal": false, "credentials": pair});
    assert_eq!(last_body(&server), expected, "what is not said stays");
    let set = ["registry", "set", "art", "--full-every-secs=0"];
    assert_eq!(bench.run(&set).await.code, Some(0));
    assert_eq!(
        last_body(&server),
        json!({"catalogue": {"fullEverySecs": 0}})
    );
}

#[tokio::test]
async fn registries_are_listed_page_by_page_and_shown() {
    let (bench, server) = bench().await;
    let one = json!({"registryId": "art", "name": "Art\u{1b}[2J", "type": "artifactory",
        "host": "https://registry.example/", "hasCredentials": true,
        "catalogue": {"repository": "conan-local", "maxRemovedPercent": 30}});
    let other = json!({"registryId": "default", "type": "npm"});
    let page = |data: Value| json!({"data": [data], "total": 2, "count": 2});
    server.json(
        "GET /-/registry?pageSize=100&pageIndex=0",
        page(one.clone()),
    );
    server.json("GET /-/registry?pageSize=100&pageIndex=1", page(other));
    let ran = bench.run(&["registry", "list"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lines: Vec<_> = ran.out.lines().collect();
    assert!(
        lines[0].starts_with("art  artifactory  https://registry.example/  Art"),
        "{ran:?}"
    );
    assert_eq!(lines[1..], ["default  npm  -  -"]);
    assert!(!ran.out.contains('\u{1b}'), "{ran:?}");
    let ran = bench.run(&["registry", "list", "--json"]).await;
    let listed: Vec<Value> = ran.out.lines().map(json_of).collect();
    assert_eq!(listed[1]["registryId"], "default");

    server.json("GET /-/registry/art", one);
    let ran = bench.run(&["registry", "show", "art"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for line in [
        "registryId: art",
        "hasCredentials: true",
        "catalogue.maxRemovedPercent: 30",
    ] {
        assert!(ran.out.lines().any(|said| said == line), "{line}: {ran:?}");
    }
    let ran = bench.run(&["registry", "show", "art", "--json"]).await;
    assert_eq!(json_of(&ran.out)["catalogue"]["repository"], "conan-local");
    let absent = json!({"error": "[NOT_FOUND] x", "reason": "There is no such registry"});
    server.on("GET /-/registry/nothing", [Answer::Json(404, absent)]);
    let ran = bench.run(&["registry", "show", "nothing"]).await;
    ran.fails(1, "There is no such registry");
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[tokio::test]
async fn each_registry_is_removed_and_told_of_and_the_catalogue_synced() {
    let (bench, server) = bench().await;
    let kept = json!({"error": "[CONFLICT] x", "reason": "It stays: say force=true"});
    server.on("DELETE /-/registry/art", [Answer::Json(409, kept)]);
    server.json("DELETE /-/registry/old", json!({"ok": true}));
    server.json("DELETE /-/registry/art?force=true", json!({"ok": true}));
    let ran = bench.run(&["registry", "remove", "art", "old"]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(
        ran.out.contains("art: ") && ran.out.contains("It stays"),
        "{ran:?}"
    );
    assert!(ran.out.ends_with("old: removed\n"), "{ran:?}");
    let ran = bench.run(&["registry", "remove", "art", "--force"]).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "art: removed\n"));

    let asked = json!({"data": {"id": TASK, "status": "waiting"}});
    server.json("POST /api/v1/sync", asked);
    let ran = bench.run(&["registry", "sync"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.out.contains(&format!("weir log {TASK} --follow")),
        "{ran:?}"
    );
    assert_eq!(last_body(&server), json!({}));
    let more = ["registry", "sync", "u/a", "--incremental", "--dry-run"];
    assert_eq!(bench.run(&more).await.code, Some(0));
    let expected = json!({"mode": "incremental", "dryRun": true, "packages": ["u/a"]});
    assert_eq!(last_body(&server), expected);
}

#[tokio::test]
async fn scopes_are_listed_set_and_removed() {
    let (bench, server) = bench().await;
    let (acme, house) = (
        json!({"ok": true, "id": TASK, "name": "@acme", "registryId": "art"}),
        json!({"ok": true, "id": TASK, "name": "@house", "registryId": null}),
    );
    let list = json!({"data": [acme, house], "total": 2, "count": 2});
    server.json("GET /-/scope?pageSize=100&pageIndex=0", list);
    let ran = bench.run(&["scope", "list"]).await;
    assert_eq!(ran.out, "@acme  art\n@house  private\n", "{ran:?}");
    let ran = bench.run(&["scope", "list", "--json"]).await;
    let first = ran.out.lines().next().map(json_of).expect("a line");
    assert_eq!(first["registryId"], "art");
    server.on(
        "POST /-/scope",
        [Answer::Json(200, acme), Answer::Json(200, house)],
    );
    let ran = bench
        .run(&["scope", "set", "@acme", "--registry", "art"])
        .await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "@acme  art\n"));
    assert_eq!(
        last_body(&server),
        json!({"name": "@acme", "registryId": "art"})
    );
    let ran = bench.run(&["scope", "set", "@house", "--private"]).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "@house  private\n"));
    assert_eq!(
        last_body(&server),
        json!({"name": "@house", "private": true})
    );
    server.json("DELETE /-/scope/@acme", json!({"ok": true}));
    server.json("DELETE /-/scope/%40acme", json!({"ok": true}));
    let ran = bench.run(&["scope", "remove", "@acme"]).await;
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), "@acme: removed\n"),
        "{ran:?}"
    );
}

#[tokio::test]
async fn an_odd_command_line_asks_nobody() {
    let (bench, server) = bench().await;
    for arguments in [
        &["registry"][..],
        &["registry", "add", "art"],
        &[
            "registry",
            "add",
            "art",
            "--host",
            "https://u:secret@registry.example",
        ],
        &["registry", "set", "art"],
        &[
            "registry",
            "set",
            "art",
            "--with-token",
            "--with-password",
            "u",
        ],
        // Nothing is on standard input.
        &["registry", "set", "art", "--with-token"],
        &["registry", "remove"],
        &["scope", "set", "@acme"],
        &["scope", "set", "@acme", "--private", "--registry", "art"],
    ] {
        let ran = told(&bench, arguments, "").await;
        assert_eq!(ran.code, Some(2), "{arguments:?}: {ran:?}");
        assert_eq!(ran.error.lines().count(), 1, "{arguments:?}: {ran:?}");
        assert!(!ran.error.contains("secret"), "{arguments:?}: {ran:?}");
    }
    assert!(server.asked().is_empty());
}
