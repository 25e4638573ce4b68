//! A content store beside a stand-in, with packages whose tarballs are all lazy.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{TryStreamExt, future::BoxFuture};
use tempfile::TempDir;
use weir_blob::Blobs;
use weir_content::{Content, Flight, Shown, Tarball};
use weir_domain::{
    PackageName, PublicBase, Registry, RegistryId, SystemClock, TarballPolicy, Version,
    manifest::ManifestFacts,
};
use weir_store::{
    DatabaseConfig, Db, NoListener, StoreError, Tx, clock,
    packages::{self, Flip, Head, Package},
    registries,
    versions::{self, NewVersion, VersionOutline},
};
use weir_testkit::{PackageSpec, StandIn, TestDatabase};
use weir_upstream::{Timeouts, UpstreamConfig, Upstreams};

pub struct Shelf {
    pub upstream: StandIn,
    pub content: Content,
    pub registry: Registry,
    pub folder: TempDir,
    _database: TestDatabase,
}

impl Shelf {
    pub async fn of(packages: impl IntoIterator<Item = PackageSpec>) -> Self {
        let upstream = StandIn::start(packages).await;
        let url = format!("{}/", upstream.url());
        Self::at(upstream, &url).await
    }

    /// A shelf whose registry is elsewhere.
    pub async fn at(upstream: StandIn, url: &str) -> Self {
        let database = TestDatabase::of_this_run().await;
        let folder = tempfile::tempdir().expect("a folder");
        let config = DatabaseConfig::new(database.url());
        let db = Db::open(&config, Arc::new(NoListener)).await;
        let blobs = Blobs::open(&folder.path().join("blobs")).expect("a folder");
        let mut config = UpstreamConfig::new(folder.path().join("spool"));
        config.timeouts = Timeouts {
            silence: Duration::from_millis(500),
            ..Timeouts::default()
        };
        let upstreams = Upstreams::new(config, Arc::new(SystemClock)).expect("usable");
        let registry = Registry {
            id: RegistryId::new(),
            slug: "default".to_owned(),
            name: "default".to_owned(),
            url: url.parse().expect("a URL"),
            tarballs: TarballPolicy::Tagged,
            is_internal: true,
            allows_undigested: false,
            kind: weir_domain::RegistryKind::Npm,
            user_prefix: None,
            change_stream: None,
            removals: weir_domain::RemovalPolicy::Keep,
            downloads: None,
        };
        let shelf = Self {
            upstream,
            content: Content::new(db.expect("opens"), blobs, upstreams),
            registry: registry.clone(),
            folder,
            _database: database,
        };
        shelf
            .write(move |tx| {
                Box::pin(async move {
                    let now = clock::now(&**tx).await?;
                    registries::seed(tx, &registry, now).await.map(drop)
                })
            })
            .await;
        shelf
    }

    pub async fn write<T: Send + 'static>(
        &self,
        work: impl for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    ) -> T {
        self.content.db.write(work).await.expect("written")
    }

    /// Shows the upstream's present packument of `package`, whatever was shown before.
    pub async fn show(&self, package: &str) -> Package {
        let packument = self.upstream.packument_of(package);
        let manifests = packument["versions"].as_object().expect("versions");
        let texts = manifests
            .iter()
            .map(|(number, manifest)| (number.clone(), manifest.to_string()));
        let tags = packument["dist-tags"].as_object().expect("tags").iter();
        let tags = tags.map(|(tag, v)| (tag.clone(), version(v.as_str().expect("a version"))));
        let head = Head {
            dist_tags: tags.collect(),
            ..Head::default()
        };
        self.show_these(package, texts.collect(), head).await
    }

    /// Shows these manifests.
    pub async fn show_these(
        &self,
        package: &str,
        manifests: Vec<(String, String)>,
        head: Head,
    ) -> Package {
        let (package, registry) = (name(package), self.registry.id);
        let staged: Vec<NewVersion> = manifests
            .into_iter()
            .map(|(number, raw)| NewVersion {
                facts: ManifestFacts::read(&package, &number, &raw).expect("a manifest"),
                raw,
                published_at: None,
                keeps_tarball: true,
            })
            .collect();
        self.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let row = packages::ensure(tx, &package, registry, now).await?;
                versions::stage(tx, row.id, row.revision + 1, &staged).await?;
                let flip = Flip {
                    package: row.id,
                    name: package.clone(),
                    from_revision: row.revision,
                    policy_generation: row.policy_generation,
                    head,
                    upstream: row.upstream,
                };
                packages::flip(tx, &flip, &[], now).await?;
                Ok(packages::find(&**tx, &package).await?.expect("there"))
            })
        })
        .await
    }

    pub async fn outline(&self, package: &str, number: &str) -> VersionOutline {
        let db = self.content.db.read();
        let place = packages::find_place(db, &name(package)).await;
        let place = place.expect("readable").expect("there");
        let outline = versions::find_outline(db, place.id, place.revision, &version(number)).await;
        outline.expect("readable").expect("there")
    }

    /// Joins or begins the flight of a tarball that is not held.
    pub async fn flight(&self, package: &str, number: &str) -> Arc<Flight> {
        let tarball = self.content.tarball(&name(package), &version(number)).await;
        match tarball.expect("readable").expect("there").tarball {
            Tarball::Lazy(flight) => flight,
            held @ Tarball::Held(..) => panic!("{held:?}"),
        }
    }

    /// Returns how many bytes of files lie under `blobs`, outside of temporaries and in them.
    pub fn bytes_on_disk(&self) -> (u64, u64) {
        let root = self.folder.path().join("blobs");
        (sum(&root.join("blobs")), sum(&root.join("tmp")))
    }
}

fn sum(folder: &std::path::Path) -> u64 {
    let Ok(listing) = std::fs::read_dir(folder) else {
        return 0;
    };
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => sum(&entry.path()),
        Ok(meta) => meta.len(),
        Err(_) => 0,
    };
    listing.flatten().map(size).sum()
}

/// Reads a flight to its end: announced length, bytes, and the error that ended it, if one.
pub async fn read(flight: Arc<Flight>) -> (u64, Bytes, Option<String>) {
    let (length, mut stream) = match flight.stream().await {
        Ok(begun) => begun,
        Err(error) => return (0, Bytes::new(), Some(error.to_string())),
    };
    let mut bytes = Vec::new();
    loop {
        match stream.try_next().await {
            Ok(Some(piece)) => bytes.extend_from_slice(&piece),
            Ok(None) => return (length, bytes.into(), None),
            Err(error) => return (length, bytes.into(), Some(error.to_string())),
        }
    }
}

pub fn shown(row: Package) -> Shown {
    Shown {
        package: row.id,
        name: row.name,
        revision: row.revision,
        policy_generation: row.policy_generation,
        head: row.head,
    }
}

pub fn name(text: &str) -> PackageName {
    PackageName::parse(text).expect("a package name")
}

pub fn version(text: &str) -> Version {
    Version::parse(text).expect("a version")
}

pub fn base(text: &str) -> PublicBase {
    PublicBase::parse(text).expect("a base")
}

/// A package `a` with one version of about this size.
pub fn sized(bytes: usize) -> PackageSpec {
    PackageSpec::new("a").version("1.0.0", |version| version.size(bytes))
}
