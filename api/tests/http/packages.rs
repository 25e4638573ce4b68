//! Packages put in place as a sync would: manifests staged, tarballs held, documents
//! rendered, then made visible.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Value, json};
use weir_content::Shown;
use weir_domain::{
    Digest, Integrity, PublicBase, RegistryId, Timestamp, Version, manifest::ManifestFacts,
};
use weir_store::{
    blobs, clock,
    packages::{self, Flip, Head, Package, UpstreamMark},
    versions::{self, NewVersion},
};

use weir_testkit::StandIn;

use super::server::{Server, name};

/// When every package of the tests last changed.
pub const MODIFIED: &str = "2026-01-02T03:04:05.678Z";

/// A package to be made visible.
pub struct Made {
    name: &'static str,
    versions: Vec<(&'static str, Bytes)>,
    tags: Vec<(&'static str, &'static str)>,
}

/// Begins a package; `latest` is its first version.
pub fn package(name: &'static str) -> Made {
    Made {
        name,
        versions: Vec::new(),
        tags: Vec::new(),
    }
}

impl Made {
    /// Adds a version whose tarball has these bytes.
    pub fn version(mut self, number: &'static str, tarball: impl Into<Bytes>) -> Self {
        self.versions.push((number, tarball.into()));
        if self.tags.is_empty() {
            self.tags.push(("latest", number));
        }
        self
    }

    /// Adds or moves a tag.
    pub fn tag(mut self, tag: &'static str, number: &'static str) -> Self {
        self.tags.retain(|(known, _)| *known != tag);
        self.tags.push((tag, number));
        self
    }

    fn manifest(&self, number: &str) -> Value {
        let unscoped = self.name.rsplit('/').next().expect("one");
        json!({
            "name": self.name,
            "version": number,
            "scripts": {"postinstall": "node x"},
            "odd": [1, {"x": null}],
            "dist": {
                "tarball": format!("https://registry.example/{}/-/{unscoped}-{number}.tgz", self.name),
                "integrity": "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
            },
        })
    }

    fn head(&self) -> Head {
        let tags = self
            .tags
            .iter()
            .map(|(tag, number)| ((*tag).to_owned(), version(number)));
        let mut time: BTreeMap<_, _> = self
            .versions
            .iter()
            .map(|(number, _)| ((*number).to_owned(), MODIFIED.to_owned()))
            .collect();
        time.insert("modified".to_owned(), MODIFIED.to_owned());
        let readme = serde_json::value::to_raw_value("# Read me").expect("JSON");
        Head {
            dist_tags: tags.collect(),
            time,
            root: vec![("readme".to_owned(), readme)],
            modified_at: Timestamp::parse(MODIFIED),
        }
    }

    /// Makes it visible, tarballs and all, rendered for the server's first base.
    pub async fn publish(self, server: &Server) -> Package {
        let mut staged = Vec::new();
        let mut held = Vec::new();
        for (number, tarball) in &self.versions {
            let new = staged_version(self.name, number, self.manifest(number).to_string());
            let promised = new.facts.integrity.clone();
            staged.push(new);
            let blob = server
                .content
                .blobs
                .stage(tarball.clone())
                .await
                .expect("staged");
            held.push((
                version(number),
                promised,
                (Digest::of(tarball), tarball.len() as u64),
            ));
            server
                .content
                .blobs
                .publish(vec![blob])
                .await
                .expect("published");
        }
        let package = stage(server, self.name, server.registry.id, (staged, held)).await;
        reveal(server, &package, self.head()).await;
        package
    }
}

/// Makes a package of the stand-in visible, all its tarballs lazy.
pub async fn publish_lazily(server: &Server, stand_in: &StandIn, name: &str) -> Package {
    let registry = server.registry_at("stand-in", stand_in.url()).await;
    let packument = stand_in.packument_of(name);
    let manifests = packument["versions"].as_object().expect("versions");
    let staged = manifests
        .iter()
        .map(|(number, manifest)| staged_version(name, number, manifest.to_string()))
        .collect();
    let package = stage(server, name, registry.id, (staged, Vec::new())).await;
    let head = Head {
        modified_at: Timestamp::parse(MODIFIED),
        ..Head::default()
    };
    reveal(server, &package, head).await;
    package
}

fn staged_version(package: &str, number: &str, raw: String) -> NewVersion {
    NewVersion {
        facts: ManifestFacts::read(&name(package), number, &raw).expect("a manifest"),
        raw,
        published_at: None,
        keeps_tarball: false,
    }
}

type Held = Vec<(Version, Option<Integrity>, (Digest, u64))>;

async fn stage(
    server: &Server,
    package: &str,
    registry: RegistryId,
    (staged, held): (Vec<NewVersion>, Held),
) -> Package {
    let package = name(package);
    let made = server.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let package = packages::ensure(tx, &package, registry, now).await?;
            versions::discard_stage(tx, package.id, package.revision).await?;
            versions::stage(tx, package.id, package.revision + 1, &staged).await?;
            for (version, promised, blob) in &held {
                blobs::announce(tx, &[*blob], now).await?;
                blobs::stored(tx, &[*blob], now).await?;
                versions::hold(tx, package.id, version, promised.as_ref(), *blob).await?;
            }
            Ok(package)
        })
    });
    made.await.expect("staged")
}

async fn reveal(server: &Server, package: &Package, head: Head) {
    let shown = Shown {
        package: package.id,
        name: package.name.clone(),
        revision: package.revision + 1,
        policy_generation: package.policy_generation,
        head: head.clone(),
    };
    let base = PublicBase::parse(&server.url("")).expect("a base");
    let documents = server
        .content
        .render(&shown, &base)
        .await
        .expect("rendered");
    let flip = Flip {
        package: package.id,
        name: package.name.clone(),
        from_revision: package.revision,
        policy_generation: package.policy_generation,
        head,
        upstream: UpstreamMark::default(),
    };
    let flipped = server.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let kept: Vec<_> = documents
                .iter()
                .map(|document| (document.digest, document.size_bytes))
                .collect();
            blobs::stored(tx, &kept, now).await?;
            packages::flip(tx, &flip, &documents, now).await
        })
    });
    flipped.await.expect("flipped");
}

fn version(text: &str) -> Version {
    Version::parse(text).expect("a version")
}
