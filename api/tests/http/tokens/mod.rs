//! Tokens over HTTP: making, listing, revoking them, and what becomes of odd wishes.

mod catalogue;
mod making;
mod revoking;
mod using;

use serde_json::Value;
use weir_store::tokens::NewToken;
use weir_testkit::client::{Call, Reply};

use crate::server::{ADMIN, ALICE, Server};

const PASSWORD: &str = "correct horse";
const NPM: &str = "/-/npm/v1/tokens";
const CATALOGUE: &str = "/api/v1/tokens";
const BOB: &str = "npm_bob-token-of-the-token-tests-01234567";

async fn start() -> Server {
    let server = Server::start().await;
    ready(&server).await;
    server
}

async fn ready(server: &Server) {
    for user in ["alice", "admin", "bob"] {
        server.password(user, PASSWORD).await;
    }
    server.token("bob", BOB, NewToken::default()).await;
}

async fn ask(server: &Server, call: &str, token: Option<&str>, body: &Value) -> Reply {
    let (method, path) = call.split_once(' ').expect("a method and a path");
    let call = Call::new(method.parse().expect("a method"), server.url(path));
    let call = match token {
        Some(token) => call.bearer(token),
        None => call,
    };
    let call = if body.is_null() {
        call
    } else {
        call.json(body)
    };
    call.send().await.expect("answered")
}

async fn post(server: &Server, token: &str, body: &Value) -> Reply {
    ask(server, &format!("POST {NPM}"), Some(token), body).await
}

/// Makes a token as npm does; `body` lacks the password.
async fn make(server: &Server, token: &str, mut body: Value) -> Value {
    body["password"] = PASSWORD.into();
    let reply = post(server, token, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

async fn whoami(server: &Server, token: &str) -> u16 {
    ask(server, "GET /-/whoami", Some(token), &Value::Null)
        .await
        .status
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_else(|| panic!("{value}"))
}
