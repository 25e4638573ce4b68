//! The job against a source that is a script, on both engines; its plan as tables.
//!
//! A [`Scene`] runs tasks as the engine does, one at a time and in the hands of the test: so a run
//! can be dropped between any two packages, as a process that dies drops it.

mod incremental;
mod plans;
mod removals;
mod resume;
mod source;
mod whole;

use std::{sync::Arc, time::Duration};

use weir_domain::{
    Registry, RegistryId, RegistryKind, RemovalPolicy, TarballPolicy, TaskId, Timestamp, WorkerId,
    catalogue::{CatalogueOptions, CatalogueProgress, CatalogueSettings, Note},
    task::{Priority, SyncCatalogue, SyncOptions, TaskSpec, TaskState},
};
use weir_store::{
    DatabaseConfig, Db, NoListener,
    catalogue::{
        self, Known,
        sources::{self, Source},
    },
    clock, registries,
    tasks::{self, ClaimLimits, NewRequest, NewTask, Task},
};
use weir_testkit::{TestDatabase, until};

use self::source::Script;
use super::synchronise;
use crate::{
    EngineSettings,
    engine::trial::Trial,
    job::{Done, JobError},
};

/// Longest wait for what comes by itself.
const DEADLINE: Duration = Duration::from_secs(20);

/// A catalogue and its source.
struct Scene {
    db: Db,
    script: Arc<Script>,
    registry: Registry,
    worker: WorkerId,
    _database: TestDatabase,
}

fn full() -> CatalogueOptions {
    CatalogueOptions {
        is_full: true,
        ..CatalogueOptions::default()
    }
}

fn incremental() -> CatalogueOptions {
    CatalogueOptions::default()
}

/// Asks for a look at these.
fn hinting(texts: &[&str]) -> CatalogueOptions {
    CatalogueOptions {
        hints: texts.iter().map(|text| source::reference(text)).collect(),
        ..CatalogueOptions::default()
    }
}

/// Returns what the warnings of a task are about.
fn noted(task: &Task) -> Vec<(&str, &str)> {
    let notes = task.report.iter().flat_map(|report| &report.notes);
    let pair = |note| {
        let Note {
            code, reference, ..
        }: &Note = note;
        (code.as_str(), reference.as_deref().unwrap_or_default())
    };
    notes.map(pair).collect()
}

/// Returns what a task came to.
fn report(task: &Task) -> CatalogueProgress {
    let report = task.report.as_ref().and_then(|report| report.catalogue);
    report.unwrap_or_else(|| panic!("{task:?} has a report"))
}

impl Scene {
    async fn of(database: TestDatabase) -> Self {
        let config = DatabaseConfig::new(database.url());
        let db = Db::open(&config, Arc::new(NoListener)).await;
        let scene = Self {
            db: db.expect("the database opens"),
            script: Arc::default(),
            registry: registry("conan"),
            worker: WorkerId::new(),
            _database: database,
        };
        scene.make_registry().await;
        scene.settings(|_| {}).await;
        scene
    }

    async fn make_registry(&self) {
        let registry = self.registry.clone();
        let made = self.db.write(move |tx| {
            Box::pin(async move { registries::insert(tx, &registry, Timestamp(0)).await })
        });
        made.await.expect("a registry");
    }

    /// Changes how the source is read.
    async fn settings(&self, change: impl FnOnce(&mut CatalogueSettings)) {
        let mut settings = CatalogueSettings::default();
        change(&mut settings);
        self.make_source(self.registry.id, settings).await;
    }

    async fn make_source(&self, registry: RegistryId, settings: CatalogueSettings) {
        let put = self.db.write(move |tx| {
            Box::pin(async move { sources::put(tx, registry, &settings, Timestamp(0)).await })
        });
        put.await.expect("a source");
    }

    async fn source(&self) -> Source {
        let source = sources::find(self.db.read(), self.registry.id).await;
        source.expect("asked").expect("there")
    }

    async fn submit(&self, options: CatalogueOptions) -> TaskId {
        let new = NewTask {
            spec: TaskSpec::SyncCatalogue(SyncCatalogue {
                registry: self.registry.id,
                slug: self.registry.slug.clone(),
            }),
            priority: Priority::USER,
            fair_key: 0,
            run_after: Timestamp(0),
            retry_of: None,
        };
        let request = NewRequest {
            options: SyncOptions {
                catalogue: Some(options),
                ..SyncOptions::default()
            },
            ..NewRequest::default()
        };
        let submitted = self.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                tasks::submit(tx, &new, &request, now).await
            })
        });
        submitted.await.expect("submitted").task
    }

    /// Claims a task, if one is ready.
    async fn claim(&self) -> Option<Trial> {
        let limits = ClaimLimits {
            lease: EngineSettings::default().lease,
            min_priority: None,
            accepts_suspects: true,
            closed_lanes: Vec::new(),
        };
        let worker = self.worker;
        let claimed = self.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                tasks::claim(tx, worker, &limits, now).await
            })
        });
        let claimed = claimed.await.expect("claimed")?;
        Some(Trial::begin(&self.db, claimed))
    }

    /// Does the job of a claimed task.
    async fn work(&self, trial: &Trial) -> Result<Done, JobError> {
        let settings = self.source().await.settings;
        synchronise(
            &trial.attempt,
            &self.registry,
            &settings,
            self.script.as_ref(),
        )
        .await
    }

    /// Runs what is ready to its end.
    async fn finish(&self) -> Task {
        let trial = self.claim().await.expect("a task is ready");
        let id = trial.attempt.task.id;
        let ended = self.work(&trial).await;
        assert!(trial.conclude(ended).await, "it is still this worker's");
        self.task(id).await
    }

    /// Submits a task and runs it to its end.
    async fn run(&self, options: CatalogueOptions) -> Task {
        self.submit(options).await;
        self.finish().await
    }

    /// Runs a task that must go well without anything to say.
    async fn run_well(&self, options: CatalogueOptions) -> CatalogueProgress {
        let task = self.run(options).await;
        assert_eq!(task.state, TaskState::Success, "{task:?}");
        assert_eq!(task.warnings, [""; 0]);
        report(&task)
    }

    /// Works on a task until the source hangs, then dies; returns the task.
    async fn die_hanging(&self) -> TaskId {
        let trial = self.claim().await.expect("a task is ready");
        tokio::select! {
            ended = self.work(&trial) => panic!("it ended: {ended:?}"),
            () = self.script.hung.notified() => {}
        }
        trial.flush().await;
        self.rob().await;
        self.script.state().asked.at_once = 0;
        self.script.state().hangs_after = None;
        trial.attempt.task.id
    }

    /// Takes the lease away, as a process does that starts after the other died; waits for what was
    /// being written to be taken back, which happens after its future is gone.
    async fn rob(&self) {
        let worker = self.worker;
        until("the lease to be taken away", DEADLINE, async || {
            let robbed = self.db.write(move |tx| {
                Box::pin(async move {
                    let now = clock::now(&**tx).await?;
                    tasks::return_abandoned(tx, worker, now).await
                })
            });
            robbed.await.expect("returned").lapsed == 1
        })
        .await;
    }

    async fn task(&self, id: TaskId) -> Task {
        let task = tasks::get(self.db.read(), id).await;
        task.expect("it is there")
    }

    async fn known(&self) -> Vec<Known> {
        let known = catalogue::known(self.db.read(), self.registry.id).await;
        known.expect("asked")
    }

    /// Returns what is stored: reference and revision.
    async fn stored(&self) -> Vec<String> {
        let known = self.known().await.into_iter();
        let text = |known: Known| format!("{}#{}", known.reference, known.revision);
        known.map(text).collect()
    }

    /// Fails unless what is stored is what is on the shelf.
    async fn assert_equal(&self) {
        let shelf: Vec<_> = {
            let state = self.script.state();
            let text = |(reference, stamp): (&_, &weir_domain::catalogue::Stamp)| {
                format!("{reference}#{}", stamp.revision)
            };
            state.shelf.iter().map(text).collect()
        };
        assert_eq!(self.stored().await, shelf);
    }
}

fn registry(slug: &str) -> Registry {
    Registry {
        id: RegistryId::new(),
        slug: slug.to_owned(),
        name: slug.to_owned(),
        url: "https://conan.example/".parse().expect("a URL"),
        tarballs: TarballPolicy::Tagged,
        is_internal: false,
        allows_undigested: false,
        kind: RegistryKind::Conan,
        user_prefix: None,
        change_stream: None,
        removals: RemovalPolicy::Keep,
        downloads: None,
    }
}
