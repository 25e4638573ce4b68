//! Scopes whose packages come from a registry of their own, also as dependencies of others.

use weir_domain::{
    Registry, RegistryId,
    task::{ErrorCode, SyncOptions, TaskState},
};
use weir_store::{clock, packages, registries, scopes, task_trees};
use weir_testkit::{PackageSpec, StandIn, until};

use crate::setup::{DEADLINE, Mirror, name, package};

#[tokio::test]
async fn dependencies_of_a_scope_come_from_its_registry_and_nobody_else_hears_of_them() {
    let theirs = StandIn::start([package("@house/tool", &["1.0.0"])]).await;
    let app = PackageSpec::new("app").version("1.0.0", |version| {
        version.size(3_000).dependency("@house/tool", "^1.0.0")
    });
    let mirror = Mirror::of([app]).await;
    let db = &mirror.environment.db;
    let default = registries::find_by_slug(db.read(), registries::DEFAULT_SLUG).await;
    let second = Registry {
        id: RegistryId::new(),
        slug: "house".to_owned(),
        name: "house".to_owned(),
        url: format!("{}/", theirs.url()).parse().expect("a URL"),
        ..default.expect("readable").expect("seeded")
    };
    let id = second.id;
    let made = db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            registries::insert(tx, &second, now).await?;
            scopes::insert(tx, "@house", Some(second.id), now).await
        })
    });
    made.await.expect("made");
    let task = mirror.sync_with("app", SyncOptions::default()).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    until("the tree to end", DEADLINE, async || {
        let children = task_trees::children(db.read(), task.id)
            .await
            .expect("readable");
        let ended = children.get("success").copied().unwrap_or_default();
        if ended == 1 {
            Ok(())
        } else {
            Err(format!("{children:?}"))
        }
    })
    .await;
    let tool = packages::find(db.read(), &name("@house/tool"))
        .await
        .expect("readable");
    assert_eq!(tool.expect("mirrored").registry, Some(id));
    assert_eq!(mirror.held("@house/tool").await, ["1.0.0"]);
    assert_eq!(mirror.upstream.packument("@house/tool").requests(), 0);
    // A wish from before the scope was said.
    let stray = mirror
        .sync_with("@house/other", SyncOptions::default())
        .await;
    assert_eq!(stray.state, TaskState::Error);
    assert_eq!(stray.error_code, Some(ErrorCode::Blocked), "{stray:?}");
    assert_eq!(mirror.upstream.packument("@house/other").requests(), 0);
    theirs.ledger().assert_nothing_unexpected();
    mirror.close().await;
}
