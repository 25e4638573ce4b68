//! npm, pnpm, bun and both Yarns, of the current release, and an older npm install a tree that one
//! `weir sync` brought in: from a warm mirror, then cold with the upstream gone, then from their
//! lock.
//!
//! `tests/run` puts the clients into `tests/.cache/clients`; each runs with a home, a cache
//! and a project of its own.

mod accounts;
mod audit;
mod commands;
mod lock;
mod login;
mod orgs;
mod others;
mod project;
mod search;
mod signatures;
mod tokens;

use std::collections::BTreeMap;

use weir_testkit::{ObjectServer, presets};
use weir_tests::{Deployment, System, buckets, command};

use self::project::{Client, Project};

/// The root of the tree, and how many packages it has at least.
const ROOT: &str = "app";
const PACKAGES: usize = 64;
/// How many of them a client locks at least.
const LOCKED: usize = 60;

/// Locked packages, `name@version`, with their integrity.
type Locked = BTreeMap<String, String>;

async fn installs_cold_and_without_upstream(client: Client) {
    let mut system = System::start(presets::tree(ROOT, PACKAGES)).await;
    let said = command::run(&mut system.weir(&["sync", ROOT, "--follow"])).await;
    said.assert_success("weir sync --follow");

    let first = Project::new(client, &system.url());
    first.install(ROOT).await;
    let locked = first.locked();
    assert_is_upstreams(&system, &first);
    first.assert_usable(ROOT).await;

    system.stop_upstream().await;
    let cold = Project::new(client, &system.url());
    cold.install(ROOT).await;
    assert_eq!(cold.locked(), locked, "the same tree without the upstream");
    cold.assert_usable(ROOT).await;

    let frozen = Project::like(&cold);
    frozen.install_locked().await;
    assert_eq!(frozen.locked(), locked, "the lock is kept");
    frozen.assert_usable(ROOT).await;
    system.end().await;
}

#[tokio::test]
async fn npm_installs_through_an_empty_mirror() {
    let system = System::start(presets::tree(ROOT, PACKAGES)).await;
    let project = Project::new(Client::Npm, &system.url());
    project.install(ROOT).await;
    assert_is_upstreams(&system, &project);
    project.assert_usable(ROOT).await;
    let counts = || {
        let mut counts = system.upstream().ledger().counts();
        // Audits are passed on, one an installation.
        counts.remove("audit");
        counts
    };
    let before = counts();
    assert!(before.values().all(|count| *count == 1), "{before:#?}");
    let frozen = Project::like(&project);
    frozen.install_locked().await;
    assert_eq!(counts(), before, "all is held");
    system.end().await;
}

/// Fails the test unless all that is locked is the upstream's, with its integrity.
fn assert_is_upstreams(system: &System, project: &Project) {
    let locked = project.locked();
    assert!(
        locked.len() >= LOCKED,
        "only {} are locked: {locked:#?}",
        locked.len()
    );
    for (package, integrity) in &locked {
        let (name, version) = package.rsplit_once('@').expect("a package and its version");
        let theirs = system.upstream().tarball_of(name, version).integrity;
        let is_same = *integrity == theirs || !project.locks_integrity();
        assert!(is_same, "{package}: {integrity}, not {theirs}");
    }
}

#[tokio::test]
async fn npm_installs_from_a_bucket_through_an_api_that_never_saw_it() {
    let bucket = ObjectServer::start().await;
    let tree = presets::tree(ROOT, PACKAGES);
    let settings = buckets::settings(&bucket, "npm");
    let deployment = Deployment::start_apart(tree, (2, 1), settings).await;
    let task = deployment.ask(0, ROOT).await;
    deployment.succeeded(0, &task).await;
    let project = Project::new(Client::Npm, &deployment.url(1));
    project.install(ROOT).await;
    assert!(project.locked().len() >= LOCKED);
    project.assert_usable(ROOT).await;
    deployment.end().await;
}

#[tokio::test]
async fn npm_installs_cold_and_without_upstream() {
    installs_cold_and_without_upstream(Client::Npm).await;
}

#[tokio::test]
async fn pnpm_installs_cold_and_without_upstream() {
    installs_cold_and_without_upstream(Client::Pnpm).await;
}

#[tokio::test]
async fn bun_installs_cold_and_without_upstream() {
    installs_cold_and_without_upstream(Client::Bun).await;
}

#[tokio::test]
async fn an_older_npm_installs_cold_and_without_upstream() {
    installs_cold_and_without_upstream(Client::Npm10).await;
}

#[tokio::test]
async fn yarn_1_installs_cold_and_without_upstream() {
    installs_cold_and_without_upstream(Client::YarnClassic).await;
}

#[tokio::test]
async fn yarn_4_installs_cold_and_without_upstream() {
    installs_cold_and_without_upstream(Client::YarnBerry).await;
}
