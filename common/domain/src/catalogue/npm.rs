//! npm packages as references, and what a path of an npm repository of Artifactory is about.
//!
//! `@scope/name` at `1.2.3` is `name/1.2.3@scope`. Only what can be told from every other name is
//! written so: a scope called `_` would be none.
//!
//! Source: where npm's clients publish to, `{name}/-/{name}-{version}.tgz`; of a scoped package the
//! scope may stand before the file too. The metadata lie in `.npm`.

use super::{NO_NAMESPACE, PackageKey, Reference};
use crate::{PackageName, Version};

/// Returns the reference of a version; nothing if it would be that of something else.
pub fn reference(name: &PackageName, version: &str) -> Option<Reference> {
    let scope = name.scope().unwrap_or(NO_NAMESPACE);
    let text = format!("{}/{version}@{scope}", name.unscoped());
    let reference: Reference = text.parse().ok()?;
    let is_told = package_name(&reference.key).as_ref() == Some(name);
    (is_told && reference.version == version).then_some(reference)
}

/// Returns what npm calls a package; nothing if it cannot be one.
pub fn package_name(key: &PackageKey) -> Option<PackageName> {
    let name = match key.namespace.as_str() {
        NO_NAMESPACE => PackageName::parse(&key.name),
        scope => PackageName::parse(&format!("@{scope}/{}", key.name)),
    };
    name.ok()
}

/// Returns the version whose tarball lies at a path.
pub fn tarball(path: &str) -> Option<Reference> {
    let (package, file) = path.trim_matches('/').split_once("/-/")?;
    let name = PackageName::parse(package).ok()?;
    let scope = name.scope().map(|scope| format!("@{scope}/"));
    let file = scope.map_or(file, |scope| file.strip_prefix(&*scope).unwrap_or(file));
    let version = file.strip_prefix(name.unscoped())?.strip_prefix('-')?;
    let version = Version::parse(version.strip_suffix(".tgz")?).ok()?;
    reference(&name, version.as_str())
}

/// Returns the package whose tarballs lie in a folder.
pub fn folder(path: &str) -> Option<PackageKey> {
    let path = path.trim_matches('/');
    let name = PackageName::parse(path.strip_suffix("/-").unwrap_or(path)).ok()?;
    let key = reference(&name, "0").map(|reference| reference.key);
    key.filter(|_| name.may_be_upstream())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_read_back_as_the_name_it_was() {
        for (name, wanted) in [
            ("a", Some("a/1.0.0-rc.1+b")),
            ("@s/a", Some("a/1.0.0-rc.1+b@s")),
            ("JSONStream", Some("JSONStream/1.0.0-rc.1+b")),
            // They would be the packages of no scope.
            ("@_/a", None),
        ] {
            let name = PackageName::parse(name).expect(name);
            let found = reference(&name, "1.0.0-rc.1+b");
            let shown = found.as_ref().map(ToString::to_string);
            assert_eq!(shown.as_deref(), wanted);
            if let Some(found) = found {
                assert_eq!(package_name(&found.key), Some(name));
            }
        }
        let name = PackageName::parse("a").expect("a name");
        assert_eq!(reference(&name, "1.0@s"), None);
    }

    #[test]
    fn a_path_says_which_version_lies_there() {
        for (path, wanted) in [
            ("a/-/a-1.2.3.tgz", Some("a/1.2.3")),
            ("/a/-/a-1.2.3.tgz", Some("a/1.2.3")),
            ("a-b/-/a-b-1.2.3-rc.1+7.tgz", Some("a-b/1.2.3-rc.1+7")),
            ("@s/a/-/@s/a-1.2.3.tgz", Some("a/1.2.3@s")),
            ("@s/a/-/a-1.2.3.tgz", Some("a/1.2.3@s")),
            ("@s/a/-/@t/a-1.2.3.tgz", None),
            ("a/-/b-1.2.3.tgz", None),
            ("a/-/a-1.2.tgz", None),
            ("a/-/a-1.2.3.zip", None),
            ("a/a-1.2.3.tgz", None),
            (".npm/a/package.json", None),
            ("../-/..-1.2.3.tgz", None),
            ("", None),
        ] {
            let found = tarball(path).map(|found| found.to_string());
            assert_eq!(found.as_deref(), wanted, "{path}");
        }
    }

    #[test]
    fn a_folder_says_whose_it_is() {
        for (path, wanted) in [
            ("a", Some("_/a")),
            ("a/-/", Some("_/a")),
            ("@s/a", Some("s/a")),
            ("@s/a/-", Some("s/a")),
            ("@s", None),
            (".npm", None),
            (".npm/a", None),
            ("a/b", None),
            ("", None),
        ] {
            let found = folder(path).map(|found| found.to_string());
            assert_eq!(found.as_deref(), wanted, "{path}");
        }
    }
}
