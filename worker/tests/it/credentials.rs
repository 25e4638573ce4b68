//! Registries that want to know who asks: what proves it is opened for each sync, goes to the
//! registry's own origin, and is told to nobody else.

use std::sync::Arc;

use weir_domain::task::TaskState;
use weir_runtime::Sealer;
use weir_store::{clock, registries};
use weir_testkit::StandIn;

use crate::setup::{Mirror, alone, package};

const TOKEN: &str = "secret-marker-of-the-upstream";
const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

fn sealer(key: &str) -> Arc<Sealer> {
    Arc::new(Sealer::from_text(key, "test").expect("a key"))
}

/// A mirror of an upstream behind a token, which it knows; nobody works there yet.
async fn mirror() -> Mirror {
    let upstream = StandIn::builder()
        .package(package("a", &["1.0.0"]))
        .behind(&format!("Bearer {TOKEN}"));
    let mut mirror = Mirror::idle(upstream.start().await, |_| {}).await;
    let db = &mirror.environment.db;
    let registry = registries::find_by_slug(db.read(), registries::DEFAULT_SLUG).await;
    let id = registry.expect("readable").expect("seeded").id;
    let plain = format!(r#"{{"token":"{TOKEN}"}}"#);
    let sealed = sealer(KEY).seal(plain.as_bytes(), &registries::credentials_place(id));
    let sealed = sealed.expect("sealed");
    let set = db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            registries::set_credentials(tx, id, Some(&sealed), now).await
        })
    });
    set.await.expect("set");
    let content = mirror.environment.content.clone();
    mirror.environment.content = content.opening_with(sealer(KEY));
    mirror
}

#[tokio::test]
async fn a_registry_behind_a_token_is_synced_with_it() {
    let mirror = mirror().await;
    mirror.work();
    let task = mirror.sync_with("a", alone()).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert_eq!(mirror.held("a").await, ["1.0.0"]);
    let asked = mirror.upstream.ledger().entries();
    assert!(asked.len() >= 2, "document and tarball: {asked:?}");
    for entry in &asked {
        assert_eq!(entry.headers["authorization"], format!("Bearer {TOKEN}"));
    }
    let told = format!("{:?} {task:?}", mirror.log(task.id).await);
    assert!(!told.contains(TOKEN), "{told}");
    mirror.close().await;
}

#[tokio::test]
async fn nobody_is_asked_without_credentials_that_should_be_shown() {
    let mut mirror = mirror().await;
    let other = "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg=";
    let content = mirror.environment.content.clone();
    mirror.environment.content = content.opening_with(sealer(other));
    mirror.work();
    let task = mirror.sync_with("a", alone()).await;
    let error = task.error.unwrap_or_default();
    assert_eq!(task.state, TaskState::Error);
    assert!(
        error.contains("credentials of the registry cannot be opened"),
        "{error}"
    );
    assert!(mirror.upstream.ledger().entries().is_empty());
    mirror.close().await;
}
