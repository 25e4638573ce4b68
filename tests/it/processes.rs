//! `weir-api` and `weir-worker` at work as separate processes, without a messenger between
//! them: they hear of each other through the database.

use std::time::{Duration, Instant};

use weir_domain::WorkerId;
use weir_store::{
    clock,
    leaders::{self, Term},
    tokens::{self, NewToken},
    users,
};
use weir_testkit::{client::Call, database, presets, process::WeirProcess, until};
use weir_tests::{Deployment, Task, packument::assert_whole, system::SOON};

/// What a change may take to be seen everywhere.
const BOUND: Duration = Duration::from_secs(1);
/// A token of somebody's, for a while.
const TOKEN: &str = "npm_of-bob-until-it-is-taken-away";
/// What a dead leader's work may wait.
const TAKE_OVER: Duration = Duration::from_secs(15);

#[tokio::test]
async fn two_apis_and_two_workers_are_one_mirror() {
    let tree = presets::tree("app", 12);
    let deployment = Deployment::start(tree, (2, 2)).await;
    let task = deployment.ask(0, "app").await;
    // Followed where it was not asked for.
    let path = format!("/syncs/{}/log?follow=true", task.id);
    let log = deployment.get(1, &path).await;
    assert!(log.text().contains("Done in"), "{}", log.text());
    let status = deployment.succeeded(1, &task).await;
    assert!(status.children("success") >= 12, "{status:?}");
    for api in 0..deployment.apis() {
        let reply = deployment.get(api, "/app").await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_whole(&reply.json(), &deployment.url(api));
        let tarball = deployment.get(api, "/app/-/app-2.0.0.tgz").await;
        let theirs = deployment.upstream().tarball_of("app", "2.0.0").bytes;
        assert!(tarball.body == theirs, "{}", tarball.status);
    }
    deployment.end().await;
}

/// Waits until every API answers so, and fails if that took longer than promised.
async fn seen_by_all(deployment: &Deployment, is_seen: impl AsyncFn(usize) -> bool) {
    let began = Instant::now();
    for api in 0..deployment.apis() {
        until("the change to be seen", BOUND, async || is_seen(api).await).await;
    }
    assert!(began.elapsed() <= BOUND, "{:?}", began.elapsed());
}

async fn whoami(deployment: &Deployment, api: usize, token: &str) -> u16 {
    let call = deployment.call(api, "/-/whoami").bearer(token);
    call.send().await.expect("answered").status
}

#[tokio::test]
async fn what_one_process_changes_all_show_within_a_second() {
    let packages = presets::flat(1, 2, 500);
    let deployment = Deployment::start(packages, (2, 1)).await;
    let task = deployment.ask(0, "flat-0001").await;
    deployment.succeeded(0, &task).await;
    let made = deployment.db().write(|tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let bob = users::insert(tx, "bob", now).await?;
            let secret = weir_domain::token::TokenSecret::from_text(TOKEN);
            tokens::insert(tx, bob.id, &secret, NewToken::default(), now).await
        })
    });
    made.await.expect("a token");
    seen_by_all(&deployment, async |api| {
        whoami(&deployment, api, TOKEN).await == 200
    })
    .await;
    for api in 0..deployment.apis() {
        let reply = deployment.get(api, "/flat-0001").await;
        assert_eq!(
            reply.json()["versions"]
                .as_object()
                .map(serde_json::Map::len),
            Some(2)
        );
    }
    // Revoked at one of them, by its owner.
    let path = format!("{}/-/npm/v1/tokens/token/{TOKEN}", deployment.url(0));
    let revoked = Call::new(http::Method::DELETE, path).bearer(TOKEN);
    assert_eq!(revoked.send().await.expect("answered").status, 200);
    seen_by_all(&deployment, async |api| {
        whoami(&deployment, api, TOKEN).await == 401
    })
    .await;

    deployment
        .upstream()
        .publish("flat-0001", "9.0.0", |version| version);
    let task = deployment.ask(1, "flat-0001").await;
    deployment.succeeded(1, &task).await;
    seen_by_all(&deployment, async |api| {
        let packument = deployment.get(api, "/flat-0001").await.json();
        packument["versions"]["9.0.0"].is_object()
    })
    .await;
    deployment.end().await;
}

async fn term(deployment: &Deployment) -> Option<Term> {
    let leader = leaders::find(deployment.db().read()).await;
    leader.expect("the row is there").term
}

/// Waits until a living worker leads, another than `former`.
async fn led(deployment: &Deployment, former: Option<WorkerId>) -> (Term, usize) {
    until("a worker to lead", TAKE_OVER, async || {
        let term = term(deployment)
            .await
            .filter(|term| Some(term.owner) != former)?;
        Some((term, deployment.number_of(term.owner)?))
    })
    .await
}

#[tokio::test]
async fn a_killed_leader_is_replaced_within_fifteen_seconds() {
    let packages = presets::flat(2, 1, 500);
    let mut deployment = Deployment::start(packages, (1, 2)).await;
    let (first, number) = led(&deployment, None).await;
    let hold = deployment.upstream().packument("flat-0001").hold();
    let task = deployment.ask(0, "flat-0001").await;
    hold.wait_for_arrivals(1).await;
    deployment.worker(number).kill9().await;
    let (second, other) = led(&deployment, Some(first.owner)).await;
    assert!(second.number > first.number && other != number);
    // Whoever of the two ran it: what the leader does for all goes on.
    hold.release();
    deployment.succeeded(0, &task).await;
    deployment.end().await;
}

#[tokio::test]
async fn a_leader_that_slept_is_deposed_when_it_wakes() {
    let Some(database) = database::postgres_unless_skipped().await else {
        return;
    };
    // On SQLite whoever sleeps in the one writer keeps everybody waiting.
    let mut deployment = Deployment::on(database, [], (1, 2)).await;
    for _ in 0..2 {
        let (first, number) = led(&deployment, None).await;
        let sleeper = deployment.worker(number);
        sleeper.signal("STOP").await;
        let (second, _) = led(&deployment, Some(first.owner)).await;
        assert!(second.number > first.number);
        deployment.worker(number).signal("CONT").await;
        let sleeper = deployment.worker(number);
        until("the sleeper to find out", SOON, async || {
            sleeper
                .output()
                .matches("another process leads now")
                .count()
                > 0
        })
        .await;
        assert_eq!(
            term(&deployment).await,
            Some(second),
            "the new one leads on"
        );
    }
    deployment.end().await;
}

#[tokio::test]
async fn a_paused_queue_is_left_alone_by_every_worker() {
    let packages = presets::flat(1, 1, 500);
    let deployment = Deployment::start(packages, (2, 2)).await;
    let queue = "/-/admin/queues/sync_package";
    let nothing = serde_json::json!({});
    deployment
        .post(0, &format!("{queue}/pause"), &nothing)
        .await;
    let task = deployment.ask(1, "flat-0001").await;
    // Both workers look again and again, and find work of another kind.
    let drills = serde_json::json!({"count": 40, "lines": 2, "everyMs": 20});
    let drills = deployment.post(1, "/-/admin/drills", &drills).await.json();
    for id in drills["ids"].as_array().expect("ids") {
        let drill = Task {
            name: "a drill".to_owned(),
            id: id.as_str().expect("an id").to_owned(),
        };
        deployment.succeeded(0, &drill).await;
    }
    let status = deployment
        .get(0, &format!("/syncs/{}", task.id))
        .await
        .json();
    assert_eq!(status["state"], "waiting", "{status:#}");
    assert_eq!(deployment.upstream().ledger().packuments(), 0);
    deployment
        .post(1, &format!("{queue}/resume"), &nothing)
        .await;
    deployment.succeeded(0, &task).await;
    deployment.end().await;
}

/// Runs `weir migrate` to its end.
async fn migrate(deployment: &Deployment) -> WeirProcess {
    let mut process = deployment.program("weir").arg("migrate").spawn();
    let status = process.wait().await;
    assert!(status.success(), "{}", process.output());
    process
}

#[tokio::test]
async fn migrating_again_disturbs_nobody() {
    let packages = presets::flat(5, 2, 500);
    let deployment = Deployment::start(packages, (1, 1)).await;
    let working = async {
        for n in 1..=5 {
            let task = deployment.ask(0, &format!("flat-{n:04}")).await;
            deployment.succeeded(0, &task).await;
        }
    };
    let migrating = async {
        for _ in 0..3 {
            tokio::join!(migrate(&deployment), migrate(&deployment));
        }
    };
    tokio::join!(working, migrating);
    deployment.end().await;
}
