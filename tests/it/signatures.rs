//! Signing keys and attestations through a mirror: passed on, kept, and not asked for twice.

use weir_domain::Timestamp;
use weir_store::{
    kept_answers::{self, KeptAnswer},
    registries,
};
use weir_testkit::{Fault, presets};
use weir_tests::System;

const KEYS: &str = r#"{"keys":[{"keyid":"SHA256:x","keytype":"ecdsa-sha2-nistp256","scheme":"ecdsa-sha2-nistp256","key":"MFkw\/A==","expires":null}]}"#;
const ATTESTATIONS: &str = r#"{"attestations":[{"predicateType":"https://slsa.example/v1","bundle":{"dsseEnvelope":{"payload":"e30=","n":1.50e1}}}]}"#;
const OF_SCOPED: &str = "/-/npm/v1/attestations/@s/n@1.0.0";

/// A mirror of `@s/n`, whose upstream signs and attests.
async fn signing() -> System {
    let system = System::start([presets::history("@s/n", 2, 2_000)]).await;
    let upstream = system.upstream();
    upstream.put_document("/-/npm/v1/keys", Some(KEYS));
    upstream.put_document(OF_SCOPED, Some(ATTESTATIONS));
    upstream.put_document("/-/npm/v1/attestations/@s/n@1.0.1", None);
    system.bring("@s/n").await;
    system
}

#[tokio::test]
async fn what_upstream_says_is_passed_on_byte_for_byte_and_kept() {
    let system = signing().await;
    for _ in 0..2 {
        let reply = system.get("/-/npm/v1/keys").await;
        assert_eq!((reply.status, reply.text()), (200, KEYS));
        assert_eq!(reply.headers["content-type"], "application/json");
        for path in [
            OF_SCOPED,
            "/-/npm/v1/attestations/@s%2fn@1.0.0",
            "/-/npm/v1/attestations/%40s%2Fn@1.0.0",
        ] {
            let reply = system.get(path).await;
            assert_eq!((reply.status, reply.text()), (200, ATTESTATIONS));
        }
        let none = system.get("/-/npm/v1/attestations/@s/n@1.0.1").await;
        assert_eq!(none.status, 404, "{}", none.text());
    }
    let upstream = system.upstream();
    for path in [
        "/-/npm/v1/keys",
        OF_SCOPED,
        "/-/npm/v1/attestations/@s/n@1.0.1",
    ] {
        assert_eq!(upstream.document(path).requests(), 1, "{path}");
    }
    system.end().await;
}

#[tokio::test]
async fn what_was_kept_is_given_without_upstream_and_what_was_not_is_no_404() {
    let system = signing().await;
    let upstream = system.upstream();
    upstream
        .document("/-/npm/v1/keys")
        .always(Fault::status(500));
    let unknown = system.get("/-/npm/v1/keys").await;
    assert!(matches!(unknown.status, 502 | 503), "{}", unknown.text());
    upstream.document("/-/npm/v1/keys").clear();
    upstream.document("/-/npm/v1/keys").once(Fault::html());
    let nonsense = system.get("/-/npm/v1/keys").await;
    assert_eq!(nonsense.status, 502, "{}", nonsense.text());
    assert_eq!(system.get("/-/npm/v1/keys").await.status, 200);
    assert_eq!(system.get(OF_SCOPED).await.status, 200);
    let mut system = system;
    system.stop_upstream().await;
    assert_eq!(system.get("/-/npm/v1/keys").await.text(), KEYS);
    assert_eq!(system.get(OF_SCOPED).await.text(), ATTESTATIONS);
    system.end().await;
}

#[tokio::test]
async fn what_was_kept_outlives_a_registry_that_denies_or_fails_and_it_is_asked_once_a_minute() {
    const OF_KEYS: &str = "/-/npm/v1/keys";
    let system = signing().await;
    for path in [OF_KEYS, OF_SCOPED] {
        assert_eq!(system.get(path).await.status, 200);
    }
    let db = system.database().await;
    for (path, body) in [(OF_KEYS, KEYS), (OF_SCOPED, ATTESTATIONS)] {
        let registry = registries::find_by_slug(db.read(), registries::DEFAULT_SLUG).await;
        let registry = registry.expect("readable").expect("seeded").id;
        let old = KeptAnswer {
            body: Some(body.into()),
            fetched_at: Timestamp(0),
        };
        let aged = db.write(move |tx| {
            Box::pin(async move { kept_answers::put(tx, (registry, &path[1..]), &old).await })
        });
        aged.await.expect("written");
    }
    db.close().await;
    let upstream = system.upstream();
    upstream.document(OF_KEYS).always(Fault::status(404));
    upstream.document(OF_SCOPED).always(Fault::status(500));
    for _ in 0..2 {
        assert_eq!(system.get(OF_KEYS).await.text(), KEYS);
        assert_eq!(system.get(OF_SCOPED).await.text(), ATTESTATIONS);
    }
    assert_eq!(upstream.document(OF_KEYS).requests(), 2);
    let once_more = upstream.document(OF_SCOPED).requests();
    system.get(OF_SCOPED).await;
    assert_eq!(upstream.document(OF_SCOPED).requests(), once_more);
    system.end().await;
}

#[tokio::test]
async fn nobody_is_told_of_versions_that_are_not_mirrored() {
    let system = signing().await;
    system.upstream().ledger().clear();
    for asked in [
        "@s/n@9.9.9",
        "@s/other@1.0.0",
        "@s/n",
        "@s/n@latest",
        "@s/n@",
        "@@1.0.0",
        "..%2f..%2fx@1.0.0",
    ] {
        let reply = system.get(&format!("/-/npm/v1/attestations/{asked}")).await;
        assert_eq!(reply.status, 404, "{asked}: {}", reply.text());
    }
    assert!(system.upstream().ledger().entries().is_empty());
    system.end().await;
}
