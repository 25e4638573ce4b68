//! What is around tasks: places, trees, wishes; for many as for one.

use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    prelude::async_trait::async_trait,
};
use weir_domain::{TaskId, UserId};
use weir_store::tasks::{self, Around, Depth, Outcome};
use weir_testkit::TestDatabase;

use crate::support::{Scene, new_task, wish_of, wish_under};

weir_testkit::on_both_engines!(
    many_tasks_take_as_many_queries_as_one,
    what_is_around_many_is_what_is_around_each,
    nothing_is_around_nothing,
);

/// A connection that counts what is asked.
struct Counting<'a>(&'a DatabaseConnection, AtomicUsize);

impl Counting<'_> {
    fn count(&self) -> &DatabaseConnection {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0
    }
}

#[async_trait]
impl ConnectionTrait for Counting<'_> {
    fn get_database_backend(&self) -> DbBackend {
        self.0.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.count().execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.count().execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.count().query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.count().query_all_raw(statement).await
    }
}

/// Roots with children, finished and unfinished, wanted by one and by several.
async fn populate(scene: &Scene) {
    for n in 0..12 {
        let user = UserId::new();
        let root = scene
            .submit_with(new_task(&format!("root-{n}")), wish_of(user))
            .await;
        for leaf in 0..n % 4 {
            let new = new_task(&format!("leaf-{}", n + leaf));
            scene.submit_with(new, wish_under(root.task)).await;
        }
        if n % 3 == 0 {
            scene
                .submit_with(new_task(&format!("root-{n}")), wish_of(UserId::new()))
                .await;
        }
        if n % 5 == 1 {
            let fence = scene.must_claim().await.fence;
            scene.finish_as(fence, Outcome::default()).await.unwrap();
        }
    }
    scene.must_claim().await;
    let all = scene.all_tasks().await;
    scene.cancel(all[3].id).await.unwrap();
}

async fn around(scene: &Scene, tasks: &[tasks::Task], depth: Depth) -> (Vec<Around>, usize) {
    let counting = Counting(scene.db.read(), AtomicUsize::new(0));
    let around = tasks::around(&counting, tasks, depth).await.unwrap();
    (around, counting.1.into_inner())
}

async fn many_tasks_take_as_many_queries_as_one(database: TestDatabase) {
    let scene = Scene::of(database).await;
    populate(&scene).await;
    let all = scene.all_tasks().await;
    assert!(all.len() > 20);
    for (depth, most) in [(Depth::Status, 3), (Depth::Origin, 4), (Depth::Requests, 5)] {
        let (many, queries) = around(&scene, &all, depth).await;
        assert_eq!((many.len(), queries), (all.len(), most), "{depth:?}");
    }
}

async fn what_is_around_many_is_what_is_around_each(database: TestDatabase) {
    let scene = Scene::of(database).await;
    populate(&scene).await;
    let all = scene.all_tasks().await;
    let (many, _) = around(&scene, &all, Depth::Requests).await;
    for (task, together) in all.iter().zip(&many) {
        let (alone, _) = around(&scene, std::slice::from_ref(task), Depth::Requests).await;
        assert_eq!(&alone[0], together, "{task:?}");
        let live = weir_store::task_requests::live(scene.db.read(), task.id).await;
        assert_eq!(together.requests, live.unwrap());
        assert_eq!(together.request_count, together.requests.len() as u64);
    }
    let of = |name: &str| {
        let at = all.iter().position(|task| task.target == name).unwrap();
        (all[at].id, &many[at])
    };
    let (root, around) = of("root-3");
    assert_eq!((around.root, around.request_count), (Some(root), 2));
    assert_eq!(around.children.values().sum::<u64>(), 3);
    let (_, leaf) = of("leaf-3");
    assert!(
        leaf.root.is_some_and(|root| root != of("leaf-3").0),
        "it has a parent"
    );
    let mut places: Vec<_> = many.iter().filter_map(|one| one.queue_position).collect();
    places.sort_unstable();
    let expected: Vec<u64> = (0..places.len() as u64).collect();
    assert_eq!(places, expected, "each waiting task has a place of its own");
}

async fn nothing_is_around_nothing(database: TestDatabase) {
    let scene = Scene::of(database).await;
    assert_eq!(around(&scene, &[], Depth::Requests).await.0, []);
    let unknown = tasks::queue_positions(scene.db.read(), &[TaskId::new()]).await;
    assert!(unknown.unwrap().is_empty());
}
