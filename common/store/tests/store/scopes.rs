//! Scopes: where the packages of each come from, and who must not hear of them.

use weir_domain::RegistryId;
use weir_store::{
    StoreError,
    scopes::{self, Scope},
    settings,
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, package, write};

weir_testkit::on_both_engines!(
    a_scope_says_where_its_packages_come_from,
    private_names_are_told_to_nobody,
    scopes_are_listed_and_forgotten,
);

async fn insert(scene: &Scene, name: &'static str, registry: Option<RegistryId>) -> Scope {
    let now = scene.now();
    write!(scene, |tx| scopes::insert(tx, name, registry, now).await).unwrap()
}

async fn a_scope_says_where_its_packages_come_from(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (ours, now) = (RegistryId::new(), scene.now());
    insert(&scene, "@Acme", Some(ours)).await;
    let again = write!(scene, |tx| scopes::insert(tx, "@ACME", None, now).await);
    assert!(matches!(again, Err(StoreError::AlreadyExists(_))));
    for (name, home) in [
        ("@acme/a", Some(ours)),
        ("@Acme/a", Some(ours)),
        ("@acme2/a", None),
        ("acme", None),
    ] {
        let found = scopes::home(scene.db.read(), &package(name)).await.unwrap();
        assert_eq!(found, home, "{name}");
    }
}

async fn private_names_are_told_to_nobody(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (ours, other, now) = (RegistryId::new(), RegistryId::new(), scene.now());
    insert(&scene, "@ours", Some(ours)).await;
    insert(&scene, "@private", None).await;
    let kept = async |from| {
        let mut kept = scopes::kept_from(scene.db.read(), from).await.unwrap();
        kept.sort();
        kept
    };
    assert_eq!(
        scopes::private(scene.db.read()).await.unwrap(),
        ["@private"]
    );
    write!(scene, |tx| settings::put(
        tx,
        scopes::PRIVATE_SETTING,
        r#"["@set"]"#,
        now
    )
    .await)
    .unwrap();
    assert_eq!(kept(ours).await, ["@private", "@set"]);
    assert_eq!(kept(other).await, ["@ours", "@private", "@set"]);
    let home = scopes::home(scene.db.read(), &package("@private/a")).await;
    assert_eq!(home.unwrap(), None);
}

async fn scopes_are_listed_and_forgotten(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (ours, now) = (RegistryId::new(), scene.now());
    let first = insert(&scene, "@b", Some(ours)).await;
    insert(&scene, "@a", Some(ours)).await;
    insert(&scene, "@c", None).await;
    let page = async |registry, part| {
        let (found, total) = scopes::page(scene.db.read(), registry, part).await.unwrap();
        let names: Vec<_> = found.into_iter().map(|scope| scope.name).collect();
        (names, total)
    };
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(page(None, (1, 5)).await, (names(&["@b", "@c"]), 3));
    assert_eq!(page(Some(ours), (0, 1)).await, (names(&["@a"]), 2));
    for word in ["@b", "@B", &first.id.to_string()] {
        let found = scopes::find(scene.db.read(), word).await.unwrap();
        assert_eq!(found.as_ref(), Some(&first), "{word}");
    }
    let remove = async || write!(scene, |tx| scopes::remove(tx, first.id, now).await).unwrap();
    assert!(remove().await && !remove().await);
    let home = scopes::home(scene.db.read(), &package("@b/x")).await;
    assert_eq!(home.unwrap(), None);
}
