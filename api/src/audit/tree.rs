//! What is installed, as clients send it: names with versions, or a whole lock.

use std::collections::{BTreeMap, BTreeSet};

use poem_openapi::registry::MetaSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use weir_domain::Version;

use super::{
    body::Subject,
    report::{list_of, map_of},
};

/// Versions by name.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted(pub(super) BTreeMap<String, Vec<String>>);

impl Subject for Wanted {
    const NAME: &'static str = "FindAdvisories";

    fn describe() -> MetaSchema {
        MetaSchema {
            description: Some("Installed versions by the name of their package"),
            ..map_of(list_of(MetaSchema::new("string")))
        }
    }

    fn example() -> Value {
        json!({"lodash": ["4.17.20"], "@babel/core": ["7.0.0", "7.1.0"]})
    }
}

/// What is installed, as `package-lock.json` wrote it before npm 7.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Tree {
    #[serde(default)]
    dependencies: BTreeMap<String, Installed>,
}

/// One installed package, and what lies in its own folder.
#[derive(Debug, Default, Deserialize)]
struct Installed {
    /// Absent, or no version, for what did not come from a registry.
    version: Option<String>,
    #[serde(default)]
    dependencies: BTreeMap<String, Self>,
}

impl Subject for Tree {
    const NAME: &'static str = "AuditTree";

    fn describe() -> MetaSchema {
        MetaSchema {
            description: Some(
                "A lock as npm 6 writes it: `dependencies` by name, each with a `version` and \
                 `dependencies` of its own; whatever else it has is ignored",
            ),
            ..map_of(MetaSchema::ANY)
        }
    }

    fn example() -> Value {
        json!({"dependencies": {"lodash": {"version": "4.17.20"}}})
    }
}

/// Where a version is installed: names from the outermost folder on, joined by `>`.
pub(super) type Paths = BTreeMap<(String, Version), BTreeSet<String>>;

impl Tree {
    /// Returns where each version is installed.
    pub(super) fn paths(&self) -> Paths {
        let mut paths = Paths::new();
        gather(&self.dependencies, "", &mut paths);
        paths
    }

    /// Returns what there is to ask about.
    pub(super) fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        for (name, version) in self.paths().into_keys() {
            let versions = wanted.0.entry(name).or_default();
            versions.push(version.as_str().to_owned());
        }
        wanted
    }
}

fn gather(installed: &BTreeMap<String, Installed>, above: &str, paths: &mut Paths) {
    for (folder, package) in installed {
        let path = match above {
            "" => folder.clone(),
            above => format!("{above}>{folder}"),
        };
        if let Some((name, version)) = package.identity(folder) {
            paths
                .entry((name, version))
                .or_default()
                .insert(path.clone());
        }
        gather(&package.dependencies, &path, paths);
    }
}

impl Installed {
    /// Returns name and version; an alias is `npm:name@version`.
    fn identity(&self, folder: &str) -> Option<(String, Version)> {
        let version = self.version.as_deref()?;
        let (name, version) = match version.strip_prefix("npm:") {
            Some(alias) => alias.rsplit_once('@')?,
            None => (folder, version),
        };
        Some((name.to_owned(), Version::parse(version).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_asked_about_once_a_version_wherever_it_lies() {
        let tree: Tree = serde_json::from_value(json!({"name": "project", "requires": true,
            "dependencies": {
                "a": {"version": "1.0.0", "dependencies": {"b": {"version": "2.0.0"}}},
                "b": {"version": "1.0.0", "dependencies": {"c": {"version": "1.0.0"}}},
                "c": {"version": "1.0.0", "dev": true},
                "alias": {"version": "npm:@s/real@3.0.0"},
                "local": {"version": "file:../local"},
                "git": {"version": "git+ssh://git@h/x.git#0a"},
                "bundled": {"bundled": true}}}))
        .expect("a tree");
        let wanted = tree.wanted().0;
        let expected = json!({"@s/real": ["3.0.0"], "a": ["1.0.0"], "b": ["1.0.0", "2.0.0"],
            "c": ["1.0.0"]});
        assert_eq!(json!(wanted), expected);
        let c = ("c".to_owned(), Version::parse("1.0.0").expect("a version"));
        assert_eq!(Vec::from_iter(&tree.paths()[&c]), ["b>c", "c"]);
    }
}
