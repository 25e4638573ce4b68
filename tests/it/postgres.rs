//! The whole system on PostgreSQL, as far as one process goes: the same tree, the same
//! bytes, and a restart. The store's own tests run on both engines.

use weir_testkit::{database, presets};
use weir_tests::{System, packument::assert_mirrors};

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
