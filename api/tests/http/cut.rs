//! Answers that go on end when what opened them is taken back: in the process that does it, and
//! in every other within a second.

use std::time::Duration;

use http::Method;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::{Value, json};
use weir_domain::{TaskId, TokenId};
use weir_store::{
    clock, sessions,
    task_logs::Chunk,
    tokens::{self, NewToken},
};
use weir_testkit::{Browser, client::Call};

use crate::{
    orgs::{BOB, SAM, acme},
    server::{ADMIN, ALICE, Server},
    site::sign_in,
};

/// The promise between processes. What they are told comes in time by how they are configured; a
/// machine that is busy with other tests may be late to read what they then answer ([`LATE`]).
const BOUND: Duration = Duration::from_secs(1);

/// What is allowed for that, however many answers are to end.
const LATE: Duration = Duration::from_secs(5);

/// A token of carol's, who is an administrator.
const CAROL: &str = "npm_carol-token-of-the-tests-0123456789";

/// Two processes, a task that goes on, and its log so far.
struct Scene {
    servers: [Server; 2],
    task: TaskId,
}

impl Scene {
    async fn new() -> Self {
        Self::of(Server::start().await, "a").await
    }

    async fn of(first: Server, package: &str) -> Self {
        let second = first.another().await;
        let task = first.submit(package).await;
        let fence = first.claim().await;
        first.log(fence, &Chunk::default(), &["one"]).await;
        Self {
            servers: [first, second],
            task,
        }
    }

    fn first(&self) -> &Server {
        &self.servers[0]
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Value {
        let call = Call::new(method, self.first().url(path)).bearer(ADMIN);
        let reply = call.json(&body).send().await.expect("answered");
        assert!(reply.status < 300, "{}", reply.text());
        reply.json()
    }

    /// Makes carol, with a token that carries her rights; returns its id.
    async fn carol(&self) -> TokenId {
        let body = json!({"name": "carol", "admin": true});
        self.send(Method::POST, "/-/admin/users", body).await;
        let new = NewToken {
            is_admin: true,
            ..NewToken::default()
        };
        self.first().token("carol", CAROL, new).await
    }

    /// Follows the log in each process and each way.
    async fn follow(&self, shown: &Shown) -> Vec<Followed> {
        let mut all = Vec::new();
        for server in &self.servers {
            for (query, accept) in [("follow=true", "*/*"), ("tail=1", "text/event-stream")] {
                let ticket = match shown {
                    Shown::TicketOf(token) => self.ticket(server, token).await,
                    _ => String::new(),
                };
                let call = server.get(&format!("/syncs/{}/log?{query}{ticket}", self.task));
                let call = call.header("accept", accept);
                let call = match shown {
                    Shown::Token(token) => call.bearer(token),
                    Shown::Cookie(cookie) => call.header("cookie", cookie),
                    Shown::Nothing | Shown::TicketOf(_) => call,
                };
                let answer = call.open().await.expect("answered");
                assert_eq!(answer.status(), 200);
                let mut followed = Followed(answer.into_body());
                followed.until("INFO one").await;
                all.push(followed);
            }
        }
        all
    }

    async fn ticket(&self, server: &Server, token: &str) -> String {
        let url = server.url(&format!("/syncs/{}/ticket", self.task));
        let made = Call::new(Method::POST, url).bearer(token).send().await;
        let ticket = made.expect("answered").json();
        format!("&ticket={}", ticket["ticket"].as_str().expect("a text"))
    }
}

/// What whoever follows shows.
enum Shown {
    Nothing,
    Token(&'static str),
    TicketOf(&'static str),
    Cookie(String),
}

struct Followed(Incoming);

impl Followed {
    async fn until(&mut self, mark: &str) {
        let mut got = String::new();
        while !got.contains(mark) {
            let frame = self.0.frame().await.expect("it goes on").expect("readable");
            let data = frame.into_data().expect("data");
            got.push_str(&String::from_utf8_lossy(&data));
        }
    }

    /// Reads until there is no more; says whether somebody was told that the task is over.
    async fn end(mut self) -> bool {
        let mut got = String::new();
        while let Some(Ok(frame)) = self.0.frame().await {
            got.push_str(&String::from_utf8_lossy(&frame.into_data().expect("data")));
        }
        got.contains("event: end")
    }
}

/// Fails the test unless all end in time.
async fn assert_cut(all: Vec<Followed>) {
    let ends = all.into_iter().map(Followed::end);
    let all = tokio::time::timeout(LATE, futures::future::join_all(ends)).await;
    let all = all.expect("they end in time");
    assert!(all.iter().all(|is_told| !is_told), "the task goes on");
}

/// Fails the test unless all go on for longer than a revocation takes.
async fn assert_going_on(all: Vec<Followed>) {
    let ends = all.into_iter().map(|followed| Box::pin(followed.end()));
    let first = tokio::time::timeout(BOUND, futures::future::select_all(ends)).await;
    assert!(first.is_err(), "one was cut");
}

/// Follows with a token, and with tickets that it made.
async fn by_token(scene: &Scene, token: &'static str) -> Vec<Followed> {
    let mut all = scene.follow(&Shown::Token(token)).await;
    all.extend(scene.follow(&Shown::TicketOf(token)).await);
    all
}

#[tokio::test]
async fn a_followed_log_ends_with_the_token_that_opened_it_and_with_no_other() {
    let scene = Scene::new().await;
    let id = scene.carol().await;
    let (mine, others) = (by_token(&scene, CAROL).await, by_token(&scene, ALICE).await);
    let strangers = scene.follow(&Shown::Nothing).await;
    let path = format!("/-/user/token/{CAROL}");
    scene.send(Method::DELETE, &path, Value::Null).await;
    assert_cut(mine).await;
    assert_going_on(others.into_iter().chain(strangers).collect()).await;
    let db = scene.first().content.db.read();
    assert_eq!(tokens::find(db, id).await.expect("asked"), None);
}

#[tokio::test]
async fn a_followed_log_ends_with_its_user_and_with_what_they_may() {
    let scene = Scene::new().await;
    scene.carol().await;
    for change in [json!({"admin": false}), json!({"disabled": true})] {
        let mine = by_token(&scene, CAROL).await;
        scene
            .send(Method::PATCH, "/-/admin/users/carol", change)
            .await;
        assert_cut(mine).await;
    }
}

#[tokio::test]
async fn a_followed_log_ends_with_the_session_that_opened_it() {
    let scene = Scene::new().await;
    for ends in [
        "/-/logout",
        "/-/account/sessions/revoke",
        "idle",
        "a password",
    ] {
        let (here, there) = (Browser::default(), Browser::default());
        sign_in(scene.first(), &here, "alice").await;
        sign_in(scene.first(), &there, "alice").await;
        let page = here.open(&scene.first().url("/-/account")).await;
        let followed = async |browser: &Browser| {
            let key = browser.cookie("weir-session").expect("signed in");
            scene
                .follow(&Shown::Cookie(format!("weir-session={key}")))
                .await
        };
        let (hers, other) = (followed(&here).await, followed(&there).await);
        match ends {
            "/-/logout" => {
                here.submit(&page, ends, &[]).await;
                assert_cut(hers).await;
                assert_going_on(other).await;
            }
            "a password" => {
                let body = json!({"password": "another password"});
                scene
                    .send(Method::PATCH, "/-/admin/users/alice", body)
                    .await;
                assert_cut(hers.into_iter().chain(other).collect()).await;
            }
            "idle" => {
                scene
                    .first()
                    .meddle("UPDATE sessions SET used_at = 0")
                    .await;
                let expired = scene.first().content.db.write(|tx| {
                    Box::pin(async move {
                        let now = clock::now(&**tx).await?;
                        sessions::expire(tx, now, 100).await
                    })
                });
                assert!(expired.await.expect("removed") >= 2);
                assert_cut(hers.into_iter().chain(other).collect()).await;
            }
            path => {
                // Of the two that are listed beside this one, the first is the other.
                here.submit(&page, path, &[]).await;
                assert_cut(other).await;
                assert_going_on(hers).await;
            }
        }
        scene.first().meddle("DELETE FROM sessions").await;
    }
}

#[tokio::test]
async fn a_followed_log_ends_when_its_package_is_closed_to_the_reader() {
    let scene = Scene::of(acme().await, "@acme/tool").await;
    let (bobs, sams) = (by_token(&scene, BOB).await, by_token(&scene, SAM).await);
    let (owners, strangers) = (
        by_token(&scene, ALICE).await,
        scene.follow(&Shown::Nothing).await,
    );
    let package = json!({"package": "@acme/tool", "permissions": "read-only"});
    let binding = "/-/team/acme/devs/package";
    scene.send(Method::PUT, binding, package.clone()).await;
    assert_cut(sams.into_iter().chain(strangers).collect()).await;
    assert_going_on(bobs.into_iter().chain(owners).collect()).await;
    // Each way in which bob loses it.
    for (path, body, what) in [
        (binding, package, "the binding"),
        ("/-/team/acme/devs/user", json!({"user": "bob"}), "the team"),
        (
            "/-/org/acme/user",
            json!({"user": "bob"}),
            "the organisation",
        ),
        ("/-/team/acme/devs", Value::Null, "the team itself"),
    ] {
        let mine = by_token(&scene, BOB).await;
        scene.send(Method::DELETE, path, body.clone()).await;
        assert_cut(mine).await;
        if what == "the organisation" {
            scene.send(Method::PUT, path, body).await;
            let again = json!({"user": "bob"});
            scene
                .send(Method::PUT, "/-/team/acme/devs/user", again)
                .await;
        } else if body != Value::Null {
            scene.send(Method::PUT, path, body).await;
        }
    }
}

#[tokio::test]
async fn a_followed_log_ends_when_its_token_expires() {
    let scene = Scene::new().await;
    let now = clock::now(scene.first().content.db.read()).await;
    let life = Duration::from_secs(10);
    let new = NewToken {
        expires_at: Some(now.expect("a time").plus(life)),
        ..NewToken::default()
    };
    let brief = "npm_of-dave-for-ten-seconds-0123456789";
    scene.first().token("dave", brief, new).await;
    let mine = by_token(&scene, brief).await;
    let ends = mine.into_iter().map(|followed| Box::pin(followed.end()));
    let all = tokio::time::timeout(life + LATE, futures::future::join_all(ends)).await;
    assert!(
        all.expect("they end in time")
            .iter()
            .all(|is_told| !is_told)
    );
}
