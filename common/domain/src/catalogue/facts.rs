//! What is known of one version: read out of its recipe, never by executing it.

use serde::{Deserialize, Serialize};

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
