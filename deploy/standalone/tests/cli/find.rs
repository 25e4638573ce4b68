//! Which server a command talks to, and which token it shows to whom.

use serde_json::json;

use crate::{
    program::{Bench, ran},
    stand_in::{Answer, StandIn},
};

const TOKEN: &str = "npm_0123456789012345678901234567890123456789";
const OTHER: &str = "another-token-another-token-another";
const LIST: &str = "GET /syncs?limit=20";

async fn server() -> StandIn {
    let server = StandIn::start().await;
    let page = json!({"data": [], "pagination": {"nextCursor": null}});
    server.json(LIST, page);
    server
}

fn token_seen(server: &StandIn) -> Option<String> {
    server.asked().pop().expect("asked").token
}

#[tokio::test]
async fn without_a_server_one_sentence_says_what_to_do() {
    let bench = Bench::new();
    bench
        .run(&["tasks"])
        .await
        .fails(2, "start `weir serve`, or name a server with --server URL");
}

#[tokio::test]
async fn a_server_that_is_gone_is_named() {
    let bench = Bench::new();
    // Port 9 (discard) is not served here; nothing listens below 1024 in a test's network.
    bench.announce("http://127.0.0.1:9", TOKEN);
    let ran = bench.run(&["tasks"]).await;
    ran.fails(2, "nothing answers at http://127.0.0.1:9");
    ran.fails(2, "(process 4711): is `weir serve` running?");
}

#[tokio::test]
async fn the_data_folder_is_found_by_flag_variable_and_file() {
    let (bench, server) = (Bench::new(), server().await);
    bench.announce(&server.url, TOKEN);
    std::fs::rename(bench.path().join("weir-data"), bench.path().join("moved")).expect("moved");
    let by_flag = bench.run(&["tasks", "--data", "moved"]).await;
    let by_variable = ran(bench.command(&["tasks"]).env("WEIR_DATA", "moved")).await;
    std::fs::write(bench.path().join("weir.toml"), "data = \"moved\"").expect("written");
    let by_file = bench.run(&["tasks"]).await;
    for ran in [by_flag, by_variable, by_file] {
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(token_seen(&server), Some(format!("Bearer {TOKEN}")));
    }
}

#[tokio::test]
async fn the_local_token_is_not_shown_to_another_server() {
    let (bench, own, foreign) = (Bench::new(), server().await, server().await);
    bench.announce(&own.url, TOKEN);
    assert_eq!(
        bench.run(&["tasks", "--server", &foreign.url]).await.code,
        Some(0)
    );
    assert_eq!(token_seen(&foreign), None);
    let same = format!("{}/", own.url);
    assert_eq!(bench.run(&["tasks", "--server", &same]).await.code, Some(0));
    assert_eq!(token_seen(&own), Some(format!("Bearer {TOKEN}")));
}

#[tokio::test]
async fn the_local_token_is_not_shown_to_whoever_listens_where_a_killed_server_did() {
    let (mut bench, stranger) = (Bench::new(), server().await);
    bench.announce(&stranger.url, TOKEN);
    bench.kill_announced();
    bench.run(&["tasks"]).await.fails(2, "runs no more");
    assert!(stranger.asked().is_empty());
    let named = ["tasks", "--server", stranger.url.as_str()];
    assert_eq!(bench.run(&named).await.code, Some(0));
    assert_eq!(token_seen(&stranger), None);
}

#[tokio::test]
async fn a_token_of_this_command_goes_where_it_is_told() {
    let (bench, server) = (Bench::new(), server().await);
    let named = ["tasks", "--server", server.url.as_str()];
    let by_flag = bench.run(&[&named[..], &["--token", OTHER]].concat()).await;
    assert_eq!(
        (by_flag.code, token_seen(&server)),
        (Some(0), Some(format!("Bearer {OTHER}")))
    );
    let by_variable = ran(bench.command(&named).env("WEIR_ADMIN_TOKEN", TOKEN)).await;
    assert_eq!(
        (by_variable.code, token_seen(&server)),
        (Some(0), Some(format!("Bearer {TOKEN}")))
    );
    let file = format!("admin_token = \"{TOKEN}\"");
    std::fs::write(bench.path().join("weir.toml"), file).expect("written");
    let by_file = bench.run(&named).await;
    assert_eq!((by_file.code, token_seen(&server)), (Some(0), None));
}

#[tokio::test]
async fn a_refused_token_says_how_to_give_another() {
    let (bench, server) = (Bench::new(), server().await);
    let body = json!({"error": "[UNAUTHORIZED] the token is not valid", "reason": "the token is not valid"});
    server.on(LIST, [Answer::Json(401, body)]);
    let ran = bench.run(&["tasks", "--server", &server.url]).await;
    ran.fails(2, "the token is not valid");
    ran.fails(2, "--token");
}

#[tokio::test]
async fn bad_settings_are_refused_before_anything_is_asked() {
    let (bench, server) = (Bench::new(), server().await);
    bench.announce(&server.url, TOKEN);
    let ran = ran(bench.command(&["tasks"]).env("WEIR_LISTN", "x")).await;
    ran.fails(2, "did you mean `WEIR_LISTEN`?");
    assert!(server.asked().is_empty());
}
