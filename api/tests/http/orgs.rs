//! Organisations and teams: who sees them, who changes them, in npm's words.

use http::Method;
use serde_json::{Value, json};
use weir_store::tokens::NewToken;
use weir_testkit::client::{Call, Reply};

use crate::server::{ADMIN, ALICE, Server};

/// A member's token, and that of somebody who belongs to nothing.
pub const BOB: &str = "npm_bob-token-of-the-orgs-tests-0123456789";
pub const SAM: &str = "npm_sam-token-of-the-orgs-tests-0123456789";

/// A server with `acme`: alice owns it, bob belongs to it and to `acme:devs`, sam does not.
pub async fn acme() -> Server {
    let server = Server::start().await;
    for (name, token) in [("bob", BOB), ("sam", SAM)] {
        server.token(name, token, NewToken::default()).await;
    }
    let owner = json!({"user": "alice", "role": "owner"});
    let made = ask(&server, ADMIN, Method::PUT, "/-/org/acme/user", owner).await;
    let expected = json!({"org": {"name": "acme", "size": 1}, "user": "alice", "role": "owner"});
    assert_eq!((made.status, made.json()), (200, expected));
    for (path, body) in [
        ("/-/org/acme/user", json!({"user": "bob"})),
        (
            "/-/org/acme/team",
            json!({"name": "devs", "description": "who builds"}),
        ),
        ("/-/team/acme/devs/user", json!({"user": "bob"})),
    ] {
        let done = ask(&server, ALICE, Method::PUT, path, body).await;
        assert_eq!(done.status, 200, "{path}: {}", done.text());
    }
    server
}

/// Sends a request as somebody; nobody, if the token is empty.
pub async fn ask(server: &Server, token: &str, method: Method, path: &str, body: Value) -> Reply {
    let call = Call::new(method, server.url(path));
    let call = match token {
        "" => call,
        token => call.bearer(token),
    };
    let call = match body {
        Value::Null => call,
        body => call.json(&body),
    };
    call.send().await.expect("answered")
}

async fn show(server: &Server, token: &str, path: &str) -> Value {
    let reply = ask(server, token, Method::GET, path, Value::Null).await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    assert_eq!(reply.header("cache-control"), "no-store");
    reply.json()
}

#[tokio::test]
async fn members_are_listed_promoted_and_let_go() {
    let server = acme().await;
    let members = "/-/org/acme/user";
    assert_eq!(
        show(&server, BOB, members).await,
        json!({"alice": "owner", "bob": "developer"})
    );
    assert_eq!(
        show(&server, ADMIN, "/-/org/@acme/user")
            .await
            .as_object()
            .map(serde_json::Map::len),
        Some(2)
    );
    let promote = json!({"user": "@bob", "role": "admin"});
    let promoted = ask(&server, ALICE, Method::PUT, members, promote).await;
    assert_eq!(promoted.json()["role"], "admin");
    for (token, method, body, status) in [
        (
            BOB,
            Method::PUT,
            json!({"user": "sam", "role": "owner"}),
            403,
        ),
        (
            BOB,
            Method::PUT,
            json!({"user": "alice", "role": "developer"}),
            403,
        ),
        (BOB, Method::DELETE, json!({"user": "alice"}), 403),
        (
            BOB,
            Method::PUT,
            json!({"user": "sam", "role": "member"}),
            200,
        ),
        (SAM, Method::DELETE, json!({"user": "bob"}), 403),
        (BOB, Method::DELETE, json!({"user": "sam"}), 200),
        (BOB, Method::DELETE, json!({"user": "sam"}), 404),
        (ALICE, Method::PUT, json!({"user": "nobody"}), 404),
        (ALICE, Method::PUT, json!({}), 422),
        (
            ALICE,
            Method::PUT,
            json!({"user": "sam", "role": "king"}),
            422,
        ),
        (BOB, Method::DELETE, json!({"user": "bob"}), 200),
        (BOB, Method::GET, Value::Null, 404),
    ] {
        let reply = ask(&server, token, method.clone(), members, body.clone()).await;
        assert_eq!(reply.status, status, "{method} {body}: {}", reply.text());
    }
    assert_eq!(
        show(&server, ALICE, "/-/team/acme/devs/user").await,
        json!([])
    );
}

#[tokio::test]
async fn teams_are_listed_for_whoever_belongs_to_the_organisation() {
    let server = acme().await;
    assert_eq!(
        show(&server, BOB, "/-/org/acme/team?format=cli").await,
        json!(["acme:devs"])
    );
    assert_eq!(
        show(&server, BOB, "/-/team/acme/devs/user?format=cli").await,
        json!(["bob"])
    );
    let team = show(&server, BOB, "/-/team/acme/devs").await;
    assert_eq!(
        (&team["name"], &team["description"]),
        (&json!("devs"), &json!("who builds"))
    );
}

#[tokio::test]
async fn teams_are_made_filled_and_removed() {
    let server = acme().await;
    for (token, method, path, body, status) in [
        (
            ALICE,
            Method::PUT,
            "/-/org/acme/team",
            json!({"name": "devs"}),
            409,
        ),
        (
            ALICE,
            Method::PUT,
            "/-/org/acme/team",
            json!({"name": "Devs!"}),
            422,
        ),
        (ALICE, Method::PUT, "/-/org/acme/team", json!({}), 422),
        (
            BOB,
            Method::PUT,
            "/-/org/acme/team",
            json!({"name": "mine"}),
            403,
        ),
        (
            ALICE,
            Method::PUT,
            "/-/team/acme/devs/user",
            json!({"user": "sam"}),
            403,
        ),
        (
            BOB,
            Method::PUT,
            "/-/team/acme/devs/user",
            json!({"user": "alice"}),
            403,
        ),
        (
            ALICE,
            Method::PUT,
            "/-/team/acme/ops/user",
            json!({"user": "bob"}),
            404,
        ),
        (BOB, Method::DELETE, "/-/team/acme/devs", Value::Null, 403),
        (
            BOB,
            Method::DELETE,
            "/-/team/acme/devs/user",
            json!({"user": "bob"}),
            200,
        ),
        (
            ALICE,
            Method::DELETE,
            "/-/team/acme/devs/user",
            json!({"user": "bob"}),
            404,
        ),
        (ALICE, Method::DELETE, "/-/team/acme/devs", Value::Null, 200),
        (ALICE, Method::GET, "/-/team/acme/devs", Value::Null, 404),
    ] {
        let reply = ask(&server, token, method.clone(), path, body.clone()).await;
        assert_eq!(
            reply.status,
            status,
            "{method} {path} {body}: {}",
            reply.text()
        );
    }
    assert_eq!(show(&server, BOB, "/-/org/acme/team").await, json!([]));
}

#[tokio::test]
async fn an_organisation_is_not_there_for_strangers() {
    let server = acme().await;
    for path in [
        "/-/org/acme",
        "/-/org/acme/user",
        "/-/org/acme/team",
        "/-/org/acme/package",
        "/-/team/acme/devs",
        "/-/team/acme/devs/user",
        "/-/team/acme/devs/package",
    ] {
        for (token, status) in [("", 401), (SAM, 404), (BOB, 200), (ADMIN, 200)] {
            let reply = ask(&server, token, Method::GET, path, Value::Null).await;
            assert_eq!(reply.status, status, "{path} {token}");
        }
        let other = path.replace("acme", "other");
        let unknown = ask(&server, ADMIN, Method::GET, &other, Value::Null).await;
        assert_eq!(unknown.status, 404, "{other}");
    }
}

#[tokio::test]
async fn administrators_make_and_remove_organisations() {
    let server = acme().await;
    for (token, method, path, body, status) in [
        (ALICE, Method::PUT, "/-/org", json!({"name": "mine"}), 403),
        (
            ALICE,
            Method::PUT,
            "/-/org/mine/user",
            json!({"user": "alice"}),
            404,
        ),
        (ADMIN, Method::PUT, "/-/org", json!({"name": "acme"}), 409),
        (ADMIN, Method::PUT, "/-/org", json!({"name": "A B"}), 422),
        (ADMIN, Method::PUT, "/-/org", json!({}), 422),
        (
            ADMIN,
            Method::PUT,
            "/-/org",
            json!({"name": "globex", "description": "else"}),
            200,
        ),
        (ALICE, Method::DELETE, "/-/org/acme", Value::Null, 403),
        (ADMIN, Method::DELETE, "/-/org/acme", Value::Null, 200),
        (ADMIN, Method::DELETE, "/-/org/acme", Value::Null, 404),
        (ALICE, Method::GET, "/-/org/acme", Value::Null, 404),
    ] {
        let reply = ask(&server, token, method.clone(), path, body.clone()).await;
        assert_eq!(
            reply.status,
            status,
            "{method} {path} {body}: {}",
            reply.text()
        );
    }
    let globex = show(&server, ADMIN, "/-/org/globex").await;
    assert_eq!(globex["description"], "else");
    assert_eq!(
        show(&server, ADMIN, "/-/org/globex/user").await,
        json!({"admin": "owner"})
    );
}

#[tokio::test]
async fn the_last_owner_stays_until_somebody_else_is_one() {
    let server = acme().await;
    let members = "/-/org/acme/user";
    let set = async |token, user: &str, role: &str| {
        let body = json!({"user": user, "role": role});
        ask(&server, token, Method::PUT, members, body).await
    };
    let remove = async |token, user: &str| {
        ask(
            &server,
            token,
            Method::DELETE,
            members,
            json!({"user": user}),
        )
        .await
    };
    for refused in [
        set(ALICE, "alice", "developer").await,
        set(ALICE, "alice", "admin").await,
        remove(ALICE, "alice").await,
    ] {
        assert_eq!(refused.status, 409, "{}", refused.text());
        let sentence = "alice is the last owner of acme: make somebody else an owner first";
        assert_eq!(refused.json()["reason"], sentence);
    }
    assert_eq!(
        show(&server, ALICE, members).await,
        json!({"alice": "owner", "bob": "developer"})
    );
    assert_eq!(set(ALICE, "alice", "owner").await.status, 200, "no change");
    assert_eq!(set(ALICE, "bob", "owner").await.status, 200);
    assert_eq!(set(BOB, "alice", "developer").await.status, 200);
    assert_eq!(remove(BOB, "bob").await.status, 409, "he is the last now");
    assert_eq!(
        remove(ALICE, "alice").await.status,
        200,
        "others go as they like"
    );
    assert_eq!(set(ADMIN, "bob", "developer").await.status, 200);
    assert_eq!(set(ADMIN, "bob", "owner").await.status, 200);
    assert_eq!(remove(ADMIN, "bob").await.status, 200);
    assert_eq!(show(&server, ADMIN, members).await, json!({}));
}
