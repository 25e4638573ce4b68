//! Packuments in both forms, as an npm registry writes them.
//!
//! Source: the npm registry API documents, and the full documents kept in tests/fixtures.

use weir_domain::Timestamp;

use super::{Fields, PackageSpec};

/// Who maintains every made package.
pub(super) const MAINTAINER: &str = r#"{"name":"tester","email":"tester@registry.example"}"#;

/// The manifest fields of the abbreviated form.
const ABBREVIATED: [&str; 18] = [
    "name",
    "version",
    "deprecated",
    "dist",
    "dependencies",
    "optionalDependencies",
    "devDependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "bundleDependencies",
    "acceptDependencies",
    "bin",
    "directories",
    "engines",
    "os",
    "cpu",
    "libc",
    "_hasShrinkwrap",
];

/// Which edition of a package a document shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Issue<'a> {
    /// Counts changes from 1; the number in `_rev`.
    pub number: u64,
    /// Scheme, host and prefix of the tarballs' URLs.
    pub origin: &'a str,
}

impl PackageSpec {
    /// Returns when the package last changed: a minute an edition after its last version.
    pub(crate) fn modified_at(&self, edition: u64) -> Timestamp {
        let last = self
            .publications()
            .map(|(_, at)| at)
            .max()
            .unwrap_or_default();
        Timestamp(last.0 + i64::try_from(edition).expect("few editions") * 60_000)
    }

    /// Returns the full packument.
    pub(crate) fn packument(&self, issue: Issue<'_>) -> Fields {
        let mut root = Fields::default();
        root.set("_id", &self.name);
        root.set("_rev", self.revision(issue.number));
        root.set("name", &self.name);
        if self.is_unpublished {
            root.set_raw("time", self.time(issue.number).to_json());
            return root;
        }
        root.set("description", format!("{}, made for a test", self.name));
        root.set("dist-tags", self.tags());
        let manifests = self.manifests(issue.origin, |manifest| manifest);
        root.set_raw("versions", manifests.to_json());
        root.set_raw("maintainers", format!("[{MAINTAINER}]"));
        root.set_raw("time", self.time(issue.number).to_json());
        root.set("license", "MIT");
        root.set("readme", &self.readme);
        root.set("readmeFilename", "README.md");
        root.extend(&self.fields);
        root
    }

    /// Returns the abbreviated packument.
    pub(crate) fn abbreviated(&self, issue: Issue<'_>) -> Fields {
        let mut root = Fields::default();
        root.set("name", &self.name);
        root.set("dist-tags", self.tags());
        let manifests = self.manifests(issue.origin, abbreviate);
        root.set_raw("versions", manifests.to_json());
        root.set("modified", self.modified_at(issue.number));
        root
    }

    fn manifests(&self, origin: &str, form: impl Fn(Fields) -> Fields) -> Fields {
        let mut versions = Fields::default();
        for version in &self.versions {
            let manifest = form(version.manifest(&self.name, origin));
            versions.push_raw(version.number(), manifest.to_json());
        }
        versions
    }

    fn publications(&self) -> impl Iterator<Item = (&str, Timestamp)> {
        let listed = self.versions.iter();
        listed.map(|v| (v.number(), v.published_at)).chain(
            self.removed
                .iter()
                .map(|(number, at)| (number.as_str(), *at)),
        )
    }

    fn time(&self, edition: u64) -> Fields {
        let mut time = Fields::default();
        let created = self
            .publications()
            .map(|(_, at)| at)
            .min()
            .unwrap_or_default();
        time.set("created", created);
        time.set("modified", self.modified_at(edition));
        for (number, at) in self.publications() {
            time.push_raw(number, format!("\"{at}\""));
        }
        if self.is_unpublished {
            let versions: Vec<_> = self.publications().map(|(number, _)| number).collect();
            let at = self.modified_at(edition);
            time.set(
                "unpublished",
                serde_json::json!({ "time": at, "versions": versions }),
            );
        }
        time
    }

    fn revision(&self, edition: u64) -> String {
        let digest = weir_domain::Digest::of(format!("{}#{edition}", self.name).as_bytes());
        format!("{edition}-{}", &digest.to_string()[..32])
    }
}

/// Reduces a manifest to the abbreviated form.
pub(crate) fn abbreviate(mut manifest: Fields) -> Fields {
    let runs_scripts = manifest.get("scripts").is_some_and(|raw| {
        ["\"preinstall\"", "\"install\"", "\"postinstall\""]
            .iter()
            .any(|key| raw.contains(key))
    });
    manifest.retain(|name| ABBREVIATED.contains(&name));
    if runs_scripts {
        manifest.set("hasInstallScript", true);
    }
    manifest
}
