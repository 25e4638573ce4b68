//! A source of a running system's catalogue, as somebody with a token uses it.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};
use weir_domain::RegistryId;
use weir_store::catalogue;
use weir_testkit::{
    Artifactory,
    artifactory::REPOSITORY,
    client::{Call, Reply},
    until,
};
use weir_tests::{
    System,
    system::{ADMIN_TOKEN, SOON},
};

/// References and their revisions.
pub type Shown = BTreeMap<String, String>;

/// A source of a system's catalogue.
#[derive(Debug)]
pub struct Source {
    /// Its registry.
    pub id: RegistryId,
}

/// What seals secrets; with a server's database nobody makes one by themselves.
const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// Starts a system that can keep credentials and secrets.
pub async fn keeping_secrets() -> System {
    let system = System::builder().setting("WEIR_SECRET_KEY", KEY);
    system.start().await
}

/// What it takes to make an Artifactory a source.
pub fn artifactory(server: &Artifactory) -> Value {
    json!({
        "type": "artifactory", "host": server.url(),
        "catalogue": { "repository": REPOSITORY },
    })
}

/// Sends a body as the administrator.
pub async fn post(system: &System, path: &str, body: &Value) -> Reply {
    let call = Call::new(Method::POST, format!("{}{path}", system.url()));
    let call = call.bearer(ADMIN_TOKEN).json(body);
    call.send().await.expect("the server answers")
}

/// Returns the answer to a GET as nobody, which must be a success.
pub async fn get(system: &System, path: &str) -> Value {
    let reply = system.get(path).await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    reply.json()
}

impl Source {
    /// Makes a source with what is said of it; no run of it comes by itself.
    pub async fn of(system: &System, said: Value) -> Self {
        let mut body = json!({
            "name": "parts", "isInternal": true,
            "catalogue": { "fullEverySecs": 0, "incrementalEverySecs": 0 },
        });
        for (name, value) in said.as_object().expect("an object") {
            match (name.as_str(), value.as_object()) {
                ("catalogue", Some(settings)) => {
                    for (name, value) in settings {
                        body["catalogue"][name] = value.clone();
                    }
                }
                _ => body[name] = value.clone(),
            }
        }
        let made = post(system, "/-/registry", &body).await;
        assert_eq!(made.status, 200, "{}", made.text());
        let id = made.json()["id"].as_str().map(str::to_owned);
        let id = id.and_then(|id| id.parse().ok());
        Self {
            id: id.expect("a registry has an id"),
        }
    }

    /// Asks for a run with this body, and returns it.
    pub async fn ask(&self, system: &System, body: &Value) -> Value {
        let reply = post(system, "/api/v1/sync", body).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["data"].clone()
    }

    /// Waits until a run is over.
    pub async fn ended(&self, system: &System, run: &Value) -> Value {
        let id = run["id"].as_str().expect("a run has an id").to_owned();
        until(format!("the end of {id}"), SOON, async || {
            let reply = system.get_as_admin(&format!("/api/v1/sync/{id}")).await;
            let run = reply.json()["data"].clone();
            match run["status"].as_str() {
                Some("success" | "error") => Ok(run),
                _ => Err(format!("{run:#}")),
            }
        })
        .await
    }

    /// Asks for a full run, and waits until it has succeeded without a warning.
    pub async fn sync(&self, system: &System) -> Value {
        let run = self.ask(system, &json!({})).await;
        let run = self.ended(system, &run).await;
        assert_eq!(run["status"], "success", "{run:#}");
        assert_eq!(run["warnings"], json!([]), "{run:#}");
        assert_eq!(run["progress"]["percent"], 100, "{run:#}");
        run
    }

    /// Returns what the catalogue has of it.
    pub async fn shown(&self, system: &System) -> Shown {
        let db = system.database().await;
        let known = catalogue::known(db.read(), self.id).await;
        let row = |one: catalogue::Known| (one.reference.to_string(), one.revision);
        known.expect("readable").into_iter().map(row).collect()
    }
}

/// Returns what an Artifactory has.
pub fn there(server: &Artifactory) -> Shown {
    let references = server.references().into_iter();
    let row = |text: String| {
        let reference: weir_domain::catalogue::Reference = text.parse().ok()?;
        let text = reference.to_string();
        Some((text.clone(), server.revision(&text)?))
    };
    references.filter_map(row).collect()
}
