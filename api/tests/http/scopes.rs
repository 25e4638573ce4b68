//! Scopes, and where the packages of each come from.

use http::Method;
use serde_json::json;
use weir_domain::RegistryId;
use weir_store::tasks;
use weir_testkit::client::Reply;

use crate::{
    registries::{ask, sealing, source},
    server::{ALICE, Server},
};

async fn make(server: &Server, name: &str, registry: &str) -> Reply {
    let body = json!({"name": name, "registryId": registry});
    ask(server, Method::POST, "/-/scope", &body).await
}

/// Returns where a package would be copied from.
async fn home(server: &Server, package: &str) -> Option<RegistryId> {
    let task = server.submit(package).await;
    let task = tasks::get(server.content.db.read(), task).await;
    task.expect("there").spec.registry()
}

#[tokio::test]
async fn a_scope_is_made_listed_and_forgotten() {
    let server = Server::start().await;
    let second = server.second_registry("second").await;
    let made = make(&server, "@Acme", "second").await;
    assert_eq!(made.status, 200, "{}", made.text());
    let made = made.json();
    assert_eq!(
        (&made["name"], &made["registryId"]),
        (&json!("@acme"), &json!("second"))
    );
    assert_eq!(made["id"], made["scopeId"]);
    let private = json!({"name": "@house", "private": true});
    let private = ask(&server, Method::POST, "/-/scope", &private).await;
    assert_eq!(
        (private.status, &private.json()["registryId"]),
        (200, &json!(null))
    );
    let list = async |path: &str| ask(&server, Method::GET, path, &json!({})).await.json();
    let of_second = list("/-/registry/second/scopes").await;
    assert_eq!(
        (&of_second["total"], &of_second["data"][0]),
        (&json!(1), &made)
    );
    assert_eq!(
        list("/-/scope?pageSize=1&pageIndex=1").await["data"][0]["name"],
        "@house"
    );
    assert_eq!(home(&server, "@acme%2ftool").await, Some(second.id));
    assert_eq!(home(&server, "other").await, Some(server.registry.id));
    let refused = server.put("/-/package/@house%2ftool/syncs").bearer(ALICE);
    assert_eq!(
        refused.send().await.expect("answered").status,
        403,
        "it is private"
    );
    let elsewhere = server.put("/-/package/@acme%2fnew/syncs").bearer(ALICE);
    let elsewhere = elsewhere.json(&json!({"registryName": "default"}));
    assert_eq!(elsewhere.send().await.expect("answered").status, 409);
    let delete = async |path: &str| ask(&server, Method::DELETE, path, &json!({})).await.status;
    assert_eq!(
        delete("/-/registry/second").await,
        409,
        "its names would go elsewhere"
    );
    assert_eq!(
        (
            delete("/-/scope/@acme").await,
            delete("/-/scope/@acme").await
        ),
        (200, 404)
    );
    assert_eq!(
        home(&server, "@acme%2fthird").await,
        Some(server.registry.id)
    );
}

#[tokio::test]
async fn what_is_no_scope_or_no_registry_is_refused() {
    let server = Server::with(sealing()).await;
    source(&server, "art", "https://art.example").await;
    for (name, registry, status) in [
        ("acme", "default", 422),
        ("@", "default", 422),
        ("@a/b", "default", 422),
        ("@acme", "nothing", 404),
        ("@acme", "art", 422),
        ("@acme", "default", 200),
        ("@ACME", "default", 409),
    ] {
        let reply = make(&server, name, registry).await;
        assert_eq!(reply.status, status, "{name} {registry}: {}", reply.text());
    }
    for body in [
        json!({"name": "@x"}),
        json!({"name": "@x", "registryId": "default", "private": true}),
        json!({"registryId": "default"}),
    ] {
        let reply = ask(&server, Method::POST, "/-/scope", &body).await;
        assert_eq!(reply.status, 422, "{body}: {}", reply.text());
    }
    let of_source = server.put("/-/package/a/syncs").bearer(ALICE);
    let of_source = of_source.json(&json!({"registryName": "art"}));
    assert_eq!(of_source.send().await.expect("answered").status, 422);
    for path in ["/-/scope", "/-/registry/default/scopes"] {
        let alice = server
            .get(path)
            .bearer(ALICE)
            .send()
            .await
            .expect("answered");
        assert_eq!(
            (alice.status, server.fetch(path).await.status),
            (403, 401),
            "{path}"
        );
    }
}
