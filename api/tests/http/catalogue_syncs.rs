//! Asking for the catalogue to be synchronised, and watching it go: with tasks of the store, as
//! a worker would claim and end them.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use weir_domain::{
    TaskId, Timestamp,
    catalogue::{CatalogueProgress, Note, NoteCode, Phase, Tally},
    task::{ErrorCode, Progress, Report, SyncOptions},
};
use weir_store::{
    clock, task_requests,
    task_runs::{self, Fence},
    tasks::Outcome,
    tokens::NewToken,
};
use weir_testkit::client::{Call, Reply};

use crate::{
    registries::{known, sealing, source},
    server::{ADMIN, ALICE, Server},
};

const PATH: &str = "/api/v1/sync";
const BOB: &str = "npm_bob-token-of-the-catalogue-0123456789";
/// Nobody who answers within this has waited for a source that says nothing.
const PROMPT: Duration = Duration::from_secs(5);

fn call(server: &Server, method: Method, path: &str, token: &str) -> Call {
    Call::new(method, server.url(path)).bearer(token)
}

async fn sent(call: Call) -> Reply {
    call.send().await.expect("answered")
}

async fn post(server: &Server, token: &str, body: &Value) -> Reply {
    sent(call(server, Method::POST, PATH, token).json(body)).await
}

async fn get(server: &Server, path: &str, token: &str) -> Reply {
    sent(call(server, Method::GET, path, token)).await
}

fn id(reply: &Reply) -> TaskId {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let id = reply.json()["data"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    id.parse().expect("an id")
}

async fn start() -> Server {
    let server = Server::with(sealing()).await;
    source(&server, "art", "https://art.example").await;
    server
}

async fn options(server: &Server, task: TaskId) -> SyncOptions {
    let found = task_requests::options(server.content.db.read(), &[task]).await;
    found.expect("readable").remove(&task).expect("asked")
}

/// Tells how far a run is.
async fn progress(server: &Server, fence: Fence, catalogue: CatalogueProgress) {
    let progress = Progress {
        catalogue: Some(catalogue),
        ..Progress::default()
    };
    let beat = server.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let lease = (now, Duration::from_secs(30));
            task_runs::heartbeat(tx, &fence, None, Some(progress), lease).await
        })
    });
    beat.await.expect("told");
}

/// As the client that is shipped does: a body of `{}`, a bearer, 30 seconds, only 200 counts.
#[tokio::test]
async fn the_shipped_client_is_answered_at_once_while_upstream_hangs() {
    let server = Server::with(sealing()).await;
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = format!("http://{}/artifactory", silent.local_addr().expect("bound"));
    source(&server, "art", &host).await;
    let bodies = [
        (Some("application/json"), "{}"),
        (Some("application/x-www-form-urlencoded"), "{}"),
        (Some("text/plain"), ""),
        (None, ""),
    ];
    for (content_type, body) in bodies {
        let began = Instant::now();
        let asked = call(&server, Method::POST, PATH, ALICE).body(body);
        let asked = match content_type {
            Some(content_type) => asked.header("content-type", content_type),
            None => asked,
        };
        let reply = sent(asked).await;
        let took = began.elapsed();
        assert_eq!(reply.status, 200, "{content_type:?}: {}", reply.text());
        assert!(took < PROMPT, "{took:?}");
        let data = &reply.json()["data"];
        assert_eq!(
            (&data["status"], &data["type"]),
            (&json!("waiting"), &json!("full"))
        );
        let location = format!("{PATH}/{}", data["id"].as_str().expect("an id"));
        assert!(
            reply.header("location").ends_with(&location),
            "{:?}",
            reply.headers
        );
        assert_eq!(reply.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn a_crowd_shares_one_run_and_what_comes_later_shares_the_next() {
    let server = start().await;
    let crowd = async || {
        let asked = (0..50).map(|_| {
            call(&server, Method::POST, PATH, ALICE)
                .json(&json!({}))
                .send()
        });
        let replies = futures::future::join_all(asked).await;
        let mut ids: Vec<_> = replies
            .into_iter()
            .map(|reply| id(&reply.expect("answered")))
            .collect();
        ids.sort_unstable_by_key(|id| id.0);
        ids.dedup();
        ids
    };
    let first = crowd().await;
    assert_eq!(first.len(), 1);
    let shown = get(&server, &format!("{PATH}/{}", first[0]), ALICE)
        .await
        .json();
    assert_eq!(shown["data"]["coalescedRequests"], 49);
    // What was changed while it runs may have been missed by it.
    let fence = server.claim().await;
    let second = crowd().await;
    assert_eq!(second.len(), 1);
    assert_ne!(first, second);
    assert!(server.try_claim().await.is_none(), "one at a time");
    let list = get(&server, PATH, ALICE).await.json();
    let states: Vec<_> = list["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|sync| sync["status"].clone())
        .collect();
    assert_eq!(states, ["waiting", "processing"], "newest first");
    server.finish(fence, Outcome::default()).await;
    assert_eq!(server.claim().await.task, second[0]);
    for id in first.iter().chain(&second) {
        assert_eq!(
            get(&server, &format!("{PATH}/{id}"), ALICE).await.status,
            200
        );
    }
    let waiting = get(&server, &format!("{PATH}?status=processing&limit=1"), ALICE)
        .await
        .json();
    assert_eq!(waiting["data"][0]["id"], json!(second[0]));
    let page = get(&server, &format!("{PATH}?limit=1"), ALICE).await.json();
    let next = page["pagination"]["nextCursor"]
        .as_str()
        .expect("there is more");
    let rest = get(&server, &format!("{PATH}?cursor={next}"), ALICE)
        .await
        .json();
    assert_eq!(
        (&rest["data"][0]["id"], &rest["pagination"]["nextCursor"]),
        (&json!(first[0]), &Value::Null)
    );
}

#[tokio::test]
async fn how_it_is_wanted_is_what_the_run_gets() {
    let server = Server::with(sealing()).await;
    let registry = source(&server, "art", "https://art.example").await;
    known(&server, registry, "known", "1.0").await;
    let of = async |body: Value| {
        let asked = id(&post(&server, ADMIN, &body).await);
        let options = options(&server, asked).await;
        let fence = server.claim().await;
        server.finish(fence, Outcome::default()).await;
        let hints = options.catalogue.clone().expect("said").hints;
        let hints: Vec<_> = hints.iter().map(ToString::to_string).collect();
        (options.catalogue.expect("said"), options.force, hints)
    };
    let (plain, force, hints) = of(json!({"unknown": true})).await;
    assert!(plain.is_full && !plain.rereads && !plain.is_dry && !force && hints.is_empty());
    let (named, _, hints) = of(json!({"packages": ["u/known", "new/1.0@u"]})).await;
    assert!(!named.is_full);
    assert_eq!(hints, ["known/1.0@u", "new/1.0@u"]);
    let (unknown, _, hints) = of(json!({"packages": ["u/unknown"]})).await;
    assert!(
        unknown.is_full && hints.is_empty(),
        "only a listing finds it"
    );
    let body =
        json!({"mode": "incremental", "force": true, "dryRun": true, "allowMassRemoval": true});
    let (all, force, _) = of(body).await;
    assert!(!all.is_full && all.rereads && all.is_dry && all.allows_mass_removal && force);
}

#[tokio::test]
async fn what_is_refused_has_the_shape_of_the_catalogue() {
    let server = Server::with(sealing()).await;
    let none = post(&server, ALICE, &json!({})).await;
    assert_eq!(
        (none.status, &none.json()["statusCode"]),
        (404, &json!(404))
    );
    assert!(
        none.json()["error"]
            .as_str()
            .expect("a sentence")
            .contains("POST /-/registry")
    );
    source(&server, "art", "https://art.example").await;
    for field in ["force", "allowMassRemoval"] {
        let reply = post(&server, ALICE, &json!({field: true})).await;
        assert_eq!(reply.status, 403, "{}", reply.text());
    }
    let bad = json!({"mode": "half", "packages": ["x"], "dryRun": 1});
    let bad = post(&server, ALICE, &bad).await;
    assert_eq!(bad.status, 400, "{}", bad.text());
    let details = bad.json()["details"].clone();
    for field in ["mode", "packages", "dryRun"] {
        assert!(details[field].is_string(), "{details}");
    }
    let malformed = sent(call(&server, Method::POST, PATH, ALICE).body("{")).await;
    assert_eq!(malformed.status, 400);
    let some = TaskId::new();
    for (method, path) in [
        (Method::GET, format!("{PATH}/x")),
        (Method::DELETE, format!("{PATH}/x")),
        (Method::GET, format!("{PATH}/x/log")),
    ] {
        let reply = sent(call(&server, method.clone(), &path, ALICE)).await;
        assert_eq!(reply.status, 400, "{method} {path}");
        let path = path.replace("/x", &format!("/{some}"));
        assert_eq!(
            sent(call(&server, method.clone(), &path, ALICE))
                .await
                .status,
            404
        );
        let nobody = Call::new(method, server.url(&path));
        assert_eq!(sent(nobody).await.status, 401);
    }
    let package = server.submit("a").await;
    let other = get(&server, &format!("{PATH}/{package}"), ALICE).await;
    assert_eq!(other.status, 404, "a task of another kind");
    for query in ["status=done", "limit=0", "limit=101", "cursor=x"] {
        let reply = get(&server, &format!("{PATH}?{query}"), ALICE).await;
        assert_eq!(reply.status, 400, "{query}");
    }
    let nobody = Call::new(Method::POST, server.url(PATH)).json(&json!({}));
    assert_eq!(sent(nobody).await.status, 401);
}

#[tokio::test]
async fn a_key_of_ones_own_asks_once() {
    let server = start().await;
    let keyed = async |body: Value| {
        let asked = call(&server, Method::POST, PATH, ALICE).header("Idempotency-Key", "k-1");
        sent(asked.json(&body)).await
    };
    let first = keyed(json!({})).await;
    let fence = server.claim().await;
    server.finish(fence, Outcome::default()).await;
    let again = keyed(json!({})).await;
    assert_eq!((again.status, again.text()), (200, first.text()));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(keyed(json!({"mode": "incremental"})).await.status, 400);
    let live = task_requests::live(server.content.db.read(), id(&first)).await;
    assert_eq!(live.expect("readable").len(), 1);
}

#[tokio::test]
async fn preferences_are_heeded() {
    let server = start().await;
    let prefer = async |value: &str| {
        let asked = call(&server, Method::POST, PATH, ALICE).header("Prefer", value);
        sent(asked.json(&json!({}))).await
    };
    let accepted = prefer("respond-async").await;
    assert_eq!(
        (accepted.status, accepted.header("preference-applied")),
        (202, "respond-async")
    );
    assert!(accepted.header("location").contains(PATH));
    let over = async {
        weir_testkit::until("somebody to wait", Duration::from_secs(10), async || {
            !server.hub.watched().is_empty()
        })
        .await;
        let fence = server.claim().await;
        server.finish(fence, Outcome::default()).await;
    };
    let began = Instant::now();
    let (reply, ()) = tokio::join!(prefer("respond-async, wait=25"), over);
    assert!(began.elapsed() < Duration::from_secs(20));
    assert_eq!(
        (reply.status, &reply.json()["data"]["status"]),
        (200, &json!("success"))
    );
    assert_eq!(reply.header("preference-applied"), "respond-async, wait=25");
    let late = prefer("wait=1").await;
    assert_eq!(
        (late.status, &late.json()["data"]["status"]),
        (200, &json!("waiting"))
    );
}

#[tokio::test]
async fn a_run_is_watched_to_its_end() {
    let server = start().await;
    let asked = id(&post(&server, ALICE, &json!({})).await);
    let path = format!("{PATH}/{asked}");
    let show = async || get(&server, &path, ALICE).await.json()["data"].clone();
    let waiting = show().await;
    assert_eq!(
        (&waiting["phase"], &waiting["progress"]["percent"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(waiting["heartbeatAt"], Value::Null);
    assert_eq!(
        (
            &waiting["source"],
            &waiting["trigger"],
            &waiting["requestedBy"]
        ),
        (&json!("art"), &json!("api"), &json!("alice"))
    );
    let fence = server.claim().await;
    let mut told = CatalogueProgress {
        phase: Phase::Listing,
        requests: 7,
        ..CatalogueProgress::default()
    };
    progress(&server, fence, told).await;
    let listing = show().await;
    assert_eq!(
        (&listing["status"], &listing["phase"]),
        (&json!("processing"), &json!("listing"))
    );
    assert_eq!(
        (
            &listing["progress"]["percent"],
            &listing["progress"]["requests"]
        ),
        (&Value::Null, &json!(7))
    );
    told.phase = Phase::Fetching;
    told.is_listed = true;
    told.versions = Tally {
        discovered: 4,
        processed: 1,
        created: 1,
        ..Tally::default()
    };
    progress(&server, fence, told).await;
    let reply = get(&server, &path, ALICE).await;
    assert_eq!(reply.json()["data"]["progress"]["percent"], 24);
    let etag = reply.header("etag");
    assert!(etag.starts_with("W/\""), "{etag}");
    let same = sent(call(&server, Method::GET, &path, ALICE).header("if-none-match", etag)).await;
    assert_eq!((same.status, same.body.len()), (304, 0));
    // A sign of life is shown, and alone is nothing new.
    let beat = |reply: &Reply| {
        let text = reply.json()["data"]["heartbeatAt"].clone();
        Timestamp::parse(text.as_str().expect("a time")).expect("a time")
    };
    let first = beat(&reply);
    weir_testkit::until("time to pass", Duration::from_secs(10), async || {
        let now = clock::now(server.content.db.read()).await.expect("a time");
        now > first
    })
    .await;
    progress(&server, fence, told).await;
    assert!(beat(&get(&server, &path, ALICE).await) > first);
    let same = sent(call(&server, Method::GET, &path, ALICE).header("if-none-match", etag)).await;
    assert_eq!(same.status, 304);
    assert_ends(&server, (fence, told), &path, etag).await;
}

/// Ends the run with more warnings than are shown, and looks at what is said of it.
async fn assert_ends(
    server: &Server,
    (fence, mut told): (Fence, CatalogueProgress),
    path: &str,
    etag: &str,
) {
    told.phase = Phase::Done;
    told.versions.processed = 4;
    let outcome = Outcome {
        warnings: (0..120)
            .map(|n| format!("warning {n} of https://art.example/x"))
            .collect(),
        report: Some(Report {
            catalogue: Some(told),
            notes: vec![Note {
                code: NoteCode::Kept,
                reference: Some("a/1@u".to_owned()),
                message: "warning 1 of https://art.example/x".to_owned(),
            }],
            ..Report::default()
        }),
        ..Outcome::default()
    };
    server.finish(fence, outcome).await;
    let new = sent(call(server, Method::GET, path, ALICE).header("if-none-match", etag)).await;
    assert_eq!(new.status, 200);
    let data = &new.json()["data"];
    assert_eq!(
        (
            &data["status"],
            &data["phase"],
            &data["progress"]["percent"]
        ),
        (&json!("success"), &json!("done"), &json!(100))
    );
    assert_eq!(data["warnings"].as_array().map(Vec::len), Some(100));
    assert_eq!(
        (
            &data["errorsTruncated"],
            &data["progress"]["repositories"]["done"]
        ),
        (&json!(true), &json!(1))
    );
    assert!(data["durationMs"].is_u64());
    assert_eq!(data["heartbeatAt"], Value::Null);
    // Runs of older builds have sentences only.
    let expected = json!([
        {"code": null, "ref": null, "reference": null, "message": "warning 0 of https://art.example/x"},
        {"code": "KEPT", "ref": "a/1@u", "reference": "a/1@u", "message": "warning 1 of https://art.example/x"},
    ]);
    assert_eq!(json!([data["warnings"][0], data["warnings"][1]]), expected);
    server.token("bob", BOB, NewToken::default()).await;
    let bobs = get(server, path, BOB).await;
    assert!(
        bobs.json()["data"]["warnings"] == json!([]) && !bobs.text().contains("art.example"),
        "{}",
        bobs.text()
    );
}

#[tokio::test]
async fn a_failure_says_why_and_addresses_are_for_who_asked() {
    let server = start().await;
    server.token("bob", BOB, NewToken::default()).await;
    let asked = id(&post(&server, ALICE, &json!({})).await);
    let fence = server.claim().await;
    let chunk = server
        .log(fence, &weir_store::task_logs::Chunk::default(), &["began"])
        .await;
    server.log(fence, &chunk, &["asked"]).await;
    let sentence = "GET https://art.example/x: 401";
    server
        .finish(fence, Outcome::failed(ErrorCode::UpstreamInvalid, sentence))
        .await;
    let path = format!("{PATH}/{asked}");
    let shown = get(&server, &path, ALICE).await.json()["data"].clone();
    assert_eq!(
        (&shown["status"], &shown["error"]),
        (&json!("error"), &json!(sentence))
    );
    assert_eq!(
        shown["errors"],
        json!([{"ref": null, "reference": null, "stage": null, "code": "upstream_invalid", "message": sentence,
            "retryable": false, "attempts": 1}])
    );
    assert_eq!(
        get(&server, &path, ADMIN).await.json()["data"]["error"],
        sentence
    );
    let bobs = get(&server, &path, BOB).await.json()["data"].clone();
    let untold = "It failed; who asked for it, and administrators, are told why";
    assert_eq!(bobs["error"], untold);
    assert_eq!(bobs["errors"][0]["message"], untold);
    for path in [format!("/syncs/{asked}"), format!("/syncs/{asked}/log")] {
        assert_eq!(get(&server, &path, BOB).await.status, 404, "{path}");
        assert_eq!(get(&server, &path, ALICE).await.status, 200, "{path}");
    }
    let log = get(&server, &format!("{path}/log"), ALICE).await;
    assert_eq!(log.status, 200);
    assert!(
        log.text().contains("began") && log.text().contains("asked"),
        "{}",
        log.text()
    );
    assert_eq!(shown["logUrl"], server.url(&format!("{path}/log")));
    assert_eq!(get(&server, &format!("{path}/log"), BOB).await.status, 403);
    assert_eq!(
        get(&server, &format!("{path}/log?tail=1"), ADMIN)
            .await
            .text()
            .lines()
            .count(),
        1
    );
}

#[tokio::test]
async fn who_asked_may_withdraw_and_what_is_over_cannot_be_cancelled() {
    let server = start().await;
    server.token("bob", BOB, NewToken::default()).await;
    let asked = id(&post(&server, ALICE, &json!({})).await);
    let path = format!("{PATH}/{asked}");
    let cancel = async |token: &str| sent(call(&server, Method::DELETE, &path, token)).await;
    assert_eq!(cancel(BOB).await.status, 403);
    assert_eq!(id(&post(&server, BOB, &json!({})).await), asked);
    let withdrawn = cancel(ALICE).await;
    assert_eq!(
        (withdrawn.status, &withdrawn.json()["data"]["status"]),
        (200, &json!("waiting"))
    );
    server.claim().await;
    let told = cancel(BOB).await;
    assert_eq!(
        (told.status, &told.json()["data"]["cancelRequested"]),
        (200, &json!(true))
    );
    let told = &told.json()["data"];
    assert_eq!(
        (&told["trigger"], &told["requestedBy"], &told["type"]),
        (&json!("api"), &json!("alice"), &json!("full")),
        "who asked has asked, though nobody wants it any more"
    );
    let other = id(&post(&server, ALICE, &json!({})).await);
    let ended = sent(call(
        &server,
        Method::DELETE,
        &format!("{PATH}/{other}"),
        ADMIN,
    ))
    .await;
    assert_eq!(
        (ended.status, &ended.json()["data"]["status"]),
        (200, &json!("error"))
    );
    let again = sent(call(
        &server,
        Method::DELETE,
        &format!("{PATH}/{other}"),
        ADMIN,
    ))
    .await;
    assert_eq!(
        (again.status, &again.json()["statusCode"]),
        (409, &json!(409))
    );
}

#[tokio::test]
async fn several_sources_are_one_wish() {
    let server = start().await;
    source(&server, "second", "https://second.example").await;
    let asked = post(&server, ALICE, &json!({})).await;
    assert_eq!(asked.json()["data"]["source"], "catalogue");
    assert_eq!(id(&post(&server, ALICE, &json!({})).await), id(&asked));
    assert_eq!(asked.json()["data"]["progress"]["repositories"]["total"], 0);
}
