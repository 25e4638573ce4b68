//! The catalogue as it is read: by websites, by scripts, by microcontrollers.

mod admin;
mod lists;
mod one;
mod small;

use std::time::Duration;

use http::Method;
use serde_json::Value;
use weir_domain::{
    TaskId,
    catalogue::{CatalogueSettings, Facts, Reference, Stamp},
};
use weir_store::{
    catalogue::{self, NewVersion, NewVersions, Put, sources},
    clock,
};
use weir_testkit::{
    client::{Call, Reply},
    until,
};

use crate::server::Server;

/// The time that a clock has for moving on.
const SOON: Duration = Duration::from_secs(10);

/// Facts with these topics.
pub fn about(topics: &[&str]) -> Facts {
    Facts {
        description: Some("Reads humidity and temperature".to_owned()),
        licenses: vec!["Apache-2.0".to_owned()],
        topics: topics.iter().map(|&topic| topic.to_owned()).collect(),
        ..Facts::default()
    }
}

/// Puts a version in place as a synchronisation would, later than what was put before.
pub async fn put(server: &Server, text: &str, facts: Facts, downloads: u64) {
    let reference: Reference = text.parse().expect("a reference");
    let version = NewVersion {
        version: reference.version,
        channel: reference.channel,
        stamp: Stamp {
            revision: "4a2d0ade6cafa410b7711d4fbc226dd6".to_owned(),
            at: None,
        },
        facts,
        readme: Some(format!("# {text}\n温湿度\n")),
        downloads: Some(downloads),
    };
    let new = NewVersions {
        key: reference.key,
        registry: server.registry.id,
        task: TaskId::new(),
        versions: vec![version],
    };
    let db = &server.content.db;
    let before = clock::now(db.read()).await.expect("a time");
    until("the next millisecond", SOON, async || {
        clock::now(db.read()).await.is_ok_and(|now| now > before)
    })
    .await;
    let written = db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            if sources::find(&**tx, new.registry).await?.is_none() {
                let settings = CatalogueSettings {
                    official_namespaces: vec!["sifli".to_owned()],
                    ..CatalogueSettings::default()
                };
                sources::put(tx, new.registry, &settings, now).await?;
            }
            catalogue::put(tx, &new, now).await
        })
    });
    assert_eq!(written.await.expect("written"), Put::Written);
}

/// The two packages of most tests.
async fn server() -> Server {
    let server = Server::start().await;
    put(&server, "sht30/0.0.4@sifli", about(&["sensor"]), 0).await;
    put(&server, "sht30/0.0.5@sifli", about(&["sensor", "i2c"]), 42).await;
    put(
        &server,
        "ov2640/0.0.2@caisong123",
        about(&["driver", "camera"]),
        7,
    )
    .await;
    server
}

/// Sends a GET that is answered with 200.
async fn json(server: &Server, path: &str) -> Value {
    let reply = server.fetch(path).await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    reply.json()
}

async fn ask(server: &Server, method: Method, path: &str, who: (&str, &Value)) -> Reply {
    let call = Call::new(method, server.url(path))
        .bearer(who.0)
        .json(who.1);
    call.send().await.expect("answered")
}

/// Returns one text of each item of a list.
fn texts<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    let items = list["data"].as_array().expect("a list").iter();
    items
        .map(|item| item[field].as_str().expect("a text"))
        .collect()
}
