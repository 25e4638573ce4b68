//! `Idempotency-Key`: asking again with the same key gives the first answer.

use serde_json::json;
use weir_domain::task::ErrorCode;
use weir_store::{task_requests, tasks::Outcome, tokens::NewToken};
use weir_testkit::client::{Call, Reply};

use crate::server::{ADMIN, ALICE, Server};

const BOB: &str = "npm_bob-token-of-the-key-tests-0123456789012";

async fn sent(call: Call) -> Reply {
    call.send().await.expect("answered")
}

impl Server {
    async fn keyed(&self, path: &str, token: &str, key: &str, body: &serde_json::Value) -> Reply {
        let call = self.put(path).bearer(token).header("Idempotency-Key", key);
        sent(call.json(body)).await
    }
}

#[tokio::test]
async fn asking_again_with_the_same_key_does_nothing_twice() {
    let server = Server::start().await;
    let (path, body) = ("/-/package/a/syncs", json!({"tips": "once"}));
    let first = server.keyed(path, ALICE, "k-1", &body).await;
    assert_eq!(first.status, 201, "{}", first.text());
    // The task runs and ends, and still the answer is what it was.
    let fence = server.claim().await;
    server
        .finish(fence, Outcome::failed(ErrorCode::NotFound, "gone"))
        .await;
    for again in [
        server.keyed(path, ALICE, "k-1", &body).await,
        server
            .keyed("/-/package/%61/syncs", ALICE, "k-1", &body)
            .await,
    ] {
        assert_eq!((again.status, again.text()), (201, first.text()));
        assert_eq!(again.header("content-type"), first.header("content-type"));
        assert_eq!(again.header("cache-control"), "no-store");
    }
    let listed = server.fetch("/syncs").await.json();
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1), "{listed}");
    let requests = task_requests::live(server.content.db.read(), fence.task).await;
    assert_eq!(requests.expect("readable").len(), 1);
    let other = server.keyed(path, ALICE, "k-2", &body).await;
    assert_ne!(other.text(), first.text(), "another key is another wish");
}

#[tokio::test]
async fn a_key_means_one_request_of_one_caller() {
    let server = Server::start().await;
    server.token("bob", BOB, NewToken::default()).await;
    let path = "/-/package/a/syncs";
    let first = server.keyed(path, ALICE, "k", &json!({"tips": "x"})).await;
    assert_eq!(first.status, 201);
    for (path, body) in [
        (path, json!({"tips": "y"})),
        (path, json!({})),
        ("/-/package/b/syncs", json!({"tips": "x"})),
        ("/a/sync", json!({})),
    ] {
        let reply = server.keyed(path, ALICE, "k", &body).await;
        assert_eq!(reply.status, 422, "{path} {body}: {}", reply.text());
        assert!(reply.text().contains("Idempotency-Key"), "{}", reply.text());
    }
    let bobs = server.keyed(path, BOB, "k", &json!({"tips": "y"})).await;
    assert_eq!(bobs.status, 201, "his keys are his own: {}", bobs.text());
}

#[tokio::test]
async fn every_route_that_makes_tasks_takes_a_key() {
    let server = Server::start().await;
    let legacy = async |nodeps: &str, key| {
        let path = format!("/a/sync?nodeps={nodeps}");
        server.keyed(&path, ALICE, key, &json!({})).await
    };
    let first = legacy("true", "l").await;
    assert_eq!(
        (first.status, legacy("true", "l").await.text()),
        (201, first.text())
    );
    assert_eq!(legacy("false", "l").await.status, 422);
    let fence = server.claim().await;
    server
        .finish(fence, Outcome::failed(ErrorCode::NotFound, "gone"))
        .await;
    let retry = async || {
        let url = server.url(&format!("/syncs/{}/retry", fence.task));
        let call = Call::new(http::Method::POST, url).bearer(ALICE);
        sent(call.header("idempotency-key", "r")).await
    };
    let first = retry().await;
    assert_eq!(first.status, 201, "{}", first.text());
    let next = server.claim().await;
    server
        .finish(next, Outcome::failed(ErrorCode::NotFound, "gone"))
        .await;
    assert_eq!(
        (retry().await.status, retry().await.text()),
        (201, first.text())
    );
    let post = async |path: &str, key| {
        let call = Call::new(http::Method::POST, server.url(path)).bearer(ADMIN);
        sent(call.header("idempotency-key", key)).await
    };
    let all = post("/syncs/retry?limit=7", "all").await;
    assert_eq!((all.status, &all.json()["count"]), (200, &json!(1)));
    let again = post("/syncs/retry?limit=7", "all").await;
    assert_eq!((again.status, again.text()), (200, all.text()));
    assert_eq!(post("/syncs/retry?limit=8", "all").await.status, 422);
    let drills = post("/-/admin/drills", "drills").await;
    assert_eq!(drills.status, 201);
    let again = post("/-/admin/drills", "drills").await;
    assert_eq!((again.status, again.text()), (201, drills.text()));
}

#[tokio::test]
async fn what_was_refused_is_judged_anew() {
    let server = Server::start().await;
    let body = json!({"registryName": "later"});
    let path = "/-/package/a/syncs";
    assert_eq!(server.keyed(path, ALICE, "k", &body).await.status, 404);
    server.second_registry("later").await;
    let first = server.keyed(path, ALICE, "k", &body).await;
    assert_eq!(first.status, 201, "{}", first.text());
    assert_eq!(
        server
            .keyed(path, ALICE, "k", &json!({"force": true}))
            .await
            .status,
        422
    );
}

#[tokio::test]
async fn a_key_is_visible_ascii_of_some_length() {
    let server = Server::start().await;
    let path = "/-/package/a/syncs";
    let status = async |key: &[u8]| {
        let head = format!(
            "PUT {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {ALICE}\r\n",
            server.address
        );
        let tail = b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        let bytes = [head.as_bytes(), b"idempotency-key: ", key, tail].concat();
        let reply = server.raw(&bytes).await;
        (reply.status, reply.text().to_owned())
    };
    for good in [&b"k"[..], b"a/b=c~!\"quoted\"", &[b'x'; 255]] {
        let (status, text) = status(good).await;
        assert_eq!(status, 201, "{good:?}: {text}");
    }
    for bad in [
        &b""[..],
        b"two words",
        b"tab\tbed",
        "ké".as_bytes(),
        b"\xff\xfe",
        &[b'x'; 256],
        b"one\r\nidempotency-key: two",
    ] {
        let (status, text) = status(bad).await;
        assert_eq!(status, 422, "{bad:?}: {text}");
        assert!(
            text.contains("Idempotency-Key: must be one text of 1 to 255"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn of_many_who_ask_at_once_with_one_key_all_get_one_answer() {
    let server = Server::start().await;
    let asked = (0..16).map(|_| async {
        loop {
            let reply = server
                .keyed("/-/package/a/syncs", ADMIN, "k", &json!({"force": true}))
                .await;
            match reply.status {
                201 => return reply.text().to_owned(),
                409 => assert!(reply.text().contains("at this moment"), "{}", reply.text()),
                status => panic!("{status}: {}", reply.text()),
            }
        }
    });
    let answers = futures::future::join_all(asked).await;
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
    let id = id_of(&answers[0]);
    let requests = task_requests::live(server.content.db.read(), id)
        .await
        .expect("readable");
    assert_eq!(requests.len(), 1);
}

fn id_of(answer: &str) -> weir_domain::TaskId {
    let answer: serde_json::Value = serde_json::from_str(answer).expect("JSON");
    answer["id"]
        .as_str()
        .expect("an id")
        .parse()
        .expect("a UUID")
}
