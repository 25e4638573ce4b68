//! Which references a path in a Conan or npm repository is about.
//!
//! Source: Artifactory's layout `conan-default`:
//! `{user|_}/{name}/{version}/{channel|_}/{revision}/export/…` and `…/package/…`. That of npm
//! repositories is [`npm`]'s.

use weir_domain::catalogue::{PackageKey, Reference, Strategy, npm};

/// Files that Artifactory makes for itself; they say nothing that the others do not.
const GENERATED: [&str; 4] = [
    "index.json",
    "packages.ref.json",
    "latest.json",
    "files.json",
];
/// The last file of a recipe's upload.
const MANIFEST: [&str; 2] = ["export", "conanmanifest.txt"];

/// What a path is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meant {
    /// One version.
    Version(Reference),
    /// Every version of a package, or those that are called so.
    Package(PackageKey, Option<String>),
}

/// Returns what became complete with the upload of this file.
pub(super) fn deployed(strategy: Strategy, path: &str) -> Option<Meant> {
    if strategy == Strategy::Npm {
        return npm::tarball(path).map(Meant::Version);
    }
    let parts: Vec<&str> = parts(path);
    let is_last = parts.len() == 7 && parts[5..] == MANIFEST;
    is_last.then(|| version(&parts)).flatten()
}

/// Returns what may be gone with this file or folder.
pub(super) fn deleted(strategy: Strategy, path: &str) -> Option<Meant> {
    if strategy == Strategy::Npm {
        let whole = || npm::folder(path).map(|key| Meant::Package(key, None));
        return npm::tarball(path).map(Meant::Version).or_else(whole);
    }
    let parts = parts(path);
    match &parts[..] {
        [.., name] if GENERATED.contains(name) => None,
        [user, name] => package(user, name, None),
        [user, name, version] => package(user, name, Some((*version).to_owned())),
        [_, _, _, _, ..] => version(&parts),
        _ => None,
    }
}

fn parts(path: &str) -> Vec<&str> {
    path.trim_matches('/').split('/').collect()
}

fn version(parts: &[&str]) -> Option<Meant> {
    let [user, name, version, channel, ..] = parts else {
        return None;
    };
    let text = format!("{name}/{version}@{user}/{channel}");
    text.parse().ok().map(Meant::Version)
}

fn package(user: &str, name: &str, version: Option<String>) -> Option<Meant> {
    // A reference's own rules say what may be a part.
    let text = format!("{name}/{}@{user}", version.as_deref().unwrap_or("0"));
    let reference: Reference = text.parse().ok()?;
    Some(Meant::Package(reference.key, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(meant: Option<Meant>) -> Option<String> {
        meant.map(|meant| match meant {
            Meant::Version(reference) => reference.to_string(),
            Meant::Package(key, version) => format!("{key} {}", version.unwrap_or_default()),
        })
    }

    #[test]
    fn a_manifest_completes_an_upload() {
        let recipe = "u/a/1.0/_/4a2d/export";
        for (path, expected) in [
            (format!("{recipe}/conanmanifest.txt"), Some("a/1.0@u")),
            (format!("/{recipe}/conanmanifest.txt"), Some("a/1.0@u")),
            (
                "_/a/1.0+3/_/4a2d/export/conanmanifest.txt".to_owned(),
                Some("a/1.0+3"),
            ),
            (
                "u/a/1.0/stable/4a2d/export/conanmanifest.txt".to_owned(),
                Some("a/1.0@u/stable"),
            ),
            (format!("{recipe}/conanfile.py"), None),
            (
                "u/a/1.0/_/4a2d/package/p/r/conanmanifest.txt".to_owned(),
                None,
            ),
            ("u/a/1.0/_/index.json".to_owned(), None),
            ("../a/1.0/_/4a2d/export/conanmanifest.txt".to_owned(), None),
            (String::new(), None),
        ] {
            let meant = deployed(Strategy::Aql, &path);
            assert_eq!(shown(meant).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn whatever_is_deleted_is_looked_at() {
        for (path, expected) in [
            ("u/a/1.0/_/4a2d/export/conanfile.py", Some("a/1.0@u")),
            ("u/a/1.0/_", Some("a/1.0@u")),
            ("u/a/1.0/_/4a2d/", Some("a/1.0@u")),
            ("u/a/1.0", Some("u/a 1.0")),
            ("u/a", Some("u/a ")),
            ("u", None),
            ("", None),
            ("u/a/1.0/_/index.json", None),
            ("u/a/1.0/_/.conan/packages.ref.json", None),
            ("u/a/../_", None),
            ("u/a b", None),
        ] {
            let meant = deleted(Strategy::Conan, path);
            assert_eq!(shown(meant).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn a_tarball_of_npm_is_a_version_and_its_folder_a_package() {
        for (path, uploaded, gone) in [
            ("a/-/a-1.0.0.tgz", Some("a/1.0.0"), Some("a/1.0.0")),
            (
                "@s/a/-/@s/a-1.0.0-rc.1.tgz",
                Some("a/1.0.0-rc.1@s"),
                Some("a/1.0.0-rc.1@s"),
            ),
            ("@s/a", None, Some("s/a ")),
            ("@s/a/-/", None, Some("s/a ")),
            ("a", None, Some("_/a ")),
            (".npm/a/package.json", None, None),
            ("u/a/1.0/_/4a2d/export/conanmanifest.txt", None, None),
        ] {
            let meant = deployed(Strategy::Npm, path);
            assert_eq!(shown(meant).as_deref(), uploaded, "{path}");
            let meant = deleted(Strategy::Npm, path);
            assert_eq!(shown(meant).as_deref(), gone, "{path}");
        }
    }
}
