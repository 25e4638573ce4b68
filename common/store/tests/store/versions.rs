//! Versions and flips: readers see the old packument or the new one, never a mix.

use std::{collections::BTreeSet, time::Duration};

use weir_domain::{
    Digest, Integrity, PackageId, PackageName, RegistryId, Timestamp, Version,
    manifest::ManifestFacts,
};
use weir_store::{
    Signal, StoreError, Topic,
    packages::{self, Flip, Head, Package, UpstreamMark},
    versions::{self, NewVersion},
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, ended, package, spawn, write};

weir_testkit::on_both_engines!(
    a_package_is_made_once,
    what_is_staged_is_invisible_until_the_flip,
    a_flip_tells_the_caches,
    a_changed_version_replaces_the_former_one,
    a_removed_version_is_gone_after_the_flip_and_not_before,
    a_removed_version_leaves_nothing_once_no_reader_is_left,
    a_removed_version_may_come_back,
    what_a_dead_attempt_staged_is_discarded,
    a_flip_refuses_a_moved_revision,
    a_flip_refuses_a_moved_policy,
    of_two_flips_of_one_revision_one_wins,
    a_reader_of_the_former_revision_still_finds_all_of_it,
    readers_see_old_or_new_while_a_writer_flips,
    a_held_tarball_stays_held_when_only_the_manifest_changes,
    another_promise_is_not_held_by_the_former_bytes,
    holding_counts_for_the_visible_and_the_staged_row,
    a_quarantined_version_is_not_shown_until_it_is_cleared,
    manifests_come_in_pages_without_gap_or_repeat,
    more_versions_than_fit_in_a_statement_are_staged,
    a_sync_is_recorded_with_its_validators,
    a_manifest_whose_spans_do_not_fit_is_an_error,
);

pub const SHA_A: &str = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
const SHA_B: &str = "0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33";

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

/// A version whose manifest says `note`, with the tarball of `shasum`.
pub fn new_version(text: &str, note: &str, shasum: &str) -> NewVersion {
    let raw = format!(
        r#"{{"name":"x","version":"{text}","note":"{note}","dist":{{"tarball":"http://up.example/x-{text}.tgz","shasum":"{shasum}"}}}}"#
    );
    NewVersion {
        facts: ManifestFacts::read(&package("x"), text, &raw).unwrap(),
        raw,
        published_at: Some(Timestamp(7)),
        keeps_tarball: shasum == SHA_A,
    }
}

async fn ensure(scene: &Scene) -> Package {
    let (name, now) = (package("x"), scene.now());
    let registry = RegistryId::new();
    write!(scene, |tx| packages::ensure(tx, &name, registry, now).await).unwrap()
}

async fn stage(scene: &Scene, id: PackageId, next: i64, new: Vec<NewVersion>) {
    write!(scene, |tx| versions::stage(tx, id, next, &new).await).unwrap();
}

fn flip_of(id: PackageId, from_revision: i64) -> Flip {
    Flip {
        package: id,
        name: package("x"),
        from_revision,
        policy_generation: 0,
        head: Head::default(),
        upstream: UpstreamMark::default(),
    }
}

async fn flip(scene: &Scene, id: PackageId, from_revision: i64) -> Result<(), StoreError> {
    let (flip, now) = (flip_of(id, from_revision), scene.now());
    write!(scene, |tx| packages::flip(tx, &flip, &[], now).await)
}

/// Makes these versions visible as the next revision.
async fn publish(scene: &Scene, id: PackageId, from: i64, new: Vec<NewVersion>) {
    stage(scene, id, from + 1, new).await;
    flip(scene, id, from).await.unwrap();
}

async fn shown_at(scene: &Scene, id: PackageId, revision: i64) -> Vec<(String, String)> {
    let page = versions::manifests(scene.db.read(), id, revision, None, 1000);
    let note = |raw: &str| {
        let value: serde_json::Value = serde_json::from_str(raw).unwrap();
        value["note"].as_str().unwrap().to_owned()
    };
    let page = page.await.unwrap().into_iter();
    page.map(|(version, manifest)| (version.to_string(), note(&manifest.raw)))
        .collect()
}

async fn newest(scene: &Scene) -> i64 {
    let package = packages::find(scene.db.read(), &package("x")).await;
    package.unwrap().unwrap().revision
}

/// Reads as everyone should who needs more than one statement: the rows of a revision
/// outlive the next flip, not the one after it.
async fn shown(scene: &Scene) -> Vec<(String, String)> {
    loop {
        let package = packages::find(scene.db.read(), &package("x")).await;
        let package = package.unwrap().unwrap();
        let shown = shown_at(scene, package.id, package.revision).await;
        if newest(scene).await <= package.revision + 1 {
            return shown;
        }
    }
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec()
}

async fn a_package_is_made_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let none = packages::find(scene.db.read(), &package("x")).await;
    assert!(none.unwrap().is_none());
    let first = ensure(&scene).await;
    let second = ensure(&scene).await;
    assert_eq!((first.id, first.revision), (second.id, 0));
    assert_eq!(first.registry, second.registry, "it stays bound");
}

async fn what_is_staged_is_invisible_until_the_flip(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    stage(&scene, id, 1, vec![new_version("1.0.0", "first", SHA_A)]).await;
    assert!(shown(&scene).await.is_empty());
    let found = versions::find_manifest(scene.db.read(), id, 0, &version("1.0.0")).await;
    assert!(found.unwrap().is_none());
    assert_eq!(shown_at(&scene, id, 1).await.len(), 1, "to render it");
    flip(&scene, id, 0).await.unwrap();
    assert_eq!(shown(&scene).await, pairs([("1.0.0", "first")]));
    let outline = versions::find_outline(scene.db.read(), id, 1, &version("1.0.0")).await;
    let outline = outline.unwrap().unwrap();
    assert_eq!(outline.tarball_url, "http://up.example/x-1.0.0.tgz");
    assert_eq!((outline.tarball, outline.quarantine), (None, None));
}

async fn a_flip_tells_the_caches(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    scene.heard.take();
    let mut first = flip_of(id, 0);
    first.head.dist_tags = [("latest".to_owned(), version("1.0.0"))].into();
    first.upstream.etag = Some("\"e\"".to_owned());
    let now = scene.now();
    let written = first.clone();
    write!(scene, |tx| packages::flip(tx, &written, &[], now).await).unwrap();
    let told = Signal::Invalidated(Topic::Package, "x".to_owned());
    assert_eq!(scene.heard.take(), [told]);
    let rows = "SELECT COUNT(*) AS n FROM invalidations WHERE topic = 'package' AND key = 'x'";
    assert_eq!(scene.number(rows).await, 1);
    let stored = packages::find(scene.db.read(), &package("x")).await;
    let stored = stored.unwrap().unwrap();
    assert_eq!(stored.head.dist_tags, first.head.dist_tags);
    assert_eq!(stored.upstream, first.upstream);
}

async fn a_changed_version_replaces_the_former_one(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    let both = ["1.0.0", "2.0.0"].map(|v| new_version(v, "old", SHA_A));
    publish(&scene, id, 0, both.to_vec()).await;
    publish(&scene, id, 1, vec![new_version("1.0.0", "new", SHA_A)]).await;
    let expected = pairs([("1.0.0", "new"), ("2.0.0", "old")]);
    assert_eq!(shown(&scene).await, expected);
}

async fn a_removed_version_is_gone_after_the_flip_and_not_before(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    let both = ["1.0.0", "2.0.0"].map(|v| new_version(v, "kept", SHA_A));
    publish(&scene, id, 0, both.to_vec()).await;
    let gone = [version("1.0.0")];
    write!(scene, |tx| versions::stage_removals(tx, id, 2, &gone).await).unwrap();
    assert_eq!(shown(&scene).await.len(), 2);
    flip(&scene, id, 1).await.unwrap();
    assert_eq!(shown(&scene).await, pairs([("2.0.0", "kept")]));
}

async fn a_removed_version_leaves_nothing_once_no_reader_is_left(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    publish(&scene, id, 0, vec![new_version("1.0.0", "a", SHA_A)]).await;
    publish(&scene, id, 1, vec![new_version("1.1.0", "b", SHA_B)]).await;
    let gone = [version("1.0.0")];
    write!(scene, |tx| versions::stage_removals(tx, id, 3, &gone).await).unwrap();
    let purge = async |before| {
        let purged = write!(scene, |tx| versions::purge_all_removed(tx, before).await);
        purged.unwrap()
    };
    let later = scene.later(Duration::from_secs(1));
    assert_eq!(purge(later).await, 0, "what is only staged is still shown");
    flip(&scene, id, 2).await.unwrap();
    assert_eq!(purge(Timestamp(0)).await, 0, "a reader may be under way");
    assert_eq!(shown_at(&scene, id, 2).await.len(), 2);
    let later = scene.later(Duration::from_secs(1));
    assert_eq!(purge(later).await, 1);
    assert_eq!(shown(&scene).await, pairs([("1.1.0", "b")]));
}

async fn a_removed_version_may_come_back(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    publish(&scene, id, 0, vec![new_version("1.0.0", "first", SHA_A)]).await;
    let gone = [version("1.0.0")];
    write!(scene, |tx| versions::stage_removals(tx, id, 2, &gone).await).unwrap();
    flip(&scene, id, 1).await.unwrap();
    publish(&scene, id, 2, vec![new_version("1.0.0", "again", SHA_A)]).await;
    assert_eq!(shown(&scene).await, pairs([("1.0.0", "again")]));
}

async fn what_a_dead_attempt_staged_is_discarded(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    let both = ["1.0.0", "2.0.0"].map(|v| new_version(v, "old", SHA_A));
    publish(&scene, id, 0, both.to_vec()).await;
    // An attempt dies after staging a change, an addition and a removal.
    let half = vec![
        new_version("1.0.0", "half", SHA_A),
        new_version("3.0.0", "half", SHA_A),
    ];
    stage(&scene, id, 2, half).await;
    let gone = [version("2.0.0")];
    write!(scene, |tx| versions::stage_removals(tx, id, 2, &gone).await).unwrap();
    // The next one begins anew; upstream has changed its mind meanwhile.
    write!(scene, |tx| versions::discard_stage(tx, id, 1).await).unwrap();
    let expected = pairs([("1.0.0", "old"), ("2.0.0", "old")]);
    assert_eq!(shown_at(&scene, id, 2).await, expected);
    publish(&scene, id, 1, vec![new_version("1.0.0", "new", SHA_A)]).await;
    let expected = pairs([("1.0.0", "new"), ("2.0.0", "old")]);
    assert_eq!(shown(&scene).await, expected);
}

async fn a_flip_refuses_a_moved_revision(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    publish(&scene, id, 0, vec![new_version("1.0.0", "first", SHA_A)]).await;
    scene.heard.take();
    let late = flip(&scene, id, 0).await;
    assert!(matches!(late, Err(StoreError::Changed(_))), "{late:?}");
    assert_eq!(shown(&scene).await.len(), 1);
    assert!(scene.heard.take().is_empty());
}

async fn a_flip_refuses_a_moved_policy(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    scene
        .meddle("UPDATE packages SET policy_generation = policy_generation + 1")
        .await;
    let late = flip(&scene, id, 0).await;
    assert!(matches!(late, Err(StoreError::Changed(_))), "{late:?}");
}

async fn of_two_flips_of_one_revision_one_wins(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    let (first, now) = (flip_of(id, 0), scene.now());
    let held = scene
        .hold_open(move |tx| Box::pin(async move { packages::flip(tx, &first, &[], now).await }))
        .await;
    let other = scene.clone();
    let second = spawn(async move { flip(&other, id, 0).await });
    scene.settle(&second).await;
    held.commit().await.unwrap();
    let second = ended(second).await;
    assert!(matches!(second, Err(StoreError::Changed(_))), "{second:?}");
}

async fn a_reader_of_the_former_revision_still_finds_all_of_it(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    let all = ["1.0.0", "2.0.0", "3.0.0"].map(|v| new_version(v, "old", SHA_A));
    publish(&scene, id, 0, all.to_vec()).await;
    let page = versions::manifests(scene.db.read(), id, 1, None, 1).await;
    let after = page.unwrap().pop().unwrap().0;
    // Between two of its pages everything changes.
    let gone = [version("3.0.0")];
    write!(scene, |tx| versions::stage_removals(tx, id, 2, &gone).await).unwrap();
    let new = vec![new_version("2.0.0", "new", SHA_A)];
    publish(&scene, id, 1, new).await;
    let rest = versions::manifests(scene.db.read(), id, 1, Some(&after), 10).await;
    let rest: Vec<_> = rest.unwrap();
    assert_eq!(rest.len(), 2, "revision 1 is still whole");
    assert!(
        rest.iter()
            .all(|(_, manifest)| manifest.raw.contains("old"))
    );
    let rows = "SELECT COUNT(*) AS n FROM package_versions";
    assert_eq!(scene.number(rows).await, 4);
    publish(&scene, id, 2, Vec::new()).await;
    assert_eq!(scene.number(rows).await, 2);
}

/// Every revision `n` consists of three versions that all say `n`.
async fn readers_see_old_or_new_while_a_writer_flips(database: TestDatabase) {
    const REVISIONS: i64 = 30;
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    let revision = |n: i64| {
        let n = n.to_string();
        ["1.0.0", "2.0.0", "3.0.0"].map(|v| new_version(v, &n, SHA_A))
    };
    publish(&scene, id, 0, revision(1).to_vec()).await;
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let scene = scene.clone();
            spawn(async move {
                let mut seen = BTreeSet::new();
                loop {
                    let all = shown(&scene).await;
                    let notes: BTreeSet<_> = all.iter().map(|(_, note)| note.clone()).collect();
                    assert_eq!((all.len(), notes.len()), (3, 1), "{all:?}");
                    let note: i64 = notes.first().unwrap().parse().unwrap();
                    seen.insert(note);
                    if note == REVISIONS {
                        return seen.len();
                    }
                }
            })
        })
        .collect();
    for n in 1..REVISIONS {
        publish(&scene, id, n, revision(n + 1).to_vec()).await;
    }
    for reader in readers {
        assert!(ended(reader).await >= 1);
    }
}

async fn hold(scene: &Scene, id: PackageId, text: &str, bytes: &'static [u8]) {
    let version = version(text);
    let blob = (Digest::of(bytes), bytes.len() as u64);
    let promised = Integrity::from_dist(None, Some(SHA_A));
    let kept = write!(scene, |tx| versions::hold(
        tx,
        id,
        &version,
        promised.as_ref(),
        blob
    )
    .await);
    assert!(kept.unwrap(), "the promise still stands");
}

async fn held(scene: &Scene, id: PackageId, revision: i64, text: &str) -> Option<(Digest, u64)> {
    let version = version(text);
    let outline = versions::find_outline(scene.db.read(), id, revision, &version).await;
    outline.unwrap().unwrap().tarball
}

async fn a_held_tarball_stays_held_when_only_the_manifest_changes(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    publish(&scene, id, 0, vec![new_version("1.0.0", "old", SHA_A)]).await;
    hold(&scene, id, "1.0.0", b"bytes").await;
    publish(
        &scene,
        id,
        1,
        vec![new_version("1.0.0", "deprecated", SHA_A)],
    )
    .await;
    assert_eq!(shown(&scene).await, pairs([("1.0.0", "deprecated")]));
    let expected = Some((Digest::of(b"bytes"), 5));
    assert_eq!(held(&scene, id, 2, "1.0.0").await, expected);
}

async fn another_promise_is_not_held_by_the_former_bytes(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    publish(&scene, id, 0, vec![new_version("1.0.0", "old", SHA_A)]).await;
    hold(&scene, id, "1.0.0", b"bytes").await;
    publish(&scene, id, 1, vec![new_version("1.0.0", "other", SHA_B)]).await;
    assert_eq!(held(&scene, id, 2, "1.0.0").await, None);
}

async fn holding_counts_for_the_visible_and_the_staged_row(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    publish(&scene, id, 0, vec![new_version("1.0.0", "old", SHA_A)]).await;
    stage(&scene, id, 2, vec![new_version("1.0.0", "new", SHA_A)]).await;
    // A reader fetches the lazy tarball while a sync is staging.
    hold(&scene, id, "1.0.0", b"bytes").await;
    assert!(held(&scene, id, 1, "1.0.0").await.is_some());
    flip(&scene, id, 1).await.unwrap();
    assert!(held(&scene, id, 2, "1.0.0").await.is_some());
}

async fn a_quarantined_version_is_not_shown_until_it_is_cleared(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    let both = ["1.0.0", "2.0.0"].map(|v| new_version(v, "shown", SHA_A));
    publish(&scene, id, 0, both.to_vec()).await;
    let bad = version("2.0.0");
    let why = "its bytes do not match";
    let hidden = bad.clone();
    write!(scene, |tx| versions::stage_quarantine(
        tx,
        id,
        2,
        (&hidden, Some(why))
    )
    .await)
    .unwrap();
    assert_eq!(shown(&scene).await.len(), 2, "only staged yet");
    flip(&scene, id, 1).await.unwrap();
    assert_eq!(shown(&scene).await, pairs([("1.0.0", "shown")]));
    let found = versions::find_manifest(scene.db.read(), id, 2, &version("2.0.0")).await;
    assert!(found.unwrap().is_none());
    let outlines = versions::outlines(scene.db.read(), id, 2).await.unwrap();
    assert_eq!(outlines.len(), 2, "a plan still knows of it");
    write!(scene, |tx| versions::stage_quarantine(
        tx,
        id,
        3,
        (&bad, None)
    )
    .await)
    .unwrap();
    flip(&scene, id, 2).await.unwrap();
    assert_eq!(shown(&scene).await.len(), 2);
}

async fn manifests_come_in_pages_without_gap_or_repeat(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    let texts: BTreeSet<String> = (0..10)
        .flat_map(|n| {
            [
                format!("{n}.0.0"),
                format!("1.{n}.0-rc.{n}"),
                format!("1.0.{n}-A"),
            ]
        })
        .collect();
    let all = texts.iter().map(|text| new_version(text, "n", SHA_A));
    publish(&scene, id, 0, all.collect()).await;
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = versions::manifests(scene.db.read(), id, 1, after.as_ref(), 7).await;
        let page = page.unwrap();
        let Some((last, _)) = page.last() else { break };
        after = Some(last.clone());
        seen.extend(page.iter().map(|(version, _)| version.to_string()));
    }
    assert_eq!(seen.len(), texts.len());
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), texts);
}

async fn more_versions_than_fit_in_a_statement_are_staged(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    let all: Vec<_> = (0..1201)
        .map(|n| new_version(&format!("1.0.{n}"), "n", SHA_A))
        .collect();
    publish(&scene, id, 0, all).await;
    let outlines = versions::outlines(scene.db.read(), id, 1).await.unwrap();
    assert_eq!(outlines.len(), 1201);
    let gone: Vec<_> = (0..1200).map(|n| version(&format!("1.0.{n}"))).collect();
    write!(scene, |tx| versions::stage_removals(tx, id, 2, &gone).await).unwrap();
    flip(&scene, id, 1).await.unwrap();
    assert_eq!(shown(&scene).await, pairs([("1.0.1200", "n")]));
}

async fn a_sync_is_recorded_with_its_validators(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    let mark = |etag: &str| UpstreamMark {
        etag: Some(etag.to_owned()),
        ..UpstreamMark::default()
    };
    let now = scene.later(Duration::from_secs(1));
    let first = mark("\"one\"");
    write!(scene, |tx| packages::record_sync(
        tx,
        id,
        true,
        Some(&first),
        now
    )
    .await)
    .unwrap();
    let stored = async |name: &PackageName| {
        let found = packages::find(scene.db.read(), name).await;
        found.unwrap().unwrap()
    };
    let package = stored(&package("x")).await;
    assert_eq!(package.synced_at, Some(now));
    assert!(package.is_synced_cleanly);
    assert_eq!(package.upstream.etag.as_deref(), Some("\"one\""));
    // Upstream says that nothing changed, without repeating its validators.
    write!(scene, |tx| packages::record_sync(tx, id, false, None, now)
        .await)
    .unwrap();
    let package = stored(&package.name).await;
    assert!(!package.is_synced_cleanly);
    assert_eq!(package.upstream.etag.as_deref(), Some("\"one\""));
}

async fn a_manifest_whose_spans_do_not_fit_is_an_error(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await.id;
    publish(&scene, id, 0, vec![new_version("1.0.0", "first", SHA_A)]).await;
    for damage in [
        "tarball_start = 100000",
        "tarball_len = -5",
        "tarball_start = -1",
    ] {
        scene
            .meddle(format!("UPDATE package_versions SET {damage}"))
            .await;
        let read = versions::manifests(scene.db.read(), id, 1, None, 10).await;
        assert!(matches!(read, Err(StoreError::Corrupt { .. })), "{damage}");
    }
}
