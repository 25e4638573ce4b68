//! Security audits through a mirror: all clients' questions become the upstream's one, and what
//! goes out says nothing of the caller or of private names.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use weir_domain::{PackageName, RegistryId};
use weir_store::{clock, packages, scopes, settings};
use weir_testkit::{Fault, client, presets};
use weir_tests::{System, system::ADMIN_TOKEN};

const BULK: &str = "/-/npm/v1/security/advisories/bulk";
const QUICK: &str = "/-/npm/v1/security/audits/quick";
const FULL: &str = "/-/npm/v1/security/audits";

/// What the upstream knows.
fn advisories() -> Value {
    json!({"a": [{"id": 7, "url": "https://advisories.example/7", "title": "Bad", "severity": "high",
        "vulnerable_versions": "<1.0.1", "cwe": ["CWE-1"], "cvss": {"score": 7.5}}]})
}

async fn knowing() -> System {
    let system = System::start([presets::history("a", 2, 200)]).await;
    let db = system.database().await;
    let set = db.write(|tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let elsewhere = PackageName::parse("elsewhere").expect("a name");
            packages::ensure(tx, &elsewhere, RegistryId::new(), now).await?;
            settings::put(tx, scopes::PRIVATE_SETTING, r#"["@Secret"]"#, now).await
        })
    });
    set.await.expect("written");
    db.close().await;
    let audits = system.upstream().audits();
    audits.always(Fault::json(&advisories().to_string()));
    system
}

async fn post(system: &System, path: &str, body: &Value) -> client::Reply {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(body.to_string().as_bytes())
        .expect("written");
    let call = client::Call::new(http::Method::POST, format!("{}{path}", system.url()))
        .bearer(ADMIN_TOKEN)
        .header("content-type", "application/json")
        .header("content-encoding", "gzip");
    let call = call.body(gzip.finish().expect("finished"));
    call.send().await.expect("the server answers")
}

#[tokio::test]
async fn what_is_asked_of_the_mirror_is_asked_of_the_upstream_without_who_asks() {
    let system = knowing().await;
    let wanted = json!({"a": ["1.0.0"], "@secret/plan": ["1.0.0"], "elsewhere": ["1.0.0"],
        "@open/b": ["2.0.0"]});
    let reply = post(&system, BULK, &wanted).await;
    assert_eq!(
        (reply.status, reply.json()),
        (200, advisories()),
        "{}",
        reply.text()
    );
    let told = json!({"a": ["1.0.0"], "@open/b": ["2.0.0"]});
    assert_eq!(system.upstream().audited(), [told]);
    for entry in system.upstream().ledger().entries() {
        assert!(!entry.headers.contains_key("authorization"), "{entry:?}");
    }
    let alone = post(&system, BULK, &json!({"@secret/plan": ["1.0.0"]})).await;
    assert_eq!((alone.status, alone.json()), (200, json!({})));
    assert_eq!(
        system.upstream().audits().requests(),
        1,
        "nothing is left to ask"
    );
    system.end().await;
}

#[tokio::test]
async fn older_clients_get_the_report_they_know() {
    let system = knowing().await;
    let tree = json!({"name": "project", "version": "1.0.0", "dependencies": {
        "b": {"version": "2.0.0", "dependencies": {"a": {"version": "1.0.0"}}},
        "a": {"version": "1.0.1"}}});
    for path in [QUICK, FULL] {
        let reply = post(&system, path, &tree).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let report = reply.json();
        let found = &report["advisories"]["7"];
        assert_eq!(found["module_name"], "a");
        assert_eq!(found["findings"][0]["paths"], json!(["b>a"]));
        assert_eq!(report["metadata"]["vulnerabilities"]["high"], 1);
    }
    let asked = json!({"a": ["1.0.0", "1.0.1"], "b": ["2.0.0"]});
    assert_eq!(system.upstream().audited(), [asked.clone(), asked]);
    system.end().await;
}

#[tokio::test]
async fn an_upstream_that_fails_is_never_an_empty_answer() {
    let system = knowing().await;
    let audits = system.upstream().audits();
    let wanted = json!({"a": ["1.0.0"]});
    for (fault, status) in [
        (Fault::status(500), 502),
        (Fault::html(), 502),
        (Fault::Truncated, 502),
        (Fault::json("[]"), 502),
        (Fault::status(403), 502),
        (Fault::not_found(), 404),
    ] {
        audits.clear();
        audits.always(fault.clone());
        let reply = post(&system, BULK, &wanted).await;
        assert_eq!(reply.status, status, "{fault:?}: {}", reply.text());
        assert!(reply.json()["error"].is_string(), "{fault:?}");
    }
    system.end().await;
}

#[tokio::test]
async fn an_upstream_that_wants_no_more_audits_is_still_asked_for_packages() {
    let system = knowing().await;
    let audits = system.upstream().audits();
    audits.clear();
    audits.always(Fault::too_many_requests(600));
    let wanted = json!({"a": ["1.0.0"]});
    for _ in 0..2 {
        assert_eq!(post(&system, BULK, &wanted).await.status, 502);
    }
    assert_eq!(audits.requests(), 1, "it is left alone with audits");
    system.bring("a").await;
    system.assert_tarball("a", "1.0.0").await;
    system.end().await;
}
