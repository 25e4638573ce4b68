//! What a manifest says it depends on, and what of that a mirror can follow.
//!
//! A specification is a range, a dist-tag, an alias of either (`npm:other@^1`), or
//! something that does not come from a registry (git, file, URL). Only the first three
//! lead to another package sync.
//!
//! Source: npm-package-arg 12.

use serde_json::{Map, Value};

use crate::{PackageName, Range, Version};

/// Longest range that is followed, in bytes; it becomes part of a database key.
const MAX_WANTED_BYTES: usize = 1024;

/// A package that a manifest asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dependency {
    /// The package to fetch (the alias' target, not its local name).
    pub name: PackageName,
    /// A range or a dist-tag of it; the empty text means any version.
    pub wanted: String,
}

/// A dependency that no registry can satisfy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfollowed {
    /// The key in the manifest.
    pub name: String,
    /// The specification as written, shortened.
    pub spec: String,
}

/// The dependencies of one manifest that an installation needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependencies {
    /// Those to follow, sorted, each once.
    pub followed: Vec<Dependency>,
    /// Those that lead outside any registry.
    pub unfollowed: Vec<Unfollowed>,
}

impl Dependencies {
    /// Reads `dependencies`, `optionalDependencies` and non-optional `peerDependencies`.
    ///
    /// Odd historical shapes (arrays, non-string values) count as absent.
    pub fn of_manifest(manifest: &Value) -> Self {
        let section = |key: &str| manifest.get(key).and_then(Value::as_object);
        let is_optional_peer = |name: &str| {
            section("peerDependenciesMeta")
                .and_then(|meta| meta.get(name)?.get("optional")?.as_bool())
                .unwrap_or(false)
        };
        let mut found = Self::default();
        for key in ["dependencies", "optionalDependencies"] {
            if let Some(deps) = section(key) {
                found.add_all(deps, |_| true);
            }
        }
        if let Some(peers) = section("peerDependencies") {
            found.add_all(peers, |name| !is_optional_peer(name));
        }
        found.followed.sort();
        found.followed.dedup();
        found
    }

    fn add_all(&mut self, deps: &Map<String, Value>, is_needed: impl Fn(&str) -> bool) {
        for (name, spec) in deps {
            let Some(spec) = spec.as_str().filter(|_| is_needed(name)) else {
                continue;
            };
            match Dependency::parse(name, spec) {
                Some(dependency) => self.followed.push(dependency),
                None => self.unfollowed.push(Unfollowed {
                    name: name.clone(),
                    spec: spec.chars().take(100).collect(),
                }),
            }
        }
    }
}

impl Dependency {
    /// Reads one entry of a dependency section; `None` if it does not come from a registry.
    pub fn parse(name: &str, spec: &str) -> Option<Self> {
        let spec = spec.trim();
        let (name, wanted) = match spec.strip_prefix("npm:") {
            Some(alias) => match alias.get(1..).and_then(|rest| rest.find('@')) {
                Some(at) => (&alias[..=at], &alias[at + 2..]),
                None => (alias, ""),
            },
            None => (name, spec),
        };
        if wanted.len() > MAX_WANTED_BYTES {
            return None;
        }
        let name = PackageName::parse(name).ok()?;
        let is_tag = !wanted.is_empty()
            && wanted
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        (Range::parse(wanted).is_some() || is_tag).then(|| Self {
            name,
            wanted: wanted.to_owned(),
        })
    }
}

/// Returns the versions that one wanted range or tag makes worth holding.
///
/// A range chooses the highest version that satisfies it, the highest not deprecated, and
/// `latest` if it satisfies: between them, what any client of today resolves to.
pub fn chosen<'v>(
    wanted: &str,
    versions: impl Iterator<Item = (&'v Version, bool)> + Clone,
    tags: impl Fn(&str) -> Option<&'v Version>,
) -> Vec<&'v Version> {
    let mut chosen = Vec::new();
    match (tags(wanted), Range::parse(wanted)) {
        (Some(tagged), _) => chosen.push(tagged),
        (None, Some(range)) => {
            let all = versions.clone().map(|(version, _)| version);
            let fresh = versions
                .filter(|(_, is_deprecated)| !is_deprecated)
                .map(|(version, _)| version);
            chosen.extend(range.highest(all));
            chosen.extend(range.highest(fresh));
            chosen.extend(tags("latest").filter(|latest| range.contains(latest)));
        }
        (None, None) => {}
    }
    chosen.sort();
    chosen.dedup();
    chosen
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn followed(manifest: &Value) -> Vec<String> {
        let deps = Dependencies::of_manifest(manifest);
        deps.followed
            .iter()
            .map(|d| format!("{}@{}", d.name, d.wanted))
            .collect()
    }

    #[test]
    fn three_sections_are_followed_and_optional_peers_are_not() {
        let manifest = json!({
            "dependencies": {"a": "^1", "b": "latest", "odd": 3},
            "optionalDependencies": {"c": ""},
            "devDependencies": {"no": "1"},
            "peerDependencies": {"d": ">=1 <3", "e": "*"},
            "peerDependenciesMeta": {"e": {"optional": true}},
        });
        assert_eq!(followed(&manifest), ["a@^1", "b@latest", "c@", "d@>=1 <3"]);
    }

    #[test]
    fn aliases_lead_to_their_target() {
        let manifest =
            json!({"dependencies": {"x": "npm:@s/real@^2", "y": "npm:plain", "z": "npm:p@1.x"}});
        assert_eq!(followed(&manifest), ["@s/real@^2", "p@1.x", "plain@"]);
    }

    #[test]
    fn what_no_registry_holds_is_named_but_not_followed() {
        let manifest = json!({"dependencies": {
            "a": "git+https://host.example/x.git", "b": "file:../b", "c": "https://host.example/c.tgz", "d": "user/repo",
        }});
        let deps = Dependencies::of_manifest(&manifest);
        assert!(deps.followed.is_empty());
        assert_eq!(deps.unfollowed.len(), 4);
    }

    #[test]
    fn a_range_chooses_highest_undeprecated_and_latest() {
        let versions =
            ["1.0.0", "1.1.0", "1.2.0", "2.0.0"].map(|v| Version::parse(v).expect("valid"));
        let listed = || versions.iter().map(|v| (v, v.as_str() == "1.2.0"));
        let latest = &versions[0];
        let tags = |tag: &str| (tag == "latest").then_some(latest);
        let pick = |wanted: &str| -> Vec<_> {
            chosen(wanted, listed(), tags)
                .into_iter()
                .map(Version::as_str)
                .collect()
        };
        assert_eq!(pick("^1"), ["1.0.0", "1.1.0", "1.2.0"]);
        assert_eq!(pick("2"), ["2.0.0"]);
        assert_eq!(pick("latest"), ["1.0.0"]);
        assert!(pick("nightly").is_empty());
    }
}
