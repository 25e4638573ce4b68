//! A catalogue that follows one Artifactory, with a worker at work.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use weir_domain::{
    Registry, RegistryId, RegistryKind, RemovalPolicy, TarballPolicy, TaskId, Timestamp,
    catalogue::{CatalogueOptions, CatalogueSettings, Reference, Strategy},
    task::{ErrorCode, Priority, SyncCatalogue, SyncOptions, TaskSpec, TaskState},
};
use weir_runtime::Sealer;
use weir_store::{
    catalogue::{self, sources},
    clock, registries,
    tasks::{self, NewRequest, NewTask, Task},
};
use weir_testkit::{
    Artifactory, PackageSpec, Recipe, StandIn,
    artifactory::{NPM, REPOSITORY, TOKEN},
};
use weir_upstream::catalogue::CatalogueLimits;

use crate::setup::{Mirror, Options};

const SLUG: &str = "parts";
const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// What a source is, beyond its address.
#[derive(Debug)]
pub struct Wanted {
    /// Below which its repository is; the server's own URL unless it is said.
    pub url: Option<String>,
    /// The token that is shown, if any.
    pub token: Option<&'static str>,
    pub settings: CatalogueSettings,
    pub options: Options,
}

impl Default for Wanted {
    fn default() -> Self {
        let mut options = Options::default();
        options.engine.max_attempts = 2;
        options.timeouts.headers = Duration::from_millis(400);
        options.timeouts.silence = Duration::from_millis(400);
        options.timeouts.default_retry_after = Duration::from_millis(20);
        // As patient as it takes not to close the host.
        options.hosts.failures_to_open = 1_000;
        options.catalogue = CatalogueLimits {
            first_pause: Duration::from_millis(5),
            max_pause: Duration::from_secs(2),
            listing: options.timeouts,
            listing_total: Duration::from_secs(5),
            page_rows: 10,
            ..CatalogueLimits::default()
        };
        Self {
            url: None,
            token: None,
            settings: CatalogueSettings {
                repository: Some(REPOSITORY.to_owned()),
                full_every_secs: 0,
                incremental_every_secs: 0,
                ..CatalogueSettings::default()
            },
            options,
        }
    }
}

/// Says what changed by queries, with a token.
pub fn by_query(wanted: &mut Wanted) {
    wanted.token = Some(TOKEN);
    wanted.settings.strategy = Strategy::Aql;
}

/// Is an npm repository, read as anybody.
pub fn of_npm(wanted: &mut Wanted) {
    wanted.settings.strategy = Strategy::Npm;
    wanted.settings.repository = Some(NPM.to_owned());
}

/// References and their revisions.
pub type Shown = BTreeMap<String, String>;

/// A catalogue and its source.
pub struct Scene {
    pub server: Artifactory,
    pub mirror: Mirror,
    pub registry: RegistryId,
}

impl Scene {
    /// Starts a catalogue of these recipes, and synchronises it.
    pub async fn of(recipes: impl IntoIterator<Item = Recipe>) -> Self {
        Self::with(recipes, |_| {}).await
    }

    /// The same of an unusual source.
    pub async fn with(
        recipes: impl IntoIterator<Item = Recipe>,
        change: impl FnOnce(&mut Wanted),
    ) -> Self {
        Self::settled(Artifactory::start(recipes).await, change).await
    }

    /// The same of packages of npm.
    pub async fn of_packages(
        packages: impl IntoIterator<Item = PackageSpec>,
        change: impl FnOnce(&mut Wanted),
    ) -> Self {
        let server = Artifactory::start([]).await;
        for package in packages {
            server.publish(&package);
        }
        let change = |wanted: &mut Wanted| {
            of_npm(wanted);
            change(wanted);
        };
        Self::settled(server, change).await
    }

    async fn settled(server: Artifactory, change: impl FnOnce(&mut Wanted)) -> Self {
        let scene = Self::at(server, change).await;
        let task = scene.sync().await;
        assert_eq!(task.state, TaskState::Success, "{task:?}");
        scene.assert_current().await;
        scene.server.forget();
        scene
    }

    /// Starts an empty catalogue of this server.
    pub async fn at(server: Artifactory, change: impl FnOnce(&mut Wanted)) -> Self {
        // A mirror is large, and so is the future of one.
        let scene = Box::pin(Self::idle(server, change)).await;
        scene.mirror.work();
        scene
    }

    /// Prepares an empty catalogue at which nobody works yet.
    pub async fn idle(server: Artifactory, change: impl FnOnce(&mut Wanted)) -> Self {
        let mut wanted = Wanted::default();
        change(&mut wanted);
        let Wanted {
            url,
            token,
            settings,
            options,
        } = wanted;
        let upstream = StandIn::start([]).await;
        let mut mirror = Box::pin(Mirror::idle(upstream, |all| *all = options)).await;
        let sealer = Arc::new(Sealer::from_text(KEY, "test").expect("a key"));
        let content = mirror.environment.content.clone();
        mirror.environment.content = content.opening_with(sealer.clone());
        mirror.environment.sealer = sealer.clone();
        let url = url.unwrap_or_else(|| format!("{}/", server.url()));
        let registry = registry(&url);
        let id = registry.id;
        let sealed = token.map(|token| {
            let plain = serde_json::json!({ "token": token }).to_string();
            let place = registries::credentials_place(id);
            sealer.seal(plain.as_bytes(), &place).expect("sealed")
        });
        let written = mirror.environment.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                registries::insert(tx, &registry, now).await?;
                registries::set_credentials(tx, id, sealed.as_deref(), now).await?;
                sources::put(tx, id, &settings, now).await
            })
        });
        written.await.expect("the source is written");
        Self {
            server,
            mirror,
            registry: id,
        }
    }

    /// Asks for a run and returns its task.
    pub async fn submit(&self, options: CatalogueOptions) -> TaskId {
        let new = NewTask {
            spec: TaskSpec::SyncCatalogue(SyncCatalogue {
                registry: self.registry,
                slug: SLUG.to_owned(),
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
        let submitted = self.mirror.environment.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                tasks::submit(tx, &new, &request, now).await
            })
        });
        submitted.await.expect("submitted").task
    }

    /// Runs and waits for the end.
    pub async fn sync_with(&self, options: CatalogueOptions) -> Task {
        let id = self.submit(options).await;
        self.mirror.end_of(id).await
    }

    /// Lists and compares everything.
    pub async fn sync(&self) -> Task {
        self.sync_with(full()).await
    }

    /// Looks at what changed.
    pub async fn follow(&self) -> Task {
        self.sync_with(CatalogueOptions::default()).await
    }

    /// Returns what the catalogue has.
    pub async fn shown(&self) -> Shown {
        let db = self.mirror.environment.db.read();
        let known = catalogue::known(db, self.registry).await.expect("readable");
        let row = |one: catalogue::Known| (one.reference.to_string(), one.revision);
        known.into_iter().map(row).collect()
    }

    /// Returns what the server has.
    pub fn there(&self) -> Shown {
        let references = self.server.references().into_iter();
        let row = |text: String| {
            let reference: Reference = text.parse().ok()?;
            let text = reference.to_string();
            Some((text.clone(), self.server.revision(&text)?))
        };
        let recipes = references.filter_map(row);
        let packages = self.server.published().into_iter();
        let packages = packages.map(|(reference, digest)| (reference.to_string(), digest));
        recipes.chain(packages).collect()
    }

    /// Fails unless the catalogue has what the server has.
    pub async fn assert_current(&self) {
        assert_eq!(self.shown().await, self.there());
    }

    /// Runs under whatever was arranged: it fails with this code, and nothing shown changes.
    pub async fn assert_fails(&self, code: ErrorCode, says: &str) -> Task {
        let before = self.shown().await;
        let task = self.sync().await;
        assert_eq!(task.state, TaskState::Error, "{task:?}");
        assert_eq!(task.error_code, Some(code), "{task:?}");
        let said = task.error.clone().unwrap_or_default();
        assert!(said.contains(says), "{said}");
        assert_eq!(self.shown().await, before, "the catalogue is as it was");
        task
    }

    /// Runs under whatever was arranged: it succeeds with this many warnings.
    pub async fn assert_succeeds(&self, warnings: usize) -> Task {
        let task = self.sync().await;
        assert_eq!(task.state, TaskState::Success, "{task:?}");
        assert_eq!(task.warnings.len(), warnings, "{:#?}", task.warnings);
        task
    }

    /// Nothing is arranged any more: a run brings the catalogue to where the server is.
    pub async fn assert_heals(&self) {
        self.server.heal();
        self.assert_succeeds(0).await;
        self.assert_current().await;
    }

    /// Ends the test: nothing was asked that no Artifactory has.
    pub async fn close(self) {
        self.server.heal();
        self.mirror.close().await;
        self.server.assert_nothing_unexpected();
    }
}

/// Lists and compares everything.
pub fn full() -> CatalogueOptions {
    CatalogueOptions {
        is_full: true,
        ..CatalogueOptions::default()
    }
}

/// Some recipes of several packages.
pub fn few() -> Vec<Recipe> {
    let mut recipes: Vec<Recipe> = Recipe::crowd(4).collect();
    for version in ["0.0.4", "0.0.5"] {
        let recipe = Recipe::new(&format!("sht30/{version}@caisong123"));
        recipes.push(recipe.topics(&["sensor"]).readme("# SHT30\n"));
    }
    recipes
}

fn registry(url: &str) -> Registry {
    Registry {
        id: RegistryId::new(),
        slug: SLUG.to_owned(),
        name: SLUG.to_owned(),
        kind: RegistryKind::Artifactory,
        url: url.parse().expect("a URL"),
        tarballs: TarballPolicy::default(),
        is_internal: true,
        allows_undigested: false,
        removals: RemovalPolicy::Keep,
        downloads: None,
        user_prefix: None,
        change_stream: None,
    }
}
