//! The catalogue's routes to the same tokens.

use std::time::Duration;

use serde_json::{Value, json};
use weir_domain::Timestamp;

use super::*;

#[tokio::test]
async fn the_catalogues_routes_are_as_its_document_says() {
    let server = start().await;
    let call = |method: &str| format!("{method} {CATALOGUE}");
    let body = json!({"name": "CI/CD Token", "expiresIn": 90});
    let anonymous = ask(&server, &call("POST"), None, &body).await;
    assert_eq!(
        (anonymous.status, &anonymous.json()["statusCode"]),
        (401, &json!(401))
    );
    assert_eq!(
        ask(&server, &call("GET"), None, &Value::Null).await.status,
        401
    );
    let reply = ask(&server, &call("POST"), Some(ALICE), &body).await;
    assert_eq!(
        (reply.status, reply.header("cache-control")),
        (200, "no-store")
    );
    let made = reply.json()["data"].clone();
    let secret = text(&made, "token");
    assert_eq!(made["name"], "CI/CD Token");
    let end = Timestamp::parse(text(&made, "expiresAt")).expect("a time");
    let from = Timestamp::parse(text(&made, "createdAt")).expect("a time");
    assert!(end.since(from).abs_diff(Duration::from_secs(90 * 86_400)) < Duration::from_secs(5));
    assert_eq!(whoami(&server, secret).await, 200, "it is good everywhere");
    let list = ask(&server, &call("GET"), Some(secret), &Value::Null).await;
    assert!(!list.text().contains(secret));
    let list = list.json();
    assert_eq!(list["data"][0]["id"], made["id"]);
    assert_eq!(list["data"].as_array().map(Vec::len), Some(2));
    let delete = format!("DELETE {CATALOGUE}/{}", text(&made, "id"));
    let gone = ask(&server, &delete, Some(ALICE), &Value::Null).await;
    let data = gone.json()["data"].clone();
    assert_eq!((gone.status, &data["id"]), (200, &made["id"]));
    assert!(Timestamp::parse(text(&data, "revokedAt")).is_some());
    assert_eq!(whoami(&server, secret).await, 401);
    assert_eq!(
        ask(&server, &delete, Some(ALICE), &Value::Null)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn the_catalogue_names_everything_that_is_wrong() {
    let server = start().await;
    let post = format!("POST {CATALOGUE}");
    for (body, wrong) in [
        (json!({}), &["name"][..]),
        (
            json!({"name": null, "expiresIn": 0}),
            &["expiresIn", "name"],
        ),
        (
            json!({"name": " ", "expiresIn": 3651}),
            &["expiresIn", "name"],
        ),
        (
            json!({"name": "a\nb", "expiresIn": "90"}),
            &["expiresIn", "name"],
        ),
        (json!({"name": "x".repeat(101)}), &["name"]),
        (
            json!({"name": 1, "readonly": 1, "admin": 1}),
            &["admin", "name", "readonly"],
        ),
    ] {
        let reply = ask(&server, &post, Some(ALICE), &body).await;
        assert_eq!(reply.status, 400, "{body}: {}", reply.text());
        let said = reply.json();
        let details = said["details"].as_object().expect("details");
        assert_eq!(details.keys().collect::<Vec<_>>(), wrong, "{body}");
        assert_eq!(said["statusCode"], 400);
    }
}
