//! Listing and revoking tokens: by their owner, and by nobody else.

use serde_json::{Value, json};
use weir_domain::token::TokenSecret;
use weir_store::{
    audit, clock,
    tokens::{self, NewToken},
    users,
};

use super::*;

#[tokio::test]
async fn lists_have_pages() {
    let server = start().await;
    for _ in 0..4 {
        make(&server, ALICE, json!({})).await;
    }
    let mut path = format!("{NPM}?perPage=2");
    let mut keys = Vec::new();
    for left in [2, 2, 1] {
        let page = ask(&server, &format!("GET {path}"), Some(ALICE), &Value::Null).await;
        let page = page.json();
        assert_eq!(page["total"], 5);
        let objects = page["objects"].as_array().expect("a list");
        assert_eq!(objects.len(), left);
        keys.extend(objects.iter().map(|one| text(one, "key").to_owned()));
        let next = page["urls"]["next"].as_str().unwrap_or_default();
        path = next
            .strip_prefix(&server.url(""))
            .unwrap_or_default()
            .to_owned();
    }
    assert_eq!(path, "", "it ends");
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 5);
    for query in ["perPage=0", "perPage=1001", "page=-1", "page=x"] {
        let call = format!("GET {NPM}?{query}");
        assert_eq!(
            ask(&server, &call, Some(ALICE), &Value::Null).await.status,
            422
        );
    }
}

#[tokio::test]
async fn a_token_is_revoked_by_key_by_its_beginning_or_by_text() {
    let server = start().await;
    for by in ["key", "beginning", "text"] {
        let made = make(&server, ALICE, json!({})).await;
        let (secret, key) = (text(&made, "token"), text(&made, "key"));
        assert_eq!(whoami(&server, secret).await, 200);
        let named = match by {
            "key" => key,
            "beginning" => &key[..6],
            _ => secret,
        };
        let call = format!("DELETE {NPM}/token/{named}");
        let reply = ask(&server, &call, Some(ALICE), &Value::Null).await;
        assert_eq!(
            (reply.status, reply.json()),
            (200, json!({"ok": true})),
            "{by}"
        );
        assert_eq!(whoami(&server, secret).await, 401, "at once");
        let again = ask(&server, &call, Some(ALICE), &Value::Null).await;
        assert_eq!(again.status, 404);
    }
    let trail = audit::list(server.content.db.read(), 1)
        .await
        .expect("readable");
    assert_eq!(
        (trail[0].action.as_str(), trail[0].detail.as_str()),
        ("token.revoke", "")
    );
    // A token may end itself.
    let made = make(&server, ALICE, json!({})).await;
    let secret = text(&made, "token");
    let call = format!("DELETE {NPM}/token/{secret}");
    assert_eq!(
        ask(&server, &call, Some(secret), &Value::Null).await.status,
        200
    );
    assert_eq!(whoami(&server, secret).await, 401);
}

#[tokio::test]
async fn anothers_token_is_not_there_and_nothing_is_repeated() {
    let server = start().await;
    let made = make(&server, ALICE, json!({"name": "mine"})).await;
    let (secret, key) = (text(&made, "token"), text(&made, "key"));
    let id = ask(
        &server,
        &format!("GET {CATALOGUE}"),
        Some(ALICE),
        &Value::Null,
    )
    .await;
    let id = text(&id.json()["data"][0], "id").to_owned();
    for named in [
        secret,
        key,
        &key[..6],
        &key[..5],
        "npm_unknown-secret",
        "%00",
        "..%2f",
    ] {
        for token in [BOB, ADMIN] {
            let call = format!("DELETE {NPM}/token/{named}");
            let reply = ask(&server, &call, Some(token), &Value::Null).await;
            assert_eq!(reply.status, 404, "{named}: {}", reply.text());
            assert!(!reply.text().contains(named), "{}", reply.text());
        }
    }
    for named in [
        id.as_str(),
        "018f0000-0000-7000-8000-000000000000",
        "nonsense",
    ] {
        let call = format!("DELETE {CATALOGUE}/{named}");
        let reply = ask(&server, &call, Some(BOB), &Value::Null).await;
        let said = json!({"error": "You have no such token", "statusCode": 404, "details": {}});
        assert_eq!((reply.status, reply.json()), (404, said));
    }
    assert_eq!(whoami(&server, secret).await, 200, "it is as it was");
}

#[tokio::test]
async fn keys_that_begin_alike_are_not_guessed_between() {
    let server = start().await;
    let mut seen = std::collections::HashMap::new();
    let pair = (0..).find_map(|n| {
        let secret = TokenSecret::from_text(format!("npm_{n}"));
        let start = secret.hash().to_string()[..6].to_owned();
        let former = seen.insert(start.clone(), secret.clone())?;
        Some((start, former, secret))
    });
    let (start, one, other) = pair.expect("there are only so many beginnings");
    let made = server.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let alice = users::find_by_name(&**tx, "alice").await?.expect("there");
            for secret in [one, other] {
                tokens::insert(tx, alice.id, &secret, NewToken::default(), now).await?;
            }
            Ok(())
        })
    });
    made.await.expect("made");
    let call = format!("DELETE {NPM}/token/{start}");
    let reply = ask(&server, &call, Some(ALICE), &Value::Null).await;
    assert_eq!(reply.status, 409, "{}", reply.text());
}
