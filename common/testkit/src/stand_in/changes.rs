//! Changes that a test makes to the content while the stand-in serves.
//!
//! Each change makes a new edition with a higher `_rev` and a later `modified`; the one
//! before stays available to [`super::Fault::Older`].

use bytes::Bytes;

use super::{StandIn, catalogue::Found};
use crate::package::{PackageSpec, Tarball, VersionSpec};

impl StandIn {
    /// Puts a package in, as a new edition if the name is known.
    pub fn put(&self, package: PackageSpec) {
        self.shared.catalogue.put(package);
    }

    /// Puts a real packument in; its tarballs are 404 until [`Self::give_tarball`].
    pub fn put_packument(&self, name: &str, packument: &str) {
        self.shared.catalogue.keep(name, packument);
    }

    /// Serves these bytes as the tarball of a version.
    pub fn give_tarball(&self, name: &str, version: &str, bytes: impl Into<Bytes>) {
        self.shared
            .catalogue
            .give_tarball(name, version, bytes.into());
    }

    /// Puts a document beside the packages: signing keys, attestations, counts of downloads.
    /// Without a body it is 404, and may be asked for.
    pub fn put_document(&self, path: &str, body: Option<&str>) {
        let body = body.map(|body| Bytes::copy_from_slice(body.as_bytes()));
        self.shared.catalogue.put_document(path, body);
    }

    /// Removes a package; asking for it is answered 404 and is not unexpected.
    pub fn remove(&self, name: &str) {
        self.shared.catalogue.expect_absent(name);
    }

    /// Changes a made package.
    pub fn change(&self, name: &str, change: impl FnOnce(PackageSpec) -> PackageSpec) {
        self.put(change(self.spec(name)));
    }

    /// Publishes a further version.
    pub fn publish(
        &self,
        name: &str,
        version: &str,
        describe: impl FnOnce(VersionSpec) -> VersionSpec,
    ) {
        self.change(name, |package| package.version(version, describe));
    }

    /// Points a dist-tag at a version.
    pub fn set_tag(&self, name: &str, tag: &str, version: &str) {
        self.change(name, |package| package.tag(tag, version));
    }

    /// Deprecates a version; an empty message lifts it.
    pub fn deprecate(&self, name: &str, version: &str, message: &str) {
        self.change(name, |package| {
            package.version(version, |v| v.deprecated(message))
        });
    }

    /// Takes one version back.
    pub fn unpublish_version(&self, name: &str, version: &str) {
        self.change(name, |package| package.without_version(version));
    }

    /// Unpublishes a whole package; a tombstone remains.
    pub fn unpublish(&self, name: &str) {
        self.change(name, PackageSpec::unpublished);
    }

    /// Gives a version other bytes and another integrity, which no registry should do.
    pub fn replace_bytes(&self, name: &str, version: &str) {
        self.change(name, |package| {
            package.version(version, VersionSpec::other_bytes)
        });
    }

    /// Returns the tarball of a made version, for comparison.
    pub fn tarball_of(&self, name: &str, version: &str) -> Tarball {
        let spec = self.spec(name);
        let version = spec.find(version);
        version
            .unwrap_or_else(|| panic!("{name} has no such version"))
            .tarball(name)
            .clone()
    }

    /// Returns the present packument in full, parsed.
    pub fn packument_of(&self, name: &str) -> serde_json::Value {
        let Found::Here(edition) = self.shared.catalogue.edition(name) else {
            panic!("the stand-in has no package {name}");
        };
        serde_json::from_slice(&edition.document(false).identity).expect("a packument is JSON")
    }

    /// Returns the present description of a made package.
    pub fn spec(&self, name: &str) -> PackageSpec {
        match self.shared.catalogue.edition(name) {
            Found::Here(edition) => edition.spec().cloned(),
            _ => None,
        }
        .unwrap_or_else(|| panic!("the stand-in has no made package {name}"))
    }
}
