//! The npm repository: names, documents, and tarballs that queries find.
//!
//! Source: "Artifactory, npm Registry": `/api/npm/{repository}/-/all` and `/{package}`, whose slash is
//! encoded or not; a tarball of a scoped package has the scope before its file too. Documents are
//! made a while after an upload: a tarball may be there of which they know nothing.

use serde_json::{Map, Value, json};
use weir_domain::{
    Integrity,
    catalogue::{NO_NAMESPACE, Reference},
};

use super::{Artifactory, access::Asker, answer::Answer, call::Call, shelf::Shelf};
use crate::package::{Issue, PackageSpec};

/// The npm repository; a server has it as soon as something is published there.
pub const NPM: &str = "npm-local";

impl Artifactory {
    /// Makes a package what it now is: what it has beyond that goes, what it had stays untouched.
    pub fn publish(&self, package: &PackageSpec) {
        let name = package.name();
        let mut shelf = self.shared.shelf();
        if !shelf.repositories.contains_key(NPM) {
            shelf.add_repository(NPM, "Npm");
        }
        let tarballs = package.versions().iter();
        let tarballs: Vec<_> = tarballs
            .map(|one| (tarball(name, one.number()), one.tarball(name).bytes.clone()))
            .collect();
        let items = &mut shelf.repositories.get_mut(NPM).expect("it is there").items;
        let folder = format!("{name}/-/");
        items.retain(|path, item| {
            let is_still = |(known, bytes): &(String, _)| known == path && *bytes == item.bytes;
            !path.starts_with(&folder) || tarballs.iter().any(is_still)
        });
        for (path, bytes) in tarballs {
            if !shelf.repositories[NPM].items.contains_key(&path) {
                shelf.put(NPM, &path, bytes, super::USER);
            }
        }
        shelf.packages.insert(name.to_owned(), package.clone());
    }

    /// Removes a package; it must be there.
    pub fn unpublish(&self, name: &str) {
        let mut shelf = self.shared.shelf();
        let gone = shelf.packages.remove(name);
        assert!(gone.is_some(), "{name} is not there");
        shelf.remove(NPM, &format!("{name}/-"));
    }

    /// Removes every package.
    pub fn unpublish_all(&self) {
        let names: Vec<_> = self.shared.shelf().packages.keys().cloned().collect();
        for name in names {
            self.unpublish(&name);
        }
    }

    /// Returns the text of a package's document; it must be there.
    pub fn document(&self, name: &str) -> String {
        let shelf = self.shared.shelf();
        text(&shelf.packages[name], &self.url())
    }

    /// Returns every version that a document promises the bytes of: its reference, and the
    /// strongest promise.
    pub fn published(&self) -> Vec<(Reference, String)> {
        let shelf = self.shared.shelf();
        let mut all = Vec::new();
        for (name, package) in &shelf.packages {
            let document: Value =
                serde_json::from_str(&text(package, "")).expect("a packument is JSON");
            for (version, manifest) in document["versions"].as_object().into_iter().flatten() {
                let dist = &manifest["dist"];
                let (integrity, shasum) = (dist["integrity"].as_str(), dist["shasum"].as_str());
                let promise = Integrity::from_dist(integrity, shasum);
                if let Some(promise) = promise {
                    let digest = promise.strongest()[0].to_string();
                    all.push((reference(name, version), digest));
                }
            }
        }
        all
    }
}

fn reference(name: &str, version: &str) -> Reference {
    let (scope, unscoped) = match name.strip_prefix('@') {
        Some(rest) => rest.split_once('/').expect("a scope and a name"),
        None => (NO_NAMESPACE, name),
    };
    super::read(&format!("{unscoped}/{version}@{scope}"))
}

/// Returns where a tarball is in the repository.
fn tarball(name: &str, version: &str) -> String {
    format!("{name}/-/{name}-{version}.tgz")
}

/// Writes a package's document as it was published, byte by byte.
fn text(package: &PackageSpec, base: &str) -> String {
    let origin = format!("{base}/{NPM}");
    let issue = Issue {
        number: 1,
        origin: &origin,
    };
    package.packument(issue).to_json()
}

/// Answers what comes after `/api/npm/{repository}`; nothing if there is no such place.
pub(super) fn answer(
    shelf: &Shelf,
    key: &str,
    rest: &[&str],
    call: &Call,
    asker: &Asker,
) -> Option<Answer> {
    if let Err(refusal) = shelf.check_read(asker) {
        return Some(refusal);
    }
    let is_npm = |repository: &super::shelf::Repository| repository.package_type == "Npm";
    if !shelf.repositories.get(key).is_some_and(is_npm) {
        return Some(Answer::error(
            404,
            &format!("The repository '{key}' was not found."),
        ));
    }
    match rest {
        ["-", "all"] => Some(Answer::json(&all(shelf))),
        [name] => Some(one(shelf, name, call)),
        [scope, name] if scope.starts_with('@') => {
            Some(one(shelf, &format!("{scope}/{name}"), call))
        }
        _ => None,
    }
}

fn one(shelf: &Shelf, name: &str, call: &Call) -> Answer {
    let package = shelf.packages.get(name);
    match package.filter(|_| !shelf.oddities.shows_nothing) {
        Some(package) => Answer::new(200, "application/json", text(package, &call.base)),
        None => Answer::error(404, "document not found"),
    }
}

fn all(shelf: &Shelf) -> Value {
    let mut all = Map::new();
    all.insert("_updated".to_owned(), json!(99_999));
    if shelf.oddities.shows_nothing {
        return Value::Object(all);
    }
    let names = shelf.packages.keys().chain(&shelf.oddities.stale);
    for name in names.filter(|name| !shelf.oddities.unlisted.contains(*name)) {
        let versions = shelf
            .packages
            .get(name)
            .into_iter()
            .flat_map(PackageSpec::versions);
        let versions: Map<_, _> = versions
            .map(|version| (version.number().to_owned(), json!("latest")))
            .collect();
        let shown = json!({ "name": name, "description": "", "versions": versions });
        all.insert(name.clone(), shown);
    }
    Value::Object(all)
}
