//! What an upstream can be without being broken: slow, closed to us, vague about its own tags and
//! bytes. None of it costs what is mirrored, and each is said in the log.

use std::time::{Duration, Instant};

use weir_testkit::{Fault, PackageSpec, presets};
use weir_tests::{System, journal::assert_says};

#[tokio::test]
async fn an_upstream_that_is_slow_is_waited_for_while_bytes_come() {
    let builder = System::builder().packages([presets::history("a", 2, 30_000)]);
    let builder = builder.setting("WEIR_SILENCE_SECS", "2");
    let system = builder.setting("WEIR_TARBALLS", "all").start().await;
    let began = Instant::now();
    for version in ["1.0.0", "1.0.1"] {
        let tarball = system.upstream().tarball("a", version);
        tarball.always(Fault::Slow(10_000));
    }
    system.bring("a").await;
    let took = began.elapsed();
    assert!(took > Duration::from_secs(2), "it was not slow: {took:?}");
    for version in ["1.0.0", "1.0.1"] {
        system.assert_tarball("a", version).await;
        let requests = system.upstream().tarball("a", version).requests();
        assert_eq!(requests, 1, "it came at once, if slowly");
    }
    system.end().await;
}

#[tokio::test]
async fn an_upstream_that_lets_us_in_no_more_takes_nothing_along() {
    for status in [401, 403] {
        let system = System::start([presets::history("a", 2, 2_000)]).await;
        system.bring("a").await;
        let before = system.served("a", &["1.0.1"]).await;
        system
            .upstream()
            .any_packument()
            .always(Fault::status(status));
        system
            .upstream()
            .any_tarball()
            .always(Fault::status(status));
        for _ in 0..3 {
            let task = system
                .ask_with("a", &serde_json::json!({ "force": true }))
                .await;
            system.failed(&task, "upstream_invalid").await;
            assert_says(&system.log(&task).await, "ERROR", &status.to_string());
        }
        assert_eq!(system.served("a", &["1.0.1"]).await, before, "{status}");
        let cold = system.get("/b").await;
        assert_eq!(cold.status, 503, "{status} is no absence: {}", cold.text());
        system.upstream().any_packument().clear();
        system.upstream().any_tarball().clear();
        system.bring("a").await;
        system.assert_tarball("a", "1.0.0").await;
        system.end().await;
    }
}

#[tokio::test]
async fn a_tag_to_a_version_that_is_not_there_is_left_out_or_stays_where_it_was() {
    let package = presets::history("a", 3, 2_000).tag("next", "1.0.1");
    let system = System::start([package.tag("lost", "9.9.9")]).await;
    let task = system.ask("a").await;
    let status = system.succeeded(&task).await;
    let warns = |text: &&str| text.contains("lost") && text.contains("9.9.9");
    assert!(status.warnings().iter().any(warns), "{status:?}");
    let tags = system.packument("a").await["dist-tags"].clone();
    assert_eq!(
        tags,
        serde_json::json!({ "latest": "1.0.2", "next": "1.0.1" })
    );

    system.upstream().set_tag("a", "next", "8.8.8");
    system.upstream().set_tag("a", "latest", "7.7.7");
    system.bring("a").await;
    let tags = system.packument("a").await["dist-tags"].clone();
    assert_eq!(
        tags,
        serde_json::json!({ "latest": "1.0.2", "next": "1.0.1" })
    );
    assert_eq!(system.get("/a/next").await.json()["version"], "1.0.1");
    system.end().await;
}

#[tokio::test]
async fn a_version_without_digest_is_left_out_with_a_warning() {
    let package = || {
        PackageSpec::new("a")
            .version("1.0.0", |version| version.size(2_000))
            .version("1.0.1", |version| version.size(2_000).undigested())
    };
    let system = System::start([package()]).await;
    let task = system.ask("a").await;
    let status = system.succeeded(&task).await;
    let warns = |text: &&str| text.contains("1.0.1") && text.contains("no digest");
    assert!(status.warnings().iter().any(warns), "{status:?}");
    let packument = system.packument("a").await;
    assert_eq!(packument["dist-tags"]["latest"], "1.0.0");
    assert!(packument["versions"].get("1.0.1").is_none(), "{packument}");
    assert_eq!(system.get("/a/-/a-1.0.1.tgz").await.status, 404);
    system.end().await;
}
