//! Reads of what is mirrored and old: answered at once, renewed once, never refused.

use std::time::{Duration, Instant};

use weir_testkit::{Fault, PackageSpec, presets, until};
use weir_tests::{System, system::SOON};

use super::{IS_STALE, all_at_once, end};

/// An answer from memory, on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(2);

fn package() -> PackageSpec {
    presets::history("a", 3, 2_000)
}

/// Returns a system that holds `a`, and finds it old after a second.
async fn start() -> System {
    let builder = System::builder().packages([package()]);
    let builder = builder
        .setting("WEIR_PACKUMENT_MAX_AGE_SECS", "1")
        .setting("WEIR_MAX_ATTEMPTS", "1");
    let system = builder.start().await;
    assert_eq!(system.get("/a").await.header("warning"), "");
    system
}

async fn until_old(system: &System) {
    until("the packument to be old", SOON, async || {
        let reply = system.get("/a").await;
        assert_eq!(reply.status, 200);
        reply.header("warning") == IS_STALE
    })
    .await;
}

#[tokio::test]
async fn an_old_packument_is_served_at_once_and_renewed_once_while_upstream_hangs() {
    let system = start().await;
    let before = system.get("/a").await;
    system.upstream().publish("a", "2.0.0", |version| version);
    let hold = system.upstream().packument("a").hold();
    until_old(&system).await;
    hold.wait_for_arrivals(1).await;
    let began = Instant::now();
    for path in ["/a", "/a/latest", "/a/1.0.1"] {
        for reply in all_at_once(&system, path, 100).await {
            assert_eq!((reply.status, reply.header("warning")), (200, IS_STALE));
            assert!(path != "/a" || reply.body == before.body);
        }
    }
    assert!(began.elapsed() < 3 * AT_ONCE, "{:?}", began.elapsed());
    let unchanged = system
        .call("/a")
        .header("if-none-match", before.header("etag"));
    let unchanged = unchanged.send().await.expect("an answer");
    assert_eq!(
        (unchanged.status, unchanged.header("warning")),
        (304, IS_STALE)
    );
    assert_eq!(hold.arrivals(), 1, "one renewal, however many read");
    hold.release();
    until("the new version", SOON, async || {
        let reply = system.get("/a").await;
        reply.json()["versions"]["2.0.0"].is_object()
    })
    .await;
    end(system).await;
}

#[tokio::test]
async fn an_old_packument_that_did_not_change_is_fresh_again() {
    let system = start().await;
    let before = system.get("/a").await;
    until_old(&system).await;
    until("it to be fresh", SOON, async || {
        let reply = system.get("/a").await;
        assert_eq!(reply.header("etag"), before.header("etag"));
        reply.header("warning").is_empty()
    })
    .await;
    let renewed = &system.all_tasks().await[0].1;
    assert_eq!(renewed.0["report"]["unchanged"], true, "{renewed:?}");
    end(system).await;
}

#[tokio::test]
async fn what_is_held_is_served_however_long_upstream_is_away() {
    let mut system = start().await;
    system.assert_tarball("a", "1.0.2").await;
    system.stop_upstream().await;
    until_old(&system).await;
    until("a renewal to have failed", SOON, async || {
        system.count("error").await >= 1
    })
    .await;
    for path in ["/a", "/a/latest"] {
        let reply = system.get(path).await;
        assert_eq!((reply.status, reply.header("warning")), (200, IS_STALE));
    }
    assert_eq!(system.tarball("a", "1.0.2").await.status, 200);
    until("nobody to know what it has now", SOON, async || {
        system.get("/a/2.0.0").await.status == 503
    })
    .await;
    for path in ["/a/2.0.0", "/b", "/b/-/b-1.0.0.tgz", "/a/-/a-2.0.0.tgz"] {
        let reply = system.get(path).await;
        assert_eq!(reply.status, 503, "{path}: {}", reply.text());
        assert!(!reply.header("retry-after").is_empty(), "{path}");
    }
    end(system).await;
}

#[tokio::test]
async fn a_package_that_upstream_removed_is_served_and_asked_for_once_an_age() {
    let builder = System::builder().packages([package()]);
    let system = builder
        .setting("WEIR_PACKUMENT_MAX_AGE_SECS", "2")
        .start()
        .await;
    system.packument("a").await;
    system.upstream().packument("a").always(Fault::not_found());
    let began = Instant::now();
    until("three renewals", SOON, async || {
        let reply = system.get("/a").await;
        assert_eq!(reply.status, 200);
        system.upstream().packument("a").requests() >= 4
    })
    .await;
    // The first after one age, each of the others at least another one later.
    assert!(
        began.elapsed() >= Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    end(system).await;
}
