//! What a dead run leaves between its steps: the next one ends where an undisturbed one
//! would have.
//!
//! Each test makes by hand what a process killed at that point leaves in the database and
//! on the disk, or robs a held run of its lease, and then compares with a mirror to which
//! nothing happened.

use weir_content::TarballSource;
use weir_domain::{
    TarballPolicy,
    task::{SyncOptions, TaskState},
};
use weir_render::Form;
use weir_store::{
    StoreError, clock, packages, registries, task_trees, tasks,
    versions::{self, NewVersion},
};
use weir_testkit::{Fault, PackageSpec, presets};

use crate::setup::{Mirror, alone, name, package, version};

/// What of a package a client or a later sync can see.
#[derive(Debug, PartialEq)]
struct Seen {
    documents: Vec<serde_json::Value>,
    held: Vec<String>,
    hidden: Vec<String>,
    is_clean: bool,
}

impl Mirror {
    async fn seen(&self, package: &str) -> Seen {
        let mut documents = Vec::new();
        for form in Form::ALL {
            let mut shown = self.shown(package, form).await;
            // Our revision counts the flips, and those may differ.
            shown.as_object_mut().expect("an object").remove("_rev");
            documents.push(shown);
        }
        let outlines = self.outlines(package).await;
        let hidden = outlines.iter().filter(|o| o.quarantine.is_some());
        Seen {
            documents,
            held: self.held(package).await,
            hidden: hidden.map(|o| o.version.to_string()).collect(),
            is_clean: self.row(package).await.is_synced_cleanly,
        }
    }

    /// Writes what a run that died had written.
    async fn leave<F>(&self, work: F)
    where
        F: for<'t> FnOnce(
                &'t weir_store::Tx,
                packages::Package,
            ) -> futures::future::BoxFuture<'t, Result<(), StoreError>>
            + Send
            + 'static,
    {
        let row = self.row("a").await;
        let written = self
            .environment
            .db
            .write(move |tx| Box::pin(async move { work(tx, row).await }));
        written.await.expect("written");
    }
}

/// Compares a mirror after its crash with one that had none.
async fn assert_as_undisturbed(mirror: &Mirror, spec: PackageSpec, before: &[&str]) {
    let calm = Mirror::of([]).await;
    for number in before {
        calm.upstream.put(subset(&spec, number));
        calm.sync("a").await;
    }
    calm.upstream.put(spec);
    calm.sync("a").await;
    calm.sync("a").await;
    let (mut ours, mut theirs) = (mirror.seen("a").await, calm.seen("a").await);
    for seen in [&mut ours, &mut theirs] {
        seen.documents.iter_mut().for_each(forget_instants);
    }
    assert_eq!(ours, theirs);
    calm.close().await;
}

fn subset(spec: &PackageSpec, up_to: &str) -> PackageSpec {
    let mut subset = spec.clone();
    let last = version(up_to);
    for known in spec.versions() {
        if version(known.number()) > last {
            subset = subset.without_version(known.number());
        }
    }
    subset
}

/// The stand-in's clock counts editions, which differ between the two.
fn forget_instants(document: &mut serde_json::Value) {
    let document = document.as_object_mut().expect("an object");
    document.remove("modified");
    if let Some(time) = document
        .get_mut("time")
        .and_then(|time| time.as_object_mut())
    {
        time.remove("modified");
    }
}

fn abc() -> PackageSpec {
    package("a", &["1.0.0", "1.1.0"])
}

#[tokio::test]
async fn killed_while_staging_nothing_of_the_stage_is_ever_shown() {
    let mirror = Mirror::of([abc()]).await;
    mirror.sync("a").await;
    let before = mirror.seen("a").await;
    let facts = mirror.facts("1.0.0").await;
    mirror
        .leave(move |tx, row| {
            Box::pin(async move {
                let mut stray = facts.clone();
                stray.facts.version = version("6.6.6");
                let renewed = facts;
                versions::stage(tx, row.id, row.revision + 1, &[stray, renewed]).await
            })
        })
        .await;
    assert_eq!(mirror.seen("a").await, before, "a stage is invisible");
    // A sync that changes nothing, one that quarantines, one that adds: none shows it.
    mirror.sync("a").await;
    assert_eq!(mirror.seen("a").await, before);
    mirror.upstream.tarball("a", "1.0.0").always(Fault::Corrupt);
    let options = SyncOptions {
        specific_versions: [version("1.0.0")].into(),
        ..alone()
    };
    mirror.sync_with("a", options).await;
    assert_eq!(mirror.versions("a").await, ["1.1.0"]);
    mirror.upstream.tarball("a", "1.0.0").clear();
    mirror.upstream.publish("a", "1.2.0", |v| v.size(3_000));
    mirror.sync("a").await;
    assert_eq!(mirror.versions("a").await, ["1.0.0", "1.1.0", "1.2.0"]);
    mirror.close().await;
}

impl Mirror {
    /// Returns a version of `a` as it would be staged.
    async fn facts(&self, number: &str) -> NewVersion {
        let row = self.row("a").await;
        let db = self.environment.db.read();
        let manifest = versions::find_manifest(db, row.id, row.revision, &version(number)).await;
        let raw = manifest.expect("readable").expect("there").raw;
        NewVersion {
            facts: weir_domain::manifest::ManifestFacts::read(&name("a"), number, &raw)
                .expect("a manifest"),
            raw,
            published_at: None,
            keeps_tarball: false,
        }
    }
}

#[tokio::test]
async fn killed_between_the_flip_and_the_tarballs_the_next_run_fetches_them() {
    let mirror = Mirror::of([abc()]).await;
    let hold = mirror.upstream.any_tarball().hold();
    let id = mirror.submit("a", alone()).await;
    hold.wait_for_arrivals(1).await;
    mirror.rob(id).await;
    hold.release();
    assert_eq!(mirror.end_of(id).await.state, TaskState::Success);
    mirror.sync("a").await;
    assert_as_undisturbed(&mirror, abc(), &[]).await;
    mirror.close().await;
}

#[tokio::test]
async fn killed_after_the_flip_warnings_are_found_again() {
    let mirror = Mirror::of([abc()]).await;
    mirror.sync("a").await;
    assert!(mirror.row("a").await.is_synced_cleanly);
    // A version that is skipped: its warning must survive the death of the run that saw
    // it, although the document it came with is already shown, validators and all.
    mirror.upstream.change("a", |spec| {
        spec.version("1.2.0", |v| v.size(500))
            .version("1.3.0", |v| v.size(500).undigested())
            .tag("latest", "1.2.0")
    });
    let hold = mirror.upstream.any_tarball().hold();
    let id = mirror.submit("a", alone()).await;
    hold.wait_for_arrivals(1).await;
    assert_eq!(mirror.tag("a", "latest").await.as_deref(), Some("1.2.0"));
    mirror.rob(id).await;
    hold.release();
    let task = mirror.end_of(id).await;
    let warning = task.warnings.first().expect("a warning");
    assert!(warning.contains("1.3.0 is skipped"), "{:?}", task.warnings);
    assert!(!mirror.row("a").await.is_synced_cleanly);
    mirror.close().await;
}

#[tokio::test]
async fn killed_while_a_corrupt_tarball_was_tried_the_next_run_hides_it() {
    let mirror = Mirror::of([abc()]).await;
    let tarball = mirror.upstream.tarball("a", "1.1.0");
    tarball.always(Fault::Corrupt);
    let hold = tarball.hold();
    let id = mirror.submit("a", alone()).await;
    hold.wait_for_arrivals(1).await;
    assert_eq!(mirror.versions("a").await, ["1.0.0", "1.1.0"], "lazy");
    mirror.rob(id).await;
    hold.release();
    let task = mirror.end_of(id).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert_eq!(mirror.versions("a").await, ["1.0.0"]);
    assert_eq!(mirror.held("a").await, ["1.0.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn killed_while_hiding_a_version_the_old_document_stays_until_the_next_run() {
    let mirror = Mirror::of([abc()]).await;
    mirror.sync("a").await;
    let before = mirror.seen("a").await;
    mirror
        .leave(|tx, row| {
            Box::pin(async move {
                let hidden = (&version("1.0.0"), Some("it broke its promise"));
                versions::stage_quarantine(tx, row.id, row.revision + 1, hidden).await
            })
        })
        .await;
    assert_eq!(mirror.seen("a").await, before);
    mirror.upstream.publish("a", "1.2.0", |v| v.size(3_000));
    mirror.sync("a").await;
    assert_eq!(mirror.versions("a").await, ["1.0.0", "1.1.0", "1.2.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn killed_between_keeping_and_recording_the_file_is_found_in_place() {
    let mirror = Mirror::of([abc()]).await;
    // Only the document, as if the run had died right after its flip.
    let hold = mirror.upstream.any_tarball().hold();
    let id = mirror.submit("a", alone()).await;
    hold.wait_for_arrivals(1).await;
    let row = mirror.row("a").await;
    let db = mirror.environment.db.read();
    let latest = version("1.1.0");
    let outline = versions::find_outline(db, row.id, row.revision, &latest).await;
    let outline = outline.expect("readable").expect("there");
    let registry = registries::get(db, row.registry.expect("one")).await;
    let source = TarballSource {
        registry: registry.expect("there"),
        url: outline.tarball_url,
        integrity: outline.integrity,
    };
    let content = mirror.environment.content.clone();
    let kept = async {
        let verified = content.fetch(&source, |_| {}).await.expect("fetched");
        content.keep(vec![verified]).await.expect("kept")
    };
    let release = async {
        mirror.rob(id).await;
        hold.release();
    };
    let (kept, ()) = tokio::join!(kept, release);
    mirror.end_of(id).await;
    mirror.sync("a").await;
    let outlines = mirror.outlines("a").await;
    assert_eq!(outlines[1].tarball, Some(kept[0]));
    assert_as_undisturbed(&mirror, abc(), &[]).await;
    mirror.close().await;
}

#[tokio::test]
async fn killed_before_its_end_a_run_still_asks_for_its_dependencies() {
    let packages = [
        package("a", &[]).version("1.0.0", |v| v.size(3_000).dependency("b", "^1")),
        package("b", &["1.0.0", "1.1.0"]),
    ];
    let mirror = Mirror::of(packages).await;
    let hold = mirror.upstream.tarball("a", "1.0.0").hold();
    let id = mirror.submit("a", SyncOptions::default()).await;
    hold.wait_for_arrivals(1).await;
    mirror.rob(id).await;
    hold.release();
    assert!(mirror.end_of_tree(id).await.is_empty());
    assert_eq!(mirror.held("b").await, ["1.1.0"]);
    let db = mirror.environment.db.read();
    let wants = task_trees::wants(db, id, &name("b")).await;
    assert_eq!(wants.expect("readable"), ["^1"]);
    assert_eq!(mirror.tasks().await.len(), 2);
    mirror.close().await;
}

#[tokio::test]
async fn robbed_again_and_again_a_task_that_is_not_to_blame_ends_well() {
    // Two lost leases make a suspect; it runs alone and ends.
    let mirror = Mirror::with([presets::history("a", 30, 400)], |options| {
        options.tarballs = TarballPolicy::All;
    })
    .await;
    let hold = mirror.upstream.tarball("a", "1.0.0").hold();
    let id = mirror.submit("a", alone()).await;
    for run in 1..=2 {
        hold.wait_for_arrivals(run).await;
        mirror.rob(id).await;
    }
    hold.release();
    let task = mirror.end_of(id).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert_eq!(task.crashes, 2);
    assert_eq!(mirror.held("a").await.len(), 30);
    mirror.close().await;
}

#[tokio::test]
async fn a_withdrawn_root_leaves_no_wish_behind() {
    let mirror = Mirror::of([abc()]).await;
    let hold = mirror.upstream.packument("a").hold();
    let id = mirror.submit("a", SyncOptions::default()).await;
    hold.wait_for_arrivals(1).await;
    let cancelled = mirror.environment.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            tasks::cancel(tx, id, "alice", now).await
        })
    });
    cancelled.await.expect("cancelled");
    mirror.rob(id).await;
    let task = mirror.end_of(id).await;
    assert_eq!(task.state, TaskState::Error);
    drop(hold);
    mirror.close().await;
}
