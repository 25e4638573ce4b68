//! What a scripted Conan server has: recipes as Conan's client uploads them, by path.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use md5::{Digest, Md5};
use weir_domain::{
    Registry, RegistryKind,
    catalogue::{CatalogueSettings, Reference, Stamp, Strategy},
    conan::{Manifest, package_id},
};
use weir_upstream::{
    Authorization, Timeouts, UpstreamConfig,
    catalogue::{CatalogueLimits, CatalogueSource},
};

use crate::{
    setup::{config, gzip, registry_at, upstreams},
    wire::{Act, Seen, Wire, reply},
};

/// Where an Artifactory has the repository `local`.
pub const LOCAL: &str = "/artifactory/api/conan/local/";

/// A revision of a recipe.
pub struct Upload {
    pub reference: Reference,
    pub stamp: Stamp,
    /// Its files, by name.
    pub files: BTreeMap<&'static str, Vec<u8>>,
}

impl Upload {
    /// A recipe with this class body, and a README if it is not empty.
    pub fn new(reference: &str, body: &str, readme: &str) -> Self {
        Self::exporting(reference, body, readme, &[])
    }

    /// The same, with files beside it.
    pub fn exporting(reference: &str, body: &str, readme: &str, exports: &[(&str, &[u8])]) -> Self {
        let recipe = format!("from conan import ConanFile\nclass A(ConanFile):\n{body}\n");
        let mut lines = vec![format!("conanfile.py: {}", md5(recipe.as_bytes()))];
        let mut files = BTreeMap::new();
        if !readme.is_empty() {
            lines.push(format!(
                "export_source/README.md: {}",
                md5(readme.as_bytes())
            ));
            files.insert("conan_sources.tgz", archive(&[("README.md", readme)]));
        }
        if !exports.is_empty() {
            let line = |(path, bytes): &(&str, &[u8])| format!("{path}: {}", md5(bytes));
            lines.extend(exports.iter().map(line));
            files.insert("conan_export.tgz", packed(exports));
        }
        let manifest = format!("1763752000\n{}\n", lines.join("\n"));
        let revision = Manifest::parse(manifest.as_bytes())
            .expect("one")
            .revision();
        files.insert("conanfile.py", recipe.into_bytes());
        files.insert("conanmanifest.txt", manifest.into_bytes());
        Self {
            reference: reference.parse().expect(reference),
            stamp: Stamp { revision, at: None },
            files,
        }
    }

    /// The path of its reference, below the interface.
    pub fn place(&self) -> String {
        let reference = &self.reference;
        let version = reference.version.replace('+', "%2B");
        let (name, user) = (&reference.key.name, &reference.key.namespace);
        format!("v2/conans/{name}/{version}/{user}/{}", reference.channel)
    }

    /// The path of one of its files, below the interface.
    pub fn file(&self, name: &str) -> String {
        format!(
            "{}/revisions/{}/files/{name}",
            self.place(),
            self.stamp.revision
        )
    }
}

/// A binary package of a recipe.
#[derive(Clone)]
pub struct Package {
    pub id: String,
    pub revision: String,
    /// What tells what it is.
    pub info: String,
    /// Its files, by name.
    pub files: BTreeMap<&'static str, Vec<u8>>,
}

impl Package {
    /// A package with this `conaninfo.txt`.
    pub fn new(info: &str) -> Self {
        let header = "include/sht30.h: c55c08bb46164fbb45dcc46acab2ecdd";
        let digest = md5(info.as_bytes());
        let manifest = format!("1795366835\nconaninfo.txt: {digest}\n{header}\n");
        let revision = Manifest::parse(manifest.as_bytes()).expect("one");
        Self {
            id: package_id(info.as_bytes()),
            revision: revision.revision(),
            info: info.to_owned(),
            files: BTreeMap::from([
                ("conanmanifest.txt", manifest.into_bytes()),
                ("conaninfo.txt", info.as_bytes().to_vec()),
            ]),
        }
    }

    /// Its path, below that of its recipe's revision.
    pub fn place(&self) -> String {
        format!("/packages/{}", self.id)
    }

    /// The end of the path of one of its files.
    pub fn file(&self, name: &str) -> String {
        format!("{}/revisions/{}/files/{name}", self.place(), self.revision)
    }
}

pub fn md5(bytes: &[u8]) -> String {
    hex::encode(Md5::digest(bytes))
}

pub fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (*name, text.as_bytes()))
        .collect();
    packed(&files)
}

pub fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, text) in files {
        // A header of the oldest kind: name, mode, size in octal, checksum.
        let mut header = [0_u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..107].copy_from_slice(b"0000644");
        header[124..135].copy_from_slice(format!("{:011o}", text.len()).as_bytes());
        header[156] = b'0';
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
        archive.extend_from_slice(&header);
        archive.extend_from_slice(text);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.resize(archive.len() + 1024, 0);
    gzip(&archive)
}

/// What is there, by path and query.
pub type Shelf = BTreeMap<String, Vec<u8>>;

/// Puts uploads below a path, with a listing of them.
pub fn shelf(base: &str, uploads: &[&Upload]) -> Shelf {
    let mut shelf = Shelf::new();
    shelf.insert(format!("{base}v1/ping"), Vec::new());
    let names: Vec<_> = uploads
        .iter()
        .map(|one| format!("\"{}\"", one.reference))
        .collect();
    let found = format!(r#"{{"results":[{}]}}"#, names.join(","));
    shelf.insert(format!("{base}v2/conans/search?q=*"), found.into_bytes());
    for upload in uploads {
        let latest = format!(
            r#"{{"revision":"{}","time":"2023-11-14T22:13:20.123+0000"}}"#,
            upload.stamp.revision
        );
        shelf.insert(
            format!("{base}{}/latest", upload.place()),
            latest.into_bytes(),
        );
        for (name, bytes) in &upload.files {
            shelf.insert(format!("{base}{}", upload.file(name)), bytes.clone());
        }
    }
    shelf
}

/// Puts an upload below a path, with its binary packages and a list of them.
pub fn shelf_with(base: &str, upload: &Upload, packages: &[Package]) -> Shelf {
    let mut shelf = shelf(base, &[upload]);
    let below = format!(
        "{base}{}/revisions/{}",
        upload.place(),
        upload.stamp.revision
    );
    let mut listed = serde_json::Map::new();
    for package in packages {
        let content = serde_json::json!({ "content": package.info });
        listed.insert(package.id.clone(), content);
        let latest = format!(r#"{{"revision":"{}"}}"#, package.revision);
        let place = format!("{below}{}", package.place());
        shelf.insert(format!("{place}/latest"), latest.clone().into_bytes());
        let all = format!(r#"{{"revisions":[{latest},{{"revision":"0ld"}}]}}"#);
        shelf.insert(format!("{place}/revisions"), all.into_bytes());
        for (name, bytes) in &package.files {
            shelf.insert(format!("{below}{}", package.file(name)), bytes.clone());
        }
    }
    let listed = serde_json::Value::Object(listed).to_string();
    let search = format!("{below}/search?list_only=False");
    shelf.insert(search, listed.into_bytes());
    shelf
}

/// Serves a shelf; `fault` may answer instead, and is told how often that was asked for before.
pub fn serve(
    shelf: Shelf,
    fault: impl Fn(&Seen, usize) -> Option<Vec<Act>> + Send + Sync + 'static,
) -> Wire {
    let asked = Arc::<std::sync::Mutex<BTreeMap<String, AtomicUsize>>>::default();
    Wire::start(move |seen| {
        let count = {
            let mut asked = asked.lock().expect("no panic in a server");
            let count = asked.entry(seen.path().to_owned()).or_default();
            count.fetch_add(1, Ordering::Relaxed)
        };
        fault(seen, count).unwrap_or_else(|| {
            vec![Act::Send(match shelf.get(seen.path()) {
                Some(bytes) => ok(bytes),
                None => reply("404 Not Found", &[], br#"{"errors":[{"status":404}]}"#),
            })]
        })
    })
}

pub fn ok(bytes: &[u8]) -> Vec<u8> {
    reply("200 OK", &[], bytes)
}

/// Serves a shelf faultlessly.
pub fn serve_well(shelf: Shelf) -> Wire {
    serve(shelf, |_, _| None)
}

/// Limits short enough for tests.
pub fn short() -> UpstreamConfig {
    let mut config = config();
    config.catalogue = CatalogueLimits {
        first_pause: Duration::from_millis(10),
        max_pause: Duration::from_secs(2),
        listing: Timeouts {
            headers: Duration::from_secs(10),
            silence: Duration::from_secs(10),
            ..config.timeouts
        },
        page_rows: 3,
        recipe_bytes: 4096,
        readme_bytes: 1000,
        data_bytes: 2000,
        info_bytes: 2000,
        ..CatalogueLimits::default()
    };
    // What comes back later is not to be held up by the breaker.
    config.hosts.failures_to_open = 1000;
    config
}

/// A source, and how it is read.
pub struct Plan {
    pub registry: Registry,
    pub settings: CatalogueSettings,
    pub authorization: Option<Authorization>,
    pub config: UpstreamConfig,
}

/// A plain Conan server.
pub fn plain(wire: &Wire) -> Plan {
    let mut registry = registry_at(&wire.url("up.example"), true);
    registry.kind = RegistryKind::Conan;
    Plan {
        registry,
        settings: CatalogueSettings::default(),
        authorization: None,
        config: short(),
    }
}

/// The repository `local` of an Artifactory.
pub fn artifactory(wire: &Wire, strategy: Strategy) -> Plan {
    let mut registry = registry_at(&format!("{}artifactory", wire.url("up.example")), true);
    registry.kind = RegistryKind::Artifactory;
    Plan {
        registry,
        settings: CatalogueSettings {
            strategy,
            repository: Some("local".to_owned()),
            ..CatalogueSettings::default()
        },
        authorization: None,
        config: short(),
    }
}

impl Plan {
    pub fn with_canary(mut self, reference: &Reference) -> Self {
        self.settings.canary = Some(reference.clone());
        self
    }

    pub fn with_password(mut self) -> Self {
        self.authorization = Authorization::basic("reader", "hunter2");
        self
    }

    pub fn source(self) -> Arc<dyn CatalogueSource> {
        upstreams(self.config).catalogue(&self.registry, &self.settings, self.authorization)
    }
}
