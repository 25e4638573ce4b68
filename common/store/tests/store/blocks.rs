//! What an operator blocks: hidden at once, whatever a sync is doing, and as it was once lifted.

use std::collections::BTreeMap;

use weir_domain::{RegistryId, Version, search::Query};
use weir_store::{
    StoreError,
    access::Viewer,
    blocks::{self, Block, Source},
    packages::{self, Flip, Head, Package, UpstreamMark},
    search::{self, Page},
    versions,
};
use weir_testkit::TestDatabase;

use crate::{
    support::{Scene, package, write},
    versions::{SHA_A, new_version},
};

weir_testkit::on_both_engines!(
    blocking_again_keeps_the_id_and_replaces_the_reason,
    a_blocked_version_is_hidden_and_tags_fall_back_and_come_back,
    tags_come_back_in_whatever_order_blocks_go,
    what_a_sync_shows_meanwhile_is_not_undone,
    a_sync_that_began_before_a_block_shows_nothing,
    what_is_broken_stays_hidden_when_its_block_goes,
    an_operator_takes_over_what_a_removal_blocked,
    an_id_that_was_told_is_the_packages,
    a_blocked_package_is_not_found_though_a_sync_shows_it_anew,
);

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

/// Shows these versions as the package's next revision, with these tags.
async fn show(
    scene: &Scene,
    numbers: &[&str],
    tags: &[(&str, &str)],
) -> Result<Package, StoreError> {
    let new: Vec<_> = numbers
        .iter()
        .map(|one| new_version(one, "", SHA_A))
        .collect();
    let tags = tags
        .iter()
        .map(|(tag, to)| ((*tag).to_owned(), version(to)));
    let head = Head {
        dist_tags: tags.collect(),
        ..Head::default()
    };
    let now = scene.now();
    write!(scene, |tx| {
        let row = packages::ensure(tx, &package("x"), RegistryId::new(), now).await?;
        versions::stage(tx, row.id, row.revision + 1, &new).await?;
        packages::flip(tx, &flip_of(&row, head), &[], now).await?;
        packages::record_sync(tx, row.id, true, None, now).await
    })?;
    Ok(row(scene).await)
}

fn flip_of(row: &Package, head: Head) -> Flip {
    Flip {
        package: row.id,
        name: row.name.clone(),
        from_revision: row.revision,
        policy_generation: row.policy_generation,
        head,
        upstream: UpstreamMark::default(),
    }
}

async fn row(scene: &Scene) -> Package {
    let found = packages::find(scene.db.read(), &package("x")).await;
    found.unwrap().unwrap()
}

async fn tags(scene: &Scene) -> BTreeMap<String, String> {
    let tags = row(scene).await.head.dist_tags.into_iter();
    tags.map(|(tag, to)| (tag, to.to_string())).collect()
}

fn pairs(tags: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(tag, to): &(&str, &str)| ((*tag).to_owned(), (*to).to_owned());
    tags.iter().map(owned).collect()
}

async fn shown(scene: &Scene) -> Vec<String> {
    let row = row(scene).await;
    let page = versions::manifests(scene.db.read(), row.id, row.revision, None, 100).await;
    page.unwrap()
        .into_iter()
        .map(|(v, _)| v.to_string())
        .collect()
}

async fn block(scene: &Scene, what: Option<&str>, reason: &'static str, source: Source) {
    let (what, now) = (what.map(version), scene.now());
    let put = write!(scene, |tx| {
        blocks::put(tx, &package("x"), (what.as_ref(), reason), source, now).await
    });
    put.unwrap();
}

async fn lift(scene: &Scene, what: Option<&str>) -> bool {
    let (what, now) = (what.map(version), scene.now());
    let lifted = write!(scene, |tx| {
        blocks::lift(tx, &package("x"), what.as_ref(), Source::Operator, now).await
    });
    lifted.unwrap()
}

async fn list(scene: &Scene) -> Vec<Block> {
    blocks::list(scene.db.read(), &package("x")).await.unwrap()
}

async fn found(scene: &Scene) -> Option<String> {
    let page = Page { from: 0, size: 1 };
    let found = search::find(scene.db.read(), &Query::read("x"), Viewer::Stranger, page).await;
    found.unwrap().hits.pop().map(|hit| hit.entry.version)
}

async fn blocking_again_keeps_the_id_and_replaces_the_reason(database: TestDatabase) {
    let scene = Scene::of(database).await;
    block(&scene, None, "first", Source::Operator).await;
    let first = list(&scene).await.remove(0);
    let later = scene.later(std::time::Duration::from_secs(5));
    block(&scene, None, "second", Source::Operator).await;
    let second = list(&scene).await.remove(0);
    let expected = Block {
        reason: "second".to_owned(),
        updated_at: later,
        ..first
    };
    assert_eq!(second, expected);
    assert!(lift(&scene, None).await);
    assert!(!lift(&scene, None).await, "there is none any more");
}

async fn a_blocked_version_is_hidden_and_tags_fall_back_and_come_back(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let all = [("latest", "2.0.0"), ("next", "2.0.0"), ("old", "1.0.0")];
    let before = show(&scene, &["1.0.0", "1.1.0", "2.0.0", "3.0.0-rc.1"], &all)
        .await
        .unwrap();
    assert_eq!(found(&scene).await.as_deref(), Some("2.0.0"));
    block(&scene, Some("2.0.0"), "why", Source::Operator).await;
    assert_eq!(shown(&scene).await, ["1.0.0", "1.1.0", "3.0.0-rc.1"]);
    assert_eq!(
        tags(&scene).await,
        pairs(&[("latest", "1.1.0"), ("old", "1.0.0")])
    );
    assert_eq!(found(&scene).await.as_deref(), Some("1.1.0"));
    let now = row(&scene).await;
    assert_eq!(
        now.policy_generation,
        before.policy_generation + 1,
        "documents are made anew"
    );
    assert!(now.is_synced_cleanly);
    assert!(lift(&scene, Some("2.0.0")).await);
    assert_eq!(shown(&scene).await.len(), 4);
    assert_eq!(tags(&scene).await, pairs(&all));
    assert_eq!(found(&scene).await.as_deref(), Some("2.0.0"));
    assert!(
        !row(&scene).await.is_synced_cleanly,
        "upstream is asked for all of it"
    );
}

async fn tags_come_back_in_whatever_order_blocks_go(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let all = [("latest", "3.0.0"), ("next", "2.0.0")];
    show(&scene, &["1.0.0", "2.0.0", "3.0.0"], &all)
        .await
        .unwrap();
    block(&scene, Some("3.0.0"), "why", Source::Operator).await;
    assert_eq!(
        tags(&scene).await,
        pairs(&[("latest", "2.0.0"), ("next", "2.0.0")])
    );
    block(&scene, Some("2.0.0"), "why", Source::Operator).await;
    assert_eq!(tags(&scene).await, pairs(&[("latest", "1.0.0")]));
    lift(&scene, Some("3.0.0")).await;
    assert_eq!(tags(&scene).await, pairs(&[("latest", "3.0.0")]));
    lift(&scene, Some("2.0.0")).await;
    assert_eq!(tags(&scene).await, pairs(&all));
    block(&scene, Some("1.0.0"), "why", Source::Operator).await;
    block(&scene, Some("2.0.0"), "why", Source::Operator).await;
    block(&scene, Some("3.0.0"), "why", Source::Operator).await;
    assert!(shown(&scene).await.is_empty() && tags(&scene).await.is_empty());
    assert_eq!(found(&scene).await, None);
}

async fn what_a_sync_shows_meanwhile_is_not_undone(database: TestDatabase) {
    let scene = Scene::of(database).await;
    show(&scene, &["1.0.0", "2.0.0"], &[("latest", "2.0.0")])
        .await
        .unwrap();
    block(&scene, Some("2.0.0"), "why", Source::Operator).await;
    let later = [("latest", "2.1.0"), ("next", "1.0.0")];
    show(&scene, &["2.1.0"], &later).await.unwrap();
    assert_eq!(shown(&scene).await, ["1.0.0", "2.1.0"]);
    lift(&scene, Some("2.0.0")).await;
    assert_eq!(tags(&scene).await, pairs(&later));
    assert_eq!(shown(&scene).await.len(), 3);
}

async fn a_sync_that_began_before_a_block_shows_nothing(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let before = show(&scene, &["1.0.0"], &[("latest", "1.0.0")])
        .await
        .unwrap();
    for what in [Some("1.0.0"), None] {
        block(&scene, what, "why", Source::Operator).await;
        let (flip, now) = (flip_of(&before, Head::default()), scene.now());
        let flipped = write!(scene, |tx| packages::flip(tx, &flip, &[], now).await);
        assert!(
            matches!(flipped, Err(StoreError::Changed(_))),
            "{flipped:?}"
        );
    }
}

async fn quarantine(scene: &Scene, why: &str) {
    let text = format!("UPDATE package_versions SET quarantine = '{why}' WHERE version = '2.0.0'");
    scene.meddle(text).await;
}

async fn what_is_broken_stays_hidden_when_its_block_goes(database: TestDatabase) {
    let scene = Scene::of(database).await;
    show(&scene, &["1.0.0", "2.0.0"], &[("latest", "1.0.0")])
        .await
        .unwrap();
    quarantine(&scene, "its tarball is broken").await;
    block(&scene, Some("2.0.0"), "why", Source::Operator).await;
    lift(&scene, Some("2.0.0")).await;
    assert_eq!(shown(&scene).await, ["1.0.0"]);
}

async fn an_operator_takes_over_what_a_removal_blocked(database: TestDatabase) {
    let scene = Scene::of(database).await;
    show(&scene, &["1.0.0", "2.0.0"], &[("latest", "1.0.0")])
        .await
        .unwrap();
    for takes_over in [true, false] {
        // As a sync that believes a removal leaves it.
        quarantine(&scene, "Removed upstream").await;
        block(&scene, Some("2.0.0"), "Removed upstream", Source::Removal).await;
        if takes_over {
            block(&scene, Some("2.0.0"), "ours", Source::Operator).await;
            let (name, two, now) = (package("x"), version("2.0.0"), scene.now());
            let lifted = write!(scene, |tx| {
                blocks::lift(tx, &name, Some(&two), Source::Removal, now).await
            });
            assert!(!lifted.unwrap(), "it comes back by an operator only");
        }
        assert_eq!(shown(&scene).await, ["1.0.0"]);
        assert!(lift(&scene, Some("2.0.0")).await);
        assert_eq!(shown(&scene).await, ["1.0.0", "2.0.0"]);
    }
}

async fn an_id_that_was_told_is_the_packages(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let tell = async || {
        let told = write!(scene, |tx| packages::reserve_id(tx, &package("x")).await);
        told.unwrap()
    };
    let told = tell().await;
    assert_eq!(tell().await, told);
    let made = show(&scene, &["1.0.0"], &[("latest", "1.0.0")])
        .await
        .unwrap();
    assert_eq!(made.id, told);
    assert_eq!(tell().await, told);
}

async fn a_blocked_package_is_not_found_though_a_sync_shows_it_anew(database: TestDatabase) {
    let scene = Scene::of(database).await;
    show(&scene, &["1.0.0"], &[("latest", "1.0.0")])
        .await
        .unwrap();
    block(&scene, None, "why", Source::Operator).await;
    assert_eq!(found(&scene).await, None);
    show(&scene, &["2.0.0"], &[("latest", "2.0.0")])
        .await
        .unwrap();
    assert_eq!(found(&scene).await, None);
    block(&scene, Some("2.0.0"), "why", Source::Operator).await;
    assert_eq!(found(&scene).await, None);
    lift(&scene, None).await;
    assert_eq!(found(&scene).await.as_deref(), Some("1.0.0"));
}
