//! Repeating what failed, one by one and many at once.

use futures::FutureExt;
use weir_domain::{
    RegistryId, TaskId, UserId,
    task::{ErrorCode, SyncOptions, TaskState},
};
use weir_store::{
    packages, scopes,
    tasks::{self, ListFilter, NewRequest, Outcome},
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, ended, new_task, package, spawn, wish_of, write};

weir_testkit::on_both_engines!(
    a_repetition_is_a_new_task_that_names_the_former,
    repeating_twice_is_one_task,
    a_repetition_reads_from_where_its_package_is_from_by_now,
    a_repetition_that_joins_is_noted_there_once,
    a_repetition_wants_what_every_wish_wanted,
    only_the_newest_failure_of_a_key_is_worth_repeating,
    cancelled_tasks_are_repeated_only_when_named,
    many_are_repeated_page_by_page,
    two_who_repeat_at_once_repeat_each_failure_once,
);

impl Scene {
    /// Runs a task of this name to its failure.
    async fn fail(&self, name: &str, code: ErrorCode) -> TaskId {
        let id = self.submit(name).await.task;
        self.fail_claimed(code).await;
        id
    }

    async fn fail_claimed(&self, code: ErrorCode) {
        let fence = self.must_claim().await.fence;
        let outcome = Outcome::failed(code, "it did not work");
        self.finish_as(fence, outcome).await.unwrap();
    }

    async fn repeat(&self, former: TaskId) -> tasks::Submitted {
        let (former, now) = (self.task(former).await, self.now());
        write!(self, |tx| {
            tasks::repeat(tx, &former, &NewRequest::default(), (0, now)).await
        })
        .unwrap()
    }

    /// Repeats up to `limit` failures; returns the former tasks.
    async fn repeat_failed(&self, filter: ListFilter) -> Vec<TaskId> {
        let now = self.now();
        let repeated = write!(self, |tx| {
            tasks::repeat_failed(tx, &filter, &NewRequest::default(), || 0, now).await
        });
        let repeated = repeated.unwrap().tasks.into_iter();
        repeated.map(|(former, _)| former.id).collect()
    }
}

fn up_to(limit: u64) -> ListFilter {
    ListFilter {
        limit,
        ..ListFilter::default()
    }
}

async fn a_repetition_is_a_new_task_that_names_the_former(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let former = scene.fail("a", ErrorCode::NotFound).await;
    let before = scene.task(former).await;
    let again = scene.repeat(former).await;
    assert!(!again.is_joined && again.task != former);
    let task = scene.task(again.task).await;
    assert_eq!((task.retry_of, &task.spec), (Some(former), &before.spec));
    assert_eq!(
        scene.task(former).await,
        before,
        "the former stays as it is"
    );
    assert_eq!(scene.must_claim().await.task.id, again.task);
}

async fn repeating_twice_is_one_task(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let former = scene.fail("a", ErrorCode::NotFound).await;
    let first = scene.repeat(former).await;
    let second = scene.repeat(former).await;
    assert_eq!((second.task, second.is_joined), (first.task, true));
}

async fn a_repetition_that_joins_is_noted_there_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let former = scene.fail("a", ErrorCode::NotFound).await;
    let other = scene.fail("a", ErrorCode::NotFound).await;
    let waiting = scene.submit("a").await.task;
    assert_eq!(scene.repeat(former).await.task, waiting);
    assert_eq!(scene.task(waiting).await.retry_of, Some(former));
    assert_eq!(scene.repeat(other).await.task, waiting);
    assert_eq!(scene.task(waiting).await.retry_of, Some(former));
    // A task that runs serves no later wish: what it repeats stays as it is.
    scene.fail_claimed(ErrorCode::NotFound).await;
    scene.submit("a").await;
    let running = scene.must_claim().await.task.id;
    assert_ne!(scene.repeat(former).await.task, running);
    assert_eq!(scene.task(running).await.retry_of, None);
}

async fn a_repetition_wants_what_every_wish_wanted(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let user = UserId::new();
    let with = |skip_dependencies, force| NewRequest {
        options: SyncOptions {
            skip_dependencies,
            force,
            ..SyncOptions::default()
        },
        ..wish_of(user)
    };
    let task = scene
        .submit_with(new_task("a"), with(true, false))
        .await
        .task;
    scene.submit_with(new_task("a"), with(true, true)).await;
    scene.withdraw(task, user).await;
    let options = weir_store::task_requests::options(scene.db.read(), &[task]).await;
    let options = options.unwrap().remove(&task).unwrap();
    assert!(options.skip_dependencies && options.force);
}

async fn only_the_newest_failure_of_a_key_is_worth_repeating(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.fail("a", ErrorCode::NotFound).await;
    let newest = scene.fail("a", ErrorCode::NotFound).await;
    scene.fail("mended", ErrorCode::NotFound).await;
    scene.submit("mended").await;
    let fence = scene.must_claim().await.fence;
    scene.finish(fence).await.unwrap();
    scene.fail("waits", ErrorCode::NotFound).await;
    scene.submit("waits").await;
    assert_eq!(scene.repeat_failed(up_to(10)).await, [newest]);
    assert!(
        scene.repeat_failed(up_to(10)).await.is_empty(),
        "it is being repeated"
    );
}

async fn cancelled_tasks_are_repeated_only_when_named(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let failed = scene.fail("a", ErrorCode::Timeout).await;
    let cancelled = scene.submit("b").await.task;
    scene.cancel(cancelled).await.unwrap();
    assert_eq!(scene.repeat_failed(up_to(10)).await, [failed]);
    let named = ListFilter {
        code: Some(ErrorCode::Cancelled),
        ..up_to(10)
    };
    assert_eq!(scene.repeat_failed(named).await, [cancelled]);
}

async fn many_are_repeated_page_by_page(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let mut failed = Vec::new();
    for n in 0..7 {
        failed.push(scene.fail(&format!("p{n}"), ErrorCode::NotFound).await);
    }
    failed.reverse();
    let mut repeated = Vec::new();
    let mut filter = up_to(3);
    loop {
        let page = scene.repeat_failed(filter.clone()).await;
        filter.before = page.last().copied();
        repeated.extend(page);
        if repeated.len() == 7 || filter.before.is_none() {
            break;
        }
    }
    assert_eq!(repeated, failed, "newest first, each once");
    let waiting = tasks::counts(scene.db.read(), None).await.unwrap();
    assert_eq!(waiting[TaskState::Waiting.as_str()], 7);
}

async fn two_who_repeat_at_once_repeat_each_failure_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for n in 0..5 {
        scene.fail(&format!("p{n}"), ErrorCode::NotFound).await;
    }
    let now = scene.now();
    let first = scene
        .hold_open(move |tx| {
            async move {
                let request = NewRequest::default();
                tasks::repeat_failed(tx, &up_to(10), &request, || 0, now).await
            }
            .boxed()
        })
        .await;
    let other = scene.clone();
    let second = spawn(async move { other.repeat_failed(up_to(10)).await });
    scene.settle(&second).await;
    assert_eq!(first.commit().await.unwrap().tasks.len(), 5);
    assert!(ended(second).await.is_empty());
    assert_eq!(scene.all_tasks().await.len(), 10);
}

async fn a_repetition_reads_from_where_its_package_is_from_by_now(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (mirrored, scoped) = (RegistryId::new(), RegistryId::new());
    let now = scene.now();
    for (name, home) in [
        ("mirrored", Some(mirrored)),
        ("@acme/scoped", Some(scoped)),
        ("neither", None),
    ] {
        let former = scene.fail(name, ErrorCode::UpstreamUnavailable).await;
        write!(scene, |tx| {
            match name {
                "mirrored" => packages::ensure(tx, &package(name), mirrored, now)
                    .await
                    .map(drop),
                "@acme/scoped" => scopes::insert(tx, "@acme", Some(scoped), now)
                    .await
                    .map(drop),
                _ => Ok(()),
            }
        })
        .unwrap();
        let before = scene.task(former).await.spec.registry();
        let again = scene.repeat(former).await.task;
        let spec = scene.task(again).await.spec;
        assert_eq!(spec.registry(), home.or(before), "{name}");
        let fence = scene.must_claim().await.fence;
        scene.finish(fence).await.unwrap();
    }
}
