//! What a worker does by itself for what is stored, and the same when somebody asks for it.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use weir_domain::{
    Digest, TarballPolicy, Timestamp,
    task::{CollectBlobs, Priority, SyncOptions, TaskKind, TaskSpec, TaskState, VerifyBlobs},
};
use weir_runtime::Room;
use weir_store::{
    audit, blobs, clock, resyncs, shortages,
    tasks::{self, NewRequest, NewTask, Task},
};
use weir_testkit::{StandIn, until};

use crate::setup::{DEADLINE, Mirror, Options, alone, forced, name, package, version};

const SHORT: Duration = Duration::from_millis(300);

impl Mirror {
    /// Returns the files of all blobs.
    fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.path().join("blobs/blobs")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push(path);
                }
            }
        }
        found
    }

    /// Returns the file of a held tarball.
    async fn file_of(&self, package: &str) -> PathBuf {
        let outlines = self.outlines(package).await.into_iter();
        let mut held = outlines.filter_map(|outline| outline.tarball);
        let (digest, _) = held.next().expect("a tarball is held");
        let files = self.files().into_iter();
        let mut mine = files.filter(|file| file.ends_with(digest.to_string()));
        mine.next().expect("its file is there")
    }

    /// Submits a task of any kind, and waits for its end.
    async fn run(&self, spec: TaskSpec) -> Task {
        let new = NewTask {
            spec,
            priority: Priority::USER,
            fair_key: 0,
            run_after: Timestamp(0),
            retry_of: None,
        };
        let submitted = self.environment.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                tasks::submit(tx, &new, &NewRequest::default(), now).await
            })
        });
        self.end_of(submitted.await.expect("submitted").task).await
    }

    async fn damage(&self) -> Vec<audit::Event> {
        let events = audit::list_of(self.environment.db.read(), audit::BLOB_DAMAGE, 10).await;
        events.expect("readable")
    }
}

/// Short times for whatever nobody refers to.
fn hasty(options: &mut Options) {
    options.engine.upkeep.blob_grace = SHORT;
}

#[tokio::test]
async fn old_renderings_go_and_what_is_shown_stays() {
    let mut mirror = Mirror::with([package("a", &["1.0.0"])], hasty).await;
    mirror.sync_with("a", alone()).await;
    let before: BTreeSet<_> = mirror.files().into_iter().collect();
    mirror.upstream.put(package("a", &["1.0.0", "2.0.0"]));
    mirror.sync_with("a", forced()).await;
    until("the old documents to go", DEADLINE, async || {
        let files: BTreeSet<_> = mirror.files().into_iter().collect();
        // Two documents, and the tarballs that tags named.
        if files.len() == 4 {
            Ok(())
        } else {
            Err(format!("{}", files.len()))
        }
    })
    .await;
    let left: BTreeSet<_> = mirror.files().into_iter().collect();
    assert_eq!(
        before.intersection(&left).count(),
        1,
        "the first tarball stays"
    );
    mirror.stop_working().await;
    mirror.close().await;
}

#[tokio::test]
async fn files_that_nobody_knows_go_once_they_are_old() {
    let mirror = Mirror::idle(StandIn::start([package("a", &["1.0.0"])]).await, hasty).await;
    let hex = Digest::of(b"nobody's").to_string();
    let folder = format!("blobs/blobs/{}", &hex[..2]);
    let folder = mirror.folder.path().join(folder);
    fs::create_dir_all(&folder).expect("made");
    let orphan = folder.join(&hex);
    fs::write(&orphan, "nobody's").expect("written");
    let log = mirror
        .folder
        .path()
        .join("blobs/logs/018f0000-0000-7000-8000-000000000000/1");
    fs::create_dir_all(log.parent().expect("a folder")).expect("made");
    fs::write(&log, "lines").expect("written");
    mirror.work();
    mirror.sync_with("a", alone()).await;
    until("them to go", DEADLINE, async || {
        !orphan.exists() && !log.exists()
    })
    .await;
    mirror.close().await;
}

#[tokio::test]
async fn a_damaged_tarball_is_found_repaired_and_reported() {
    let mirror = Mirror::with([package("a", &["1.0.0"])], |options| {
        options.engine.upkeep.verify_interval = SHORT;
        // Nothing but the repair would fetch it again.
        options.tarballs = TarballPolicy::Requested;
    })
    .await;
    let wanted = SyncOptions {
        specific_versions: [version("1.0.0")].into(),
        ..alone()
    };
    mirror.sync_with("a", wanted).await;
    let file = mirror.file_of("a").await;
    let whole = fs::read(&file).expect("there");
    fs::write(&file, vec![7; whole.len()]).expect("written");
    until("the tarball to be itself again", DEADLINE, async || {
        fs::read(&file).is_ok_and(|bytes| bytes == whole)
    })
    .await;
    let events = mirror.damage().await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert!(
        events[0].detail.ends_with("tarball of a@1.0.0"),
        "{events:?}"
    );
    until("the repair to be over", DEADLINE, async || {
        let tasks = mirror.tasks().await;
        tasks.iter().all(|task| task.state == TaskState::Success) && tasks.len() == 2
    })
    .await;
    assert_eq!(mirror.tasks().await[0].priority, Priority::BULK);
    assert_eq!(mirror.held("a").await, ["1.0.0"]);
    mirror.close().await;
}

fn verify(packages: &[&str], repairs: bool) -> TaskSpec {
    TaskSpec::VerifyBlobs(VerifyBlobs {
        packages: packages.iter().map(|text| name(text)).collect(),
        repairs,
    })
}

#[tokio::test]
async fn whoever_asks_has_everything_read_and_repaired() {
    let packages = [package("a", &["1.0.0"]), package("b", &["1.0.0"])];
    let mirror = Mirror::of(packages).await;
    for package in ["a", "b"] {
        mirror.sync_with(package, alone()).await;
    }
    let task = mirror.run(verify(&[], false)).await;
    assert_eq!((task.state, task.warnings.len()), (TaskState::Success, 0));
    let log = [
        "6 blobs read",
        "Done: 6 blobs are what they are called, 0 were damaged",
    ];
    mirror.log_says(task.id, &log).await;

    for package in ["a", "b"] {
        let file = mirror.file_of(package).await;
        fs::write(file, "damaged").expect("written");
    }
    let task = mirror.run(verify(&["a"], false)).await;
    assert_eq!(task.warnings.len(), 1, "{task:?}");
    assert!(task.warnings[0].contains("tarball of a@1.0.0"), "{task:?}");
    assert_eq!(
        mirror.held("a").await,
        [""; 0],
        "it is fetched when it is asked for"
    );
    let task = mirror.run(verify(&[], true)).await;
    assert_eq!(task.warnings.len(), 1, "{task:?}");
    until("b to be held again", DEADLINE, async || {
        let outlines = mirror.outlines("b").await;
        outlines.iter().any(|outline| outline.tarball.is_some())
    })
    .await;
    assert_eq!(mirror.held("b").await, ["1.0.0"]);
    until("the repair to be over", DEADLINE, async || {
        mirror
            .tasks()
            .await
            .iter()
            .all(|task| task.state.is_final())
    })
    .await;
    mirror.close().await;
}

#[tokio::test]
async fn whoever_asks_has_blobs_collected() {
    let mirror = Mirror::of([package("a", &["1.0.0"])]).await;
    mirror.sync_with("a", alone()).await;
    let db = &mirror.environment.db;
    let aged = db.write(|tx| {
        Box::pin(async move {
            use weir_store::ConnectionTrait;
            tx.execute_unprepared("DELETE FROM documents").await?;
            tx.execute_unprepared("UPDATE blobs SET touched_at = 5")
                .await?;
            Ok(())
        })
    });
    aged.await.expect("written");
    for (is_dry, says) in [
        (true, "refers to 2 further blobs"),
        (true, "refers to 2 further blobs"),
        (false, "refers to 2 further blobs"),
        (false, "refers to 0 further blobs"),
    ] {
        let task = mirror
            .run(TaskSpec::CollectBlobs(CollectBlobs { is_dry }))
            .await;
        assert_eq!(task.state, TaskState::Success, "{task:?}");
        mirror.log_says(task.id, &[says]).await;
    }
    assert_eq!(mirror.files().len(), 3, "they stay for a day");
    let aged = db.write(|tx| {
        Box::pin(async move {
            use weir_store::ConnectionTrait;
            tx.execute_unprepared("UPDATE blobs SET touched_at = 5")
                .await?;
            Ok(())
        })
    });
    aged.await.expect("written");
    let task = mirror
        .run(TaskSpec::CollectBlobs(CollectBlobs { is_dry: false }))
        .await;
    mirror.log_says(task.id, &["2 blobs (0 MiB) deleted"]).await;
    assert_eq!(mirror.files().len(), 1);
    let census = blobs::census(db.read()).await.expect("readable");
    assert_eq!(census.len(), 1);
}

#[tokio::test]
async fn old_tasks_go_by_themselves() {
    let mirror = Mirror::with([package("a", &["1.0.0"])], |options| {
        options.engine.seal_after = Duration::from_millis(50);
        options.engine.upkeep.task_retention = SHORT;
    })
    .await;
    let task = mirror.submit("a", alone()).await;
    let db = mirror.environment.db.read();
    until("the task to be gone", DEADLINE, async || {
        tasks::find(db, task).await.expect("readable").is_none()
    })
    .await;
    let log = mirror.environment.content.log_from_line(task, 1, 10).await;
    assert!(log.expect("readable").is_empty());
    assert_eq!(mirror.versions("a").await, ["1.0.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn mirrored_packages_are_looked_at_again_and_only_what_changed_is_read() {
    let packages = [package("a", &["1.0.0"]), package("b", &["1.0.0"])];
    let mirror = Mirror::of(packages).await;
    for package in ["a", "b"] {
        mirror.sync_with(package, alone()).await;
    }
    let registry = mirror.row("a").await.registry.expect("mirrored");
    let set = mirror.environment.db.write(move |tx| {
        Box::pin(async move { resyncs::set_interval(tx, registry, Duration::from_secs(2)).await })
    });
    set.await.expect("written");
    mirror.upstream.put(package("b", &["1.0.0", "1.1.0"]));
    until("the change to be found", DEADLINE * 2, async || {
        mirror.versions("b").await == ["1.0.0", "1.1.0"]
    })
    .await;
    until("the other to be looked at", DEADLINE * 2, async || {
        let tasks = mirror.tasks().await.into_iter();
        let mut again = tasks.filter(|task| task.target == "a" && task.priority == Priority::BULK);
        again.any(|task| task.report.is_some_and(|report| report.unchanged))
    })
    .await;
    let unset = mirror.environment.db.write(move |tx| {
        Box::pin(async move { resyncs::set_interval(tx, registry, Duration::ZERO).await })
    });
    unset.await.expect("written");
    until("the last round to be through", DEADLINE, async || {
        mirror
            .tasks()
            .await
            .iter()
            .all(|task| task.state.is_final())
    })
    .await;
    mirror.close().await;
}

#[tokio::test]
async fn syncs_wait_while_the_disk_is_low_and_go_on_by_themselves() {
    let free = Arc::new(AtomicU64::new(100 << 20));
    let upstream = StandIn::start([package("a", &["1.0.0"])]).await;
    let mut mirror = Mirror::idle(upstream, |_| {}).await;
    let probe = Arc::clone(&free);
    let folder = mirror.folder.path().to_owned();
    mirror.environment.room = Room::measured_by([folder], 512 << 20, move |_| {
        Ok(probe.load(Ordering::Relaxed))
    });
    mirror.work();
    let task = mirror.submit("a", alone()).await;
    let db = mirror.environment.db.read();
    let reason = until("the reason to be told", DEADLINE, async || {
        let now = clock::now(db).await.expect("a time");
        shortages::find(db, now).await.expect("readable")
    })
    .await;
    assert_eq!(
        reason,
        "the disk is low: 100 MiB are free, 512 MiB should be"
    );
    // Other work goes on meanwhile.
    let other = mirror.run(verify(&[], false)).await;
    assert_eq!(other.state, TaskState::Success);
    let waiting = mirror.task(task).await;
    assert_eq!((waiting.state, waiting.attempts), (TaskState::Waiting, 0));
    free.store(600 << 20, Ordering::Relaxed);
    let ended = mirror.end_of(task).await;
    assert_eq!((ended.state, ended.attempts), (TaskState::Success, 1));
    assert_eq!(ended.kind, TaskKind::SyncPackage);
    let now = clock::now(db).await.expect("a time");
    assert_eq!(shortages::find(db, now).await.expect("readable"), None);
    mirror.close().await;
}

#[tokio::test]
async fn a_disk_that_fills_in_the_middle_costs_no_attempt() {
    let upstream = StandIn::start([weir_testkit::presets::history("a", 3, 600_000)]).await;
    let Some(mut mirror) = Mirror::on_a_disk_of("512k", upstream).await else {
        return; // Nobody may mount one here; weir-blob's tests go through a seam.
    };
    mirror.work();
    let id = mirror.submit("a", alone()).await;
    let told = mirror
        .until_task(id, |task| {
            task.state == TaskState::Waiting && task.error.is_some()
        })
        .await;
    let why = told.error.unwrap_or_default();
    assert!(why.contains("No space left on device"), "{why}");
    assert_eq!(told.attempts, 0);
    mirror.resize_disk("64m");
    mirror.submit("a", forced()).await;
    let ended = mirror.end_of(id).await;
    assert_eq!((ended.state, ended.attempts), (TaskState::Success, 1));
    mirror.check().await;
    mirror.stop_working().await;
}
