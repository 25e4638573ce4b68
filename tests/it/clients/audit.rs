//! The clients audit what they installed: each finds the weakness that the upstream knows of.

use serde_json::json;
use weir_testkit::{Fault, presets};
use weir_tests::System;

use super::project::{Client, Project};

const TITLE: &str = "Lets the water out";

async fn finds_a_weakness(client: Client, arguments: &[&str]) {
    let system = System::start([presets::history("gate", 2, 2_000)]).await;
    let advisories = json!({"gate": [{"id": 7, "url": "https://advisories.example/7",
        "title": TITLE, "severity": "high", "vulnerable_versions": "<=1.0.1",
        "cwe": ["CWE-1"], "cvss": {"score": 7.5, "vectorString": null}}]});
    let audits = system.upstream().audits();
    audits.always(Fault::json(&advisories.to_string()));
    system.bring("gate").await;
    let project = Project::new(client, &system.url());
    project.install("gate").await;
    // Who finds something fails, as a pipeline wants it.
    let said = project.fail(arguments).await;
    assert!(said.contains(TITLE), "{said}");
    let asked = system.upstream().audited();
    assert!(asked.contains(&json!({"gate": ["1.0.1"]})), "{asked:?}");
    system.end().await;
}

#[tokio::test]
async fn npm_finds_a_weakness() {
    finds_a_weakness(Client::Npm, &["audit", "--json"]).await;
}

#[tokio::test]
async fn an_older_npm_finds_a_weakness() {
    finds_a_weakness(Client::Npm10, &["audit", "--json"]).await;
}

#[tokio::test]
async fn pnpm_finds_a_weakness() {
    finds_a_weakness(Client::Pnpm, &["audit", "--json"]).await;
}

#[tokio::test]
async fn bun_finds_a_weakness() {
    finds_a_weakness(Client::Bun, &["audit"]).await;
}

#[tokio::test]
async fn yarn_4_finds_a_weakness() {
    finds_a_weakness(Client::YarnBerry, &["npm", "audit", "--all"]).await;
}
