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
        (!text.is_empty()).then(|| text.to_owned())
    };
    let prose = |field: &str, inside: &str| {
        let text = without_users(&text(field, inside)?, char::is_whitespace);
        Some(printable(&text, MAX_TEXT))
    };
    let address = |field: &str| text(field, "url").map(|text| shown_address(&text));
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
        description: prose("description", ""),
        licenses: prose("license", "type").into_iter().collect(),
        author: prose("author", "name"),
        homepage: address("homepage"),
        repository: address("repository"),
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
        requirement: shown_address(range),
        kind,
    })
}

fn shown_address(text: &str) -> String {
    printable(&without_users(text, |_| false), MAX_TEXT)
}

/// Cuts out of addresses as whom they are asked, and with what password. Where one ends in prose
/// `ends` tells.
fn without_users(text: &str, ends: impl Fn(char) -> bool) -> String {
    let mut parts = text.split("://");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c| c == '/' || ends(c)).unwrap_or(part.len());
        let start = part[..end].rfind('@').map_or(0, |place| place + 1);
        shown.push_str("://");
        shown.push_str(&part[start..]);
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn credentials_in_addresses_are_not_shown() {
        let facts = facts_of(&json!({
            "description": "See https://me:SECRET@a.example, or ask a@b.example",
            "author": "Me (http://me.example) <me@b.example>",
            "homepage": "https://SECRET@a.example/x@1",
            "repository": {"url": "git+https://me:SEC@RET@a.example/x.git"},
            "dependencies": {
                "a": "git+https://me:SECRET@a.example/a.git#v1",
                "b": "git+ssh://git:SECRET@a.example:b/b.git",
                "c": "https://me:SEC\tRET@a.example",
                "d": "npm:@s/d@^1.0.0",
                "e": format!("https://me:{}@a.example/e", "SECRET".repeat(2000)),
                "f": "x".repeat(MAX_TEXT * 2),
            },
        }));
        let shown = format!("{facts:?}");
        assert!(!shown.contains("SEC") && !shown.contains("RET"), "{shown}");
        let description = facts.description.as_deref();
        assert_eq!(
            description,
            Some("See https://a.example, or ask a@b.example")
        );
        let author = facts.author.as_deref();
        assert_eq!(author, Some("Me (http://me.example) <me@b.example>"));
        assert_eq!(facts.homepage.as_deref(), Some("https://a.example/x@1"));
        let repository = facts.repository.as_deref();
        assert_eq!(repository, Some("git+https://a.example/x.git"));
        let needs: Vec<_> = facts
            .dependencies
            .iter()
            .map(|one| &*one.requirement)
            .collect();
        assert_eq!(
            needs[..5],
            [
                "git+https://a.example/a.git#v1",
                "git+ssh://a.example:b/b.git",
                "https://a.example",
                "npm:@s/d@^1.0.0",
                "https://a.example/e",
            ]
        );
        assert_eq!(needs[5].chars().count(), MAX_TEXT + 1, "and that it is cut");
    }
}
