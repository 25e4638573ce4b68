//! What is known of one version: read out of its recipe, never by executing it.

use serde::{Deserialize, Serialize};

use crate::Digest;

/// What a revision says of itself; absent where it says nothing that can be read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Facts {
    /// One paragraph.
    pub description: Option<String>,
    /// As written: an SPDX expression, mostly.
    pub licenses: Vec<String>,
    /// Who made it.
    pub author: Option<String>,
    /// Its page.
    pub homepage: Option<String>,
    /// Where its source is (`url` of a recipe).
    pub repository: Option<String>,
    /// Lower case, each once, no placeholders.
    pub topics: Vec<String>,
    /// The SDK versions it is for: `SiFli`'s own attribute, an npm range.
    pub support_sdk_version: Option<String>,
    /// `library`, `header-library`, `python-require`, …; `library` if it says nothing.
    pub package_type: Option<String>,
    /// What it needs.
    pub dependencies: Vec<Dependency>,
    /// Bytes of its files, as far as they were counted.
    pub size_bytes: Option<u64>,
    /// What its recipe fetches to build it, in the recipe's order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceArchive>,
}

/// An archive of sources, as a recipe names it; nobody has looked whether it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceArchive {
    /// Where: `http`, `https` or `ftp`, without credentials.
    pub url: String,
    /// What it must be.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha256: Option<Digest>,
}

/// Something a version needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// Conan's user; absent if it has none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub namespace: Option<String>,
    /// A version, or a range in brackets.
    pub requirement: String,
    /// How it is needed.
    pub kind: DependencyKind,
}

/// How something is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DependencyKind {
    /// By what is built.
    Requires,
    /// By the build.
    ToolRequires,
    /// By the tests.
    TestRequires,
    /// By the recipe.
    PythonRequires,
}

impl Facts {
    /// Says whether it is there for recipes only, so that nobody looks for it in a catalogue.
    pub fn is_for_recipes(&self) -> bool {
        self.package_type.as_deref() == Some("python-require")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_of_before_sources_were_read_are_still_read() {
        let old = r#"{"description":"a","licenses":["MIT"],"sizeBytes":7}"#;
        let read: Facts = serde_json::from_str(old).expect("facts");
        assert_eq!((read.sources.len(), read.size_bytes), (0, Some(7)));
        let said = serde_json::to_string(&read).expect("JSON");
        assert!(!said.contains("sources"), "{said}");
    }

    #[test]
    fn sources_come_back_as_they_were_kept() {
        let sha256 = Some(Digest::of(b"foo"));
        let url = "https://registry.example/a.tgz".to_owned();
        let whole = SourceArchive { url, sha256 };
        let bare = SourceArchive {
            sha256: None,
            ..whole.clone()
        };
        let facts = Facts {
            sources: vec![whole, bare],
            ..Facts::default()
        };
        let said = serde_json::to_string(&facts).expect("JSON");
        assert_eq!(serde_json::from_str::<Facts>(&said).expect("facts"), facts);
    }
}
