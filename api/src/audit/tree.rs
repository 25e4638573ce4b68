//! What is installed, as clients send it: names with versions, or a whole lock.

use std::collections::{BTreeMap, BTreeSet};

use poem_openapi::registry::MetaSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use weir_domain::{PackageName, Version};

use super::{
    body::Subject,
    report::{list_of, map_of},
};

/// Most bytes of paths that are kept of one tree; each repeats the names above it.
const MOST_PATH_BYTES: usize = 16 << 20;

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

/// Where each version of a package is installed: names from the outermost folder on, joined by `>`.
pub(super) type Paths = BTreeMap<String, BTreeMap<Version, BTreeSet<String>>>;

impl Tree {
    /// Returns where each version is installed; of a tree with too many long paths, where some are.
    pub(super) fn paths(&self) -> Paths {
        let (mut paths, mut budget) = (Paths::new(), MOST_PATH_BYTES);
        gather(&self.dependencies, "", &mut |package, path| {
            let (name, version) = package;
            let places = paths.entry(name).or_default().entry(version).or_default();
            if let Some(rest) = budget.checked_sub(path.len()) {
                budget = rest;
                places.insert(path.to_owned());
            }
        });
        paths
    }
}

/// What there is to ask about.
impl From<&Paths> for Wanted {
    fn from(paths: &Paths) -> Self {
        let versions = |of_name: &BTreeMap<Version, _>| {
            let versions = of_name.keys();
            versions
                .map(|version| version.as_str().to_owned())
                .collect()
        };
        let all = paths.iter();
        Self(
            all.map(|(name, of_name)| (name.clone(), versions(of_name)))
                .collect(),
        )
    }
}

/// Shows every installed package with its path; only one path is held at a time.
fn gather(
    installed: &BTreeMap<String, Installed>,
    above: &str,
    see: &mut impl FnMut((String, Version), &str),
) {
    for (folder, package) in installed {
        // What is no name was installed by nobody; names have bounds.
        if PackageName::parse(folder).is_err() {
            continue;
        }
        let path = match above {
            "" => folder.clone(),
            above => format!("{above}>{folder}"),
        };
        if let Some(identity) = package.identity(folder) {
            see(identity, &path);
        }
        gather(&package.dependencies, &path, see);
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
        let paths = tree.paths();
        let wanted = Wanted::from(&paths).0;
        let expected = json!({"@s/real": ["3.0.0"], "a": ["1.0.0"], "b": ["1.0.0", "2.0.0"],
            "c": ["1.0.0"]});
        assert_eq!(json!(wanted), expected);
        let one = Version::parse("1.0.0").expect("a version");
        assert_eq!(Vec::from_iter(&paths["c"][&one]), ["b>c", "c"]);
    }

    #[test]
    fn paths_that_repeat_long_names_do_not_fill_the_memory() {
        let leaves: BTreeMap<_, _> = (0..20_000)
            .map(|n| {
                (
                    format!("leaf-{n}"),
                    Installed {
                        version: Some("1.0.0".to_owned()),
                        ..Installed::default()
                    },
                )
            })
            .collect();
        let mut dependencies = leaves;
        for n in 0..20 {
            let folder = Installed {
                version: None,
                dependencies,
            };
            dependencies = BTreeMap::from([(format!("{n}-{}", "x".repeat(200)), folder)]);
        }
        let too_long = Installed {
            version: Some("1.0.0".to_owned()),
            ..Installed::default()
        };
        dependencies.insert("y".repeat(1_000_000), too_long);
        let tree = Tree { dependencies };
        let paths = tree.paths();
        let bytes: usize = paths
            .values()
            .flat_map(BTreeMap::values)
            .flatten()
            .map(String::len)
            .sum();
        assert!(bytes <= MOST_PATH_BYTES, "{bytes}");
        assert_eq!(
            (paths.len(), Wanted::from(&paths).0.len()),
            (20_000, 20_000)
        );
    }
}
