//! One version of a made package: what its manifest says and what its tarball holds.

use std::sync::{Arc, OnceLock};

use weir_domain::Timestamp;

use super::{Fields, Tarball, tarball::Contents};

/// Which digests the registry publishes for a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Digests {
    Both,
    ShasumOnly,
    None,
}

/// Describes one version; made through [`super::PackageSpec::version`].
#[derive(Debug, Clone)]
pub struct VersionSpec {
    pub(super) version: String,
    pub(super) published_at: Timestamp,
    /// What `package.json` says besides name and version; also in the registry's manifest.
    packed: Fields,
    /// What only the registry's manifest says.
    registered: Fields,
    tarball_url: Option<String>,
    digests: Digests,
    size: usize,
    edition: u32,
    /// Packed at first need; shared by clones, replaced when the content changes.
    made: Arc<OnceLock<Tarball>>,
}

impl VersionSpec {
    pub(super) fn new(version: &str, published_at: Timestamp) -> Self {
        let mut registered = Fields::default();
        // A field nobody knows, in a spelling that does not survive a parser.
        registered.set_raw(
            "_madeForTests",
            r#"{"ratio":1.50,"note":"\u00e9","none":null}"#,
        );
        Self {
            version: version.to_owned(),
            published_at,
            packed: Fields::default(),
            registered,
            tarball_url: None,
            digests: Digests::Both,
            size: 0,
            edition: 0,
            made: Arc::default(),
        }
    }

    /// Returns the version's number.
    pub fn number(&self) -> &str {
        &self.version
    }

    /// Adds a dependency.
    #[must_use]
    pub fn dependency(self, name: &str, range: &str) -> Self {
        self.member_of("dependencies", name, range)
    }

    /// Adds a development dependency, which no installation of the package follows.
    #[must_use]
    pub fn dev_dependency(self, name: &str, range: &str) -> Self {
        self.member_of("devDependencies", name, range)
    }

    /// Adds an optional dependency.
    #[must_use]
    pub fn optional_dependency(self, name: &str, range: &str) -> Self {
        self.member_of("optionalDependencies", name, range)
    }

    /// Adds a peer dependency.
    #[must_use]
    pub fn peer_dependency(self, name: &str, range: &str) -> Self {
        self.member_of("peerDependencies", name, range)
    }

    /// Adds a peer dependency that need not be there.
    #[must_use]
    pub fn optional_peer_dependency(self, name: &str, range: &str) -> Self {
        let optional = serde_json::json!({ "optional": true });
        self.peer_dependency(name, range)
            .member_of("peerDependenciesMeta", name, optional)
    }

    /// Sets a field of `package.json` and of the manifest (`bin`, `os`, `scripts`, …).
    #[must_use]
    pub fn field(mut self, name: &str, value: impl serde::Serialize) -> Self {
        self.packed.set(name, value);
        self.repacked()
    }

    /// Sets a field of the registry's manifest only, as raw JSON text.
    #[must_use]
    pub fn registry_field(mut self, name: &str, raw_json: &str) -> Self {
        self.registered.set_raw(name, raw_json);
        self
    }

    /// Marks the version as deprecated; an empty text lifts it. The tarball stays as it is.
    #[must_use]
    pub fn deprecated(mut self, message: &str) -> Self {
        self.registered.set("deprecated", message);
        self
    }

    /// Sets about how many bytes the tarball has.
    #[must_use]
    pub fn size(mut self, bytes: usize) -> Self {
        self.size = bytes;
        self.repacked()
    }

    /// Sets the instant under `time`; else it follows from the order of publication.
    #[must_use]
    pub fn published_at(mut self, at: Timestamp) -> Self {
        self.published_at = at;
        self
    }

    /// Publishes no `dist.integrity`, as versions from before 2017.
    #[must_use]
    pub fn shasum_only(mut self) -> Self {
        self.digests = Digests::ShasumOnly;
        self
    }

    /// Publishes no digest at all.
    #[must_use]
    pub fn undigested(mut self) -> Self {
        self.digests = Digests::None;
        self
    }

    /// Names another place for the tarball than the stand-in's own.
    #[must_use]
    pub fn tarball_at(mut self, url: &str) -> Self {
        self.tarball_url = Some(url.to_owned());
        self
    }

    /// Gives the same version other bytes, and so another integrity.
    #[must_use]
    pub fn other_bytes(mut self) -> Self {
        self.edition += 1;
        self.repacked()
    }

    fn repacked(mut self) -> Self {
        self.made = Arc::default();
        self
    }

    fn member_of(mut self, group: &str, name: &str, value: impl Into<serde_json::Value>) -> Self {
        let mut members: serde_json::Map<_, _> = self
            .packed
            .get(group)
            .map(|raw| serde_json::from_str(raw).expect("the group is an object"))
            .unwrap_or_default();
        members.insert(name.to_owned(), value.into());
        self.packed.set(group, members);
        self.repacked()
    }

    fn package_json(&self, name: &str) -> Fields {
        let mut fields = Fields::default();
        fields.set("name", name);
        fields.set("version", &self.version);
        fields.set("description", format!("{name}, made for a test"));
        fields.set("main", "index.js");
        fields.set("license", "MIT");
        fields.extend(&self.packed);
        fields
    }

    /// Returns the tarball, packed at the first call.
    pub fn tarball(&self, name: &str) -> &Tarball {
        self.made.get_or_init(|| {
            Tarball::pack(Contents {
                name,
                version: &self.version,
                package_json: &self.package_json(name).to_json(),
                size: self.size,
                edition: self.edition,
            })
        })
    }

    /// Says whether the tarball has been packed; a clone's counts too.
    pub fn is_packed(&self) -> bool {
        self.made.get().is_some()
    }

    /// Returns the registry's manifest, with the tarball below `origin`.
    pub(super) fn manifest(&self, name: &str, origin: &str) -> Fields {
        let tarball = self.tarball(name);
        let unscoped = name.rsplit('/').next().unwrap_or(name);
        let own_url = || format!("{origin}/{name}/-/{unscoped}-{}.tgz", self.version);
        let mut dist = Fields::default();
        if self.digests == Digests::Both {
            dist.set("integrity", &tarball.integrity);
        }
        if self.digests != Digests::None {
            dist.set("shasum", &tarball.shasum);
        }
        dist.set("tarball", self.tarball_url.clone().unwrap_or_else(own_url));
        dist.set("fileCount", tarball.file_count);
        dist.set("unpackedSize", tarball.unpacked_bytes);

        let mut manifest = self.package_json(name);
        manifest.set("_id", format!("{name}@{}", self.version));
        manifest.set("_nodeVersion", "22.0.0");
        manifest.set("_npmVersion", "10.5.0");
        manifest.set_raw("_npmUser", super::document::MAINTAINER);
        manifest.set_raw("maintainers", format!("[{}]", super::document::MAINTAINER));
        manifest.set_raw("dist", dist.to_json());
        manifest.set_raw("directories", "{}");
        manifest.set("_hasShrinkwrap", false);
        manifest.extend(&self.registered);
        manifest
    }
}
