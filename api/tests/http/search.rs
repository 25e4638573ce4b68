//! `/-/v1/search`: what it answers, refuses, and links to.

use serde_json::Value;

use crate::{packages::package, server::Server};

async fn names(server: &Server, query: &str) -> Vec<String> {
    let reply = server.fetch(&format!("/-/v1/search?{query}")).await;
    assert_eq!(reply.status, 200, "{query}: {}", reply.text());
    let page = reply.json();
    let name = |object: &Value| object["package"]["name"].as_str().map(str::to_owned);
    let objects = page["objects"].as_array().expect("a list");
    objects.iter().filter_map(name).collect()
}

#[tokio::test]
async fn a_package_is_found_as_it_is_shown_and_by_anybody() {
    let server = Server::start().await;
    package("react")
        .version("1.0.0", "x")
        .publish(&server)
        .await;
    package("@react/dom")
        .version("2.0.0", "x")
        .publish(&server)
        .await;
    assert_eq!(names(&server, "text=reac").await, ["react", "@react/dom"]);
    assert_eq!(
        names(&server, "text=reac&size=1&from=1").await,
        ["@react/dom"]
    );
    assert_eq!(names(&server, "text=%40react%2Fd").await, ["@react/dom"]);
    assert_eq!(names(&server, "text=nothing").await, [""; 0]);
    assert_eq!(names(&server, "").await, ["@react/dom", "react"]);
    let weights = "text=react&size=20&from=0&quality=0.65&popularity=0.98&maintenance=0.5";
    assert_eq!(names(&server, weights).await.len(), 2, "npm's own question");
    let found = server.fetch("/-/v1/search?text=dom").await.json();
    assert_eq!(found["total"], 1);
    let (hit, found) = (&found["objects"][0], &found["objects"][0]["package"]);
    assert_eq!(
        (&found["version"], &found["scope"]),
        (&"2.0.0".into(), &"react".into())
    );
    assert_eq!(found["date"], crate::packages::MODIFIED);
    assert_eq!(found["maintainers"], Value::Array(vec![]));
    assert_eq!(found["links"]["npm"], server.url("/@react/dom"));
    assert!(hit["searchScore"].is_f64() && hit["score"]["final"].is_f64());
}

#[tokio::test]
async fn what_is_out_of_bounds_is_refused_all_at_once() {
    let server = Server::start().await;
    let long = "x".repeat(301);
    for (query, fields) in [
        (format!("text={long}"), &["text"][..]),
        ("size=251".to_owned(), &["size"]),
        (
            "size=x&from=-1&quality=2".to_owned(),
            &["size", "from", "quality"],
        ),
        ("from=10001".to_owned(), &["from"]),
        (
            "maintenance=much&popularity=".to_owned(),
            &["maintenance", "popularity"],
        ),
    ] {
        let reply = server.fetch(&format!("/-/v1/search?{query}")).await;
        assert_eq!(reply.status, 422, "{query}");
        let body = reply.json();
        let reason = body["reason"].as_str().expect("a sentence");
        for field in fields {
            assert!(
                reason.contains(&format!("{field}: must")),
                "{query}: {reason}"
            );
        }
    }
    let longest = format!("/-/v1/search?size=250&from=10000&text={}", "x".repeat(300));
    assert_eq!(server.fetch(&longest).await.status, 200);
}
