//! Hosts that are left alone: their tasks wait unclaimed, all others go on.

use std::time::Duration;

use weir_domain::{
    Registry, RegistryId, TaskId,
    task::{Priority, SyncPackage, TaskSpec, TaskState},
};
use weir_store::{
    clock, registries,
    tasks::{self, NewRequest, NewTask, Task},
};
use weir_testkit::{Fault, StandIn, until};

use crate::setup::{DEADLINE, Mirror, alone, forced, name, package};

/// Tasks that wait for the closed host.
const CROWD: usize = 30;

fn crowd() -> impl Iterator<Item = String> {
    (0..CROWD).map(|number| format!("p{number}"))
}

/// A mirror whose upstream has `a`, `b` and a crowd.
async fn crowded(change: impl FnOnce(&mut crate::setup::Options)) -> Mirror {
    let names = ["a", "b"].map(str::to_owned).into_iter().chain(crowd());
    let packages: Vec<_> = names.map(|name| package(&name, &["1.0.0"])).collect();
    Mirror::with(packages, change).await
}

/// Has the host answer a sync of `a` with a plea for peace, and returns that task.
async fn closed_for(mirror: &Mirror, seconds: u64) -> TaskId {
    let plea = Fault::too_many_requests(seconds);
    mirror.upstream.packument("a").once(plea);
    let task = mirror.submit("a", alone()).await;
    mirror.until_task(task, is_given_back).await;
    task
}

fn is_given_back(task: &Task) -> bool {
    task.state == TaskState::Waiting && task.error.is_some()
}

async fn submit_crowd(mirror: &Mirror) -> Vec<TaskId> {
    let mut tasks = Vec::new();
    for name in crowd() {
        tasks.push(mirror.submit(&name, alone()).await);
    }
    tasks
}

/// How often tasks were claimed.
async fn claims(mirror: &Mirror, tasks: &[TaskId]) -> i64 {
    let mut claims = 0;
    for task in tasks {
        claims += mirror.task(*task).await.generation;
    }
    claims
}

/// Makes `other` an upstream too and asks for its package `elsewhere`.
async fn ask_elsewhere(mirror: &Mirror, other: &StandIn) -> TaskId {
    let registry = Registry {
        id: RegistryId::new(),
        slug: "other".to_owned(),
        name: "other".to_owned(),
        url: format!("{}/", other.url()).parse().expect("a URL"),
        tarballs: weir_domain::TarballPolicy::Tagged,
        is_internal: true,
        allows_undigested: false,
        kind: weir_domain::RegistryKind::Npm,
        user_prefix: None,
        change_stream: None,
        removals: weir_domain::RemovalPolicy::Keep,
        downloads: None,
    };
    let new = NewTask {
        spec: TaskSpec::SyncPackage(SyncPackage {
            package: name("elsewhere"),
            registry: registry.id,
        }),
        priority: Priority::BULK,
        fair_key: 0,
        run_after: weir_domain::Timestamp(0),
        retry_of: None,
    };
    let request = NewRequest {
        options: alone(),
        ..NewRequest::default()
    };
    let submitted = mirror.environment.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            registries::seed(tx, &registry, now).await?;
            tasks::submit(tx, &new, &request, now).await
        })
    });
    submitted.await.expect("submitted").task
}

#[tokio::test]
async fn tasks_of_a_closed_host_wait_unclaimed_and_others_go_on() {
    let other = StandIn::start([package("elsewhere", &["1.0.0"])]).await;
    let mirror = crowded(|_| {}).await;
    let first = closed_for(&mirror, 3).await;
    let waiting = submit_crowd(&mirror).await;
    let elsewhere = ask_elsewhere(&mirror, &other).await;
    let elsewhere = mirror.end_of(elsewhere).await;
    assert_eq!(elsewhere.state, TaskState::Success, "{elsewhere:?}");
    assert_eq!(claims(&mirror, &waiting).await, 0, "nobody looked there");
    assert!(
        is_given_back(&mirror.task(first).await),
        "it is closed still"
    );

    for task in &waiting {
        let task = mirror.end_of(*task).await;
        assert_eq!((task.state, task.generation), (TaskState::Success, 1));
    }
    assert_eq!(mirror.end_of(first).await.generation, 2);
    mirror.close().await;
}

#[tokio::test]
async fn who_insists_opens_the_host_for_all() {
    let mirror = crowded(|_| {}).await;
    let first = closed_for(&mirror, 600).await;
    let waiting = submit_crowd(&mirror).await;
    let insisted = mirror.sync_with("b", forced()).await;
    assert_eq!(insisted.state, TaskState::Success, "{insisted:?}");
    assert_eq!(insisted.generation, 1, "at once");
    for task in waiting {
        assert_eq!(mirror.end_of(task).await.generation, 1);
    }
    // The one that was told to wait does; a wish that insists ends that too.
    assert!(is_given_back(&mirror.task(first).await));
    assert_eq!(mirror.submit("a", forced()).await, first);
    assert_eq!(mirror.end_of(first).await.generation, 2);
    mirror.close().await;
}

#[tokio::test]
async fn a_host_that_fails_is_probed_until_it_is_well() {
    let mirror = crowded(|options| {
        options.hosts.failures_to_open = 1;
        options.hosts.open_for = Duration::from_millis(300);
        options.hosts.max_open_for = Duration::from_millis(300);
        options.engine.max_attempts = 1_000;
    })
    .await;
    mirror.upstream.packument("a").always(Fault::status(500));
    let first = mirror.submit("a", alone()).await;
    mirror.until_task(first, is_given_back).await;
    let probes = || mirror.upstream.ledger().entries().len();
    let before = probes();
    until("two more probes", DEADLINE, async || probes() >= before + 2).await;
    mirror.upstream.packument("a").clear();
    let healed = mirror.end_of(first).await;
    assert_eq!(healed.state, TaskState::Success, "{healed:?}");
    for task in submit_crowd(&mirror).await {
        assert_eq!(mirror.end_of(task).await.generation, 1);
    }
    mirror.close().await;
}
