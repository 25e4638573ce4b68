//! What a version's manifest says of its package, whatever its shape.

use serde_json::Value;
use weir_domain::{
    PackageName,
    catalogue::{Dependency, DependencyKind, Facts},
    text::printable,
};

use super::super::packages::MAX_DEPENDENCIES;

/// Longest text, and longest topic, in characters.
const MAX_TEXT: usize = 4096;
const MAX_TOPIC: usize = 100;
/// Most topics.
const MAX_TOPICS: usize = 50;

/// Reads a manifest.
pub(super) fn facts_of(manifest: &Value) -> Facts {
    // Some fields were objects in their time.
    let text = |field: &str, inside: &str| {
        let value = &manifest[field];
        let text = value.as_str().or_else(|| value[inside].as_str())?.trim();
        (!text.is_empty()).then(|| printable(text, MAX_TEXT))
    };
    let mut topics: Vec<String> = Vec::new();
    for topic in manifest["keywords"].as_array().into_iter().flatten() {
        let topic = topic.as_str().unwrap_or_default().trim().to_lowercase();
        let topic = printable(&topic, MAX_TOPIC);
        if !topic.is_empty() && !topics.contains(&topic) && topics.len() < MAX_TOPICS {
            topics.push(topic);
        }
    }
    let kinds = [
        ("dependencies", DependencyKind::Requires),
        ("devDependencies", DependencyKind::TestRequires),
    ];
    let dependencies = kinds.into_iter().flat_map(|(field, kind)| {
        let all = manifest[field].as_object().into_iter().flatten();
        all.filter_map(move |(name, range)| dependency(name, range.as_str()?, kind))
    });
    Facts {
        description: text("description", ""),
        licenses: text("license", "type").into_iter().collect(),
        author: text("author", "name"),
        homepage: text("homepage", "url"),
        repository: text("repository", "url"),
        topics,
        package_type: Some("library".to_owned()),
        dependencies: dependencies.take(MAX_DEPENDENCIES).collect(),
        size_bytes: manifest["dist"]["unpackedSize"].as_u64(),
        ..Facts::default()
    }
}

fn dependency(name: &str, range: &str, kind: DependencyKind) -> Option<Dependency> {
    let name = PackageName::parse(name).ok()?;
    Some(Dependency {
        name: name.unscoped().to_owned(),
        namespace: name.scope().map(str::to_owned),
        requirement: range.to_owned(),
        kind,
    })
}
