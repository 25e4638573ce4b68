//! The whole system on PostgreSQL, as far as one process goes: the same tree, the same
//! bytes, and a restart; and what callers hear while the server is away. The store's own tests
//! run on both engines.

use std::time::{Duration, Instant};

use http_body_util::BodyExt as _;
use weir_store::ConnectionTrait as _;
use weir_testkit::{
    TestDatabase,
    client::{self, Reply},
    database, presets, until,
};
use weir_tests::{
    Deployment, System,
    packument::assert_mirrors,
    system::{ADMIN_TOKEN, SOON},
};

/// A request that was answered sooner did not wait for a session.
const WAITED: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_tree_comes_and_is_served_from_postgres() {
    let Some(database) = database::postgres_unless_skipped().await else {
        return;
    };
    let builder = System::builder().packages(presets::tree("app", 30));
    let mut system = builder
        .setting("WEIR_DATABASE_URL", database.url())
        .start()
        .await;
    let status = system.bring("app").await;
    assert!(status.children("success") >= 30, "{status:?}");
    assert!(
        !system.data().join("weir.sqlite").exists(),
        "no other database is used"
    );
    system.stop_server().await;
    system.start_server().await;
    let theirs = system.upstream().packument_of("app");
    assert_mirrors(&system.packument("app").await, &theirs, &system.url());
    system.assert_tarball("app", "2.0.0").await;
    system.end().await;
}

fn assert_told_to_come_back(reply: &Reply) {
    assert_eq!(reply.status, 503, "{}", reply.text());
    assert_eq!(reply.header("retry-after"), "1");
    let body = reply.json();
    let [error, reason] = ["error", "reason"].map(|field| body[field].as_str().expect("a text"));
    assert!(
        reason.starts_with("The database does not answer"),
        "{reason}"
    );
    assert_eq!(error, format!("[UPSTREAM_UNAVAILABLE] {reason}"));
}

#[tokio::test]
async fn while_the_database_is_away_callers_are_told_to_come_back() {
    let Some(mut server) = database::server_unless_skipped().await else {
        return;
    };
    let database = TestDatabase::on(&server).await;
    let packages = presets::flat(2, 1, 500);
    let mut deployment = Deployment::on(database, packages, (1, 1)).await;
    let task = deployment.ask(0, "flat-0001").await;
    deployment.succeeded(0, &task).await;

    // Logs that are followed meanwhile, of tasks that wait.
    let nothing = serde_json::json!({});
    deployment
        .post(0, "/-/admin/queues/drill/pause", &nothing)
        .await;
    let drills = serde_json::json!({ "count": 3, "lines": 5 });
    let drills = deployment.post(0, "/-/admin/drills", &drills).await.json();
    let mut followed = Vec::new();
    for id in drills["ids"].as_array().expect("a list") {
        let path = format!("/syncs/{}/log?follow=true", id.as_str().expect("an id"));
        let answer = deployment.call(0, &path).bearer(ADMIN_TOKEN).open().await;
        followed.push(answer.expect("the API answers").into_body());
    }

    server.stop().await;
    let wish = format!("{}/-/package/flat-0002/syncs", deployment.url(0));
    let wish = client::put(wish).bearer(ADMIN_TOKEN).send();
    let status = deployment.call(0, &format!("/syncs/{}", task.id));
    let status = status.bearer(ADMIN_TOKEN).send();
    let missed = deployment.call(0, "/never-seen").send();
    let (wish, status, missed) = tokio::join!(wish, status, missed);
    for reply in [wish, status, missed] {
        assert_told_to_come_back(&reply.expect("the API answers"));
    }
    // Those met sessions that were cut off, or not; in the end there are none.
    until("a request to wait for a session", SOON, async || {
        let began = Instant::now();
        let reply = deployment.get(0, "/never-seen").await;
        assert_told_to_come_back(&reply);
        began.elapsed() > WAITED
    })
    .await;

    server.begin().await;
    let task = deployment.ask(0, "flat-0002").await;
    deployment.succeeded(0, &task).await;
    deployment
        .post(0, "/-/admin/queues/drill/resume", &nothing)
        .await;
    for body in followed {
        let log = body.collect().await.expect("it ends with its task");
        let lines = log
            .to_bytes()
            .split_inclusive(|byte| *byte == b'\n')
            .count();
        assert_eq!(lines, 5);
    }
    let said = deployment.api(0).output();
    assert!(!said.contains("cannot be followed"), "{said}");
    let warnings = said.matches("requests are told to wait").count();
    assert_eq!(warnings, 1, "{said}");
    assert!(!said.contains(r#""level":"ERROR""#), "{said}");

    // What is wrong with us is no outage.
    let rename = async |sql: &'static str| {
        let renamed = deployment.db().write(move |tx| {
            Box::pin(async move {
                tx.execute_unprepared(sql).await?;
                Ok(())
            })
        });
        renamed.await.expect("renamed");
    };
    rename("ALTER TABLE packages RENAME TO elsewhere").await;
    let broken = deployment.get(0, "/never-seen-either").await;
    rename("ALTER TABLE elsewhere RENAME TO packages").await;
    assert_eq!(broken.status, 500, "{}", broken.text());
    deployment.end().await;
}
