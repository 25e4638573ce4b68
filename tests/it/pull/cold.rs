//! Reads of what is not mirrored: one read of upstream for all of them, in whatever form they
//! come, and none for names that stay here or that upstream was just asked for.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use serde_json::json;
use weir_store::{clock, scopes, settings};
use weir_testkit::{PackageSpec, presets, until};
use weir_tests::{
    System,
    packument::assert_mirrors,
    system::{ABBREVIATED, SOON},
};

use super::{all_at_once, end};

/// So many readers are a crowd.
const CROWD: usize = 1_000;
/// Most pulls that may wait, and what runs meanwhile, generously.
const MOST: usize = 1_000 + 64;
/// So many more are asked for.
const BEYOND: usize = 300;

fn package(name: &str) -> PackageSpec {
    presets::history(name, 3, 2_000)
}

#[tokio::test]
async fn a_package_that_is_not_mirrored_comes_with_its_first_read() {
    let packages = ["a", "b", "c", "d", "@s/e"].map(package);
    let needy = PackageSpec::new("f").version("1.0.0", |version| version.dependency("a", "*"));
    let system = System::builder()
        .packages(packages)
        .packages([needy])
        .start()
        .await;
    let theirs = system.upstream().packument_of("@s/e");
    assert_mirrors(&system.packument("@s/e").await, &theirs, &system.url());
    assert_eq!(
        system.abbreviated("a").await["dist-tags"]["latest"],
        "1.0.2"
    );
    let manifest = system.get("/b/latest").await;
    assert_eq!(manifest.json()["version"], "1.0.2", "{}", manifest.text());
    system.assert_tarball("c", "1.0.1").await;
    let tags = system.get("/-/package/d/dist-tags").await;
    assert_eq!(tags.json(), json!({ "latest": "1.0.2" }));
    system.packument("f").await;

    let tasks = system.all_tasks().await;
    assert_eq!(
        tasks.len(),
        6,
        "what is needed is not asked for: {tasks:#?}"
    );
    for (_, status) in &tasks {
        assert_eq!(status.state(), "success", "{status:?}");
        assert_eq!(status.0["priority"], 40, "{status:?}");
    }
    let ledger = system.upstream().ledger();
    assert_eq!((ledger.packuments(), ledger.tarballs()), (6, 1));
    end(system).await;
}

#[tokio::test]
async fn a_thousand_readers_of_a_cold_package_cause_one_read_of_upstream() {
    let system = System::start([package("a")]).await;
    let hold = system.upstream().packument("a").hold();
    let release = async {
        hold.wait_for_arrivals(1).await;
        hold.release();
    };
    let (replies, ()) = tokio::join!(all_at_once(&system, "/a", CROWD), release);
    for reply in &replies {
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert!(reply.body == replies[0].body);
        assert_eq!(reply.header("warning"), "");
    }
    assert_eq!(system.upstream().packument("a").requests(), 1);
    assert_eq!(system.all_tasks().await.len(), 1);
    end(system).await;
}

#[tokio::test]
async fn what_upstream_does_not_have_is_asked_for_once_and_forgotten_when_it_comes() {
    let system = System::start([]).await;
    system.upstream().remove("nowhere");
    for path in [
        "/nowhere",
        "/nowhere/latest",
        "/nowhere/-/nowhere-1.0.0.tgz",
    ] {
        for reply in all_at_once(&system, path, CROWD / 3).await {
            assert_eq!(reply.status, 404, "{}", reply.text());
        }
    }
    assert_eq!(system.upstream().packument("nowhere").requests(), 1);
    assert_eq!(system.all_tasks().await.len(), 1);
    // Somebody knows better, and asks.
    system.upstream().put(package("nowhere"));
    assert_eq!(system.get("/nowhere").await.status, 404, "remembered");
    system.bring("nowhere").await;
    assert_eq!(system.get("/nowhere").await.status, 200, "at once");
    end(system).await;
}

#[tokio::test]
async fn what_upstream_did_not_have_is_asked_for_again_after_a_minute() {
    if !weir_tests::environment::is_long() {
        return;
    }
    let system = System::start([]).await;
    system.upstream().remove("nowhere");
    assert_eq!(system.get("/nowhere").await.status, 404);
    system.upstream().put(package("nowhere"));
    until("the package", SOON * 2, async || {
        system.get("/nowhere").await.status == 200
    })
    .await;
    assert_eq!(system.upstream().packument("nowhere").requests(), 2);
    end(system).await;
}

#[tokio::test]
async fn a_version_published_a_moment_ago_is_found() {
    let system = System::start([package("a")]).await;
    system.packument("a").await;
    system
        .upstream()
        .publish("a", "2.0.0", |version| version.size(2_000));
    until("the version", SOON, async || {
        system.get("/a/2.0.0").await.status == 200
    })
    .await;
    assert_eq!(system.upstream().packument("a").requests(), 2);
    assert_eq!(system.packument("a").await["dist-tags"]["latest"], "2.0.0");
    // So is its tarball when that is what is asked for, and what is nowhere is not asked for
    // as often as it is wanted.
    system
        .upstream()
        .publish("a", "3.0.0", |version| version.size(2_000));
    until("the tarball", SOON, async || {
        assert_eq!(system.get("/a/9.9.9").await.status, 404);
        system.tarball("a", "3.0.0").await.status == 200
    })
    .await;
    system.assert_tarball("a", "3.0.0").await;
    assert!(system.upstream().packument("a").requests() <= 4);
    end(system).await;
}

#[tokio::test]
async fn names_that_stay_here_are_never_told() {
    let system = System::start([]).await;
    let db = system.database().await;
    let private = db.write(|tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            settings::put(tx, scopes::PRIVATE_SETTING, "[\"@mine\"]", now).await
        })
    });
    private.await.expect("written");
    for name in [
        "@mine/a",
        "@mine%2fa",
        "favicon.ico",
        "node_modules",
        ".env",
        "_all_docs",
        "-/pkg/syncs",
        "caf%C3%A9",
    ] {
        for path in [
            format!("/{name}"),
            format!("/{name}/1.0.0"),
            format!("/{name}/-/a-1.0.0.tgz"),
        ] {
            let status = system.get(&path).await.status;
            assert_eq!(status, 404, "{path}");
        }
    }
    let page = system.get("/docs").await;
    assert_eq!((page.status, page.header("location")), (302, "/-/docs"));
    assert_eq!(system.upstream().ledger().entries().len(), 0);
    // A package manager means the package of that name.
    system.upstream().put(package("docs"));
    let packument = system.call("/docs").header("accept", ABBREVIATED).send();
    assert_eq!(packument.await.expect("an answer").status, 200);
    end(system).await;
}

#[tokio::test]
async fn a_flood_of_names_fills_neither_the_queue_nor_the_table() {
    let system = System::start([]).await;
    let names: Vec<_> = (0..MOST + BEYOND).map(|n| format!("random-{n}")).collect();
    for name in &names {
        system.upstream().remove(name);
    }
    let hold = system.upstream().any_packument().hold();
    let answered = AtomicUsize::new(0);
    let asking = join_all(names.iter().map(async |name| {
        let reply = system.get(&format!("/{name}")).await;
        answered.fetch_add(1, Ordering::Relaxed);
        reply
    }));
    let release = async {
        // While upstream says nothing, only those are answered whom nobody lets wait.
        until("some to be refused", SOON, async || {
            let refused = answered.load(Ordering::Relaxed);
            if refused >= BEYOND {
                Ok(())
            } else {
                Err(refused)
            }
        })
        .await;
        assert!(system.count("waiting").await <= 1_000);
        hold.release();
    };
    let (replies, ()) = tokio::join!(asking, release);
    let (refused, missing): (Vec<_>, Vec<_>) =
        replies.iter().partition(|reply| reply.status == 503);
    assert!(refused.len() >= BEYOND, "{} refused", refused.len());
    for reply in refused {
        assert!(!reply.header("retry-after").is_empty(), "{}", reply.text());
    }
    assert!(missing.iter().all(|reply| reply.status == 404));
    let tasks = system.count("error").await;
    assert!(tasks <= MOST as u64, "{tasks} tasks");
    end(system).await;
}
