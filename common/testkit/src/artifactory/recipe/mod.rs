//! Recipes made of nothing: what `conan export` and `conan upload` would make of them, byte for
//! byte the same every time.
//!
//! Source: Conan's own client. A revision is the MD5 of the manifest without its first line, the
//! manifest has the MD5 of every file, a package's id is the SHA-1 of its `conaninfo.txt`.

mod build;
mod conanfile;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use weir_domain::catalogue::Reference;

pub use build::Built;

/// What a recipe keeps beside its code.
const DATA: &str = "conandata.yml";

/// The description of a recipe.
#[derive(Debug, Clone)]
pub struct Recipe {
    reference: Reference,
    /// Names and Python expressions, in the order of the class.
    attributes: Vec<(String, String)>,
    requires: Vec<String>,
    sources: BTreeMap<String, Bytes>,
    /// What lies beside the recipe, `conandata.yml` among it.
    exports: BTreeMap<String, Bytes>,
    conanfile: Option<Bytes>,
    binaries: Vec<Binary>,
    revision: Option<String>,
    wrong: BTreeSet<String>,
    archive: Option<Bytes>,
}

/// The description of a binary package.
#[derive(Debug, Clone, Default)]
pub struct Binary {
    /// Its `conaninfo.txt`: sections and their lines.
    pub info: Vec<(String, Vec<String>)>,
    /// What is packed.
    pub files: BTreeMap<String, Bytes>,
}

impl Recipe {
    /// Begins a recipe: `name/version`, `…@user`, `…@user/channel`.
    pub fn new(reference: &str) -> Self {
        let reference = super::read(reference);
        let description = format!("{}, made for a test", reference.key.name);
        let recipe = Self {
            reference,
            attributes: Vec::new(),
            requires: Vec::new(),
            sources: BTreeMap::new(),
            exports: BTreeMap::new(),
            conanfile: None,
            binaries: Vec::new(),
            revision: None,
            wrong: BTreeSet::new(),
            archive: None,
        };
        recipe.description(&description).license("Apache-2.0")
    }

    /// Makes so many recipes, of one version each, with a README and a topic.
    pub fn crowd(count: usize) -> impl Iterator<Item = Self> {
        (1..=count).map(|number| {
            let topic = ["sensor", "camera", "audio", "lcd"][number % 4];
            Self::new(&format!("part-{number:05}/1.0.{}@sifli", number % 7))
                .topics(&["driver", topic])
                .readme(&format!("# Part {number}\n"))
        })
    }

    /// Returns what it is called.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Sets an attribute of the class to a Python expression.
    #[must_use]
    pub fn attribute(mut self, name: &str, expression: &str) -> Self {
        self.attributes.retain(|(known, _)| known != name);
        let attribute = (name.to_owned(), expression.to_owned());
        self.attributes.push(attribute);
        self
    }

    /// Sets an attribute to a text.
    #[must_use]
    pub fn text(self, name: &str, text: &str) -> Self {
        self.attribute(name, &conanfile::quoted(text))
    }

    /// Sets the description.
    #[must_use]
    pub fn description(self, text: &str) -> Self {
        self.text("description", text)
    }

    /// Sets the licence.
    #[must_use]
    pub fn license(self, text: &str) -> Self {
        self.text("license", text)
    }

    /// Sets the topics.
    #[must_use]
    pub fn topics(self, topics: &[&str]) -> Self {
        let topics: Vec<String> = topics.iter().map(|one| conanfile::quoted(one)).collect();
        self.attribute("topics", &format!("({},)", topics.join(", ")))
    }

    /// Sets the SDK versions it is for.
    #[must_use]
    pub fn sdk(self, range: &str) -> Self {
        self.text("support_sdk_version", range)
    }

    /// Needs something: a reference, or a range in brackets in its place.
    #[must_use]
    pub fn requires(mut self, reference: &str) -> Self {
        self.requires.push(reference.to_owned());
        self
    }

    /// Adds a file that is exported with the recipe.
    #[must_use]
    pub fn source(mut self, path: &str, content: impl Into<Bytes>) -> Self {
        self.sources.insert(path.to_owned(), content.into());
        self
    }

    /// Adds a README.
    #[must_use]
    pub fn readme(self, text: &str) -> Self {
        self.source("README.md", text.to_owned())
    }

    /// Adds a file that is exported beside the recipe.
    #[must_use]
    pub fn exports(mut self, path: &str, content: impl Into<Bytes>) -> Self {
        self.exports.insert(path.to_owned(), content.into());
        self
    }

    /// Adds a `conandata.yml`, which Conan exports whatever the recipe says.
    #[must_use]
    pub fn data(self, yaml: &str) -> Self {
        self.exports(DATA, yaml.to_owned())
    }

    /// Says the whole `conanfile.py`.
    #[must_use]
    pub fn conanfile(mut self, text: impl Into<Bytes>) -> Self {
        self.conanfile = Some(text.into());
        self
    }

    /// Adds a binary package.
    #[must_use]
    pub fn binary(mut self, binary: Binary) -> Self {
        self.binaries.push(binary);
        self
    }

    /// Is uploaded under this revision, whatever its manifest says.
    #[must_use]
    pub fn at_revision(mut self, revision: &str) -> Self {
        self.revision = Some(revision.to_owned());
        self
    }

    /// Has the MD5 of something else in its manifest for this file.
    #[must_use]
    pub fn wrong_md5(mut self, file: &str) -> Self {
        self.wrong.insert(file.to_owned());
        self
    }

    /// Has these bytes as its `conan_sources.tgz`; see [`super::archive`].
    #[must_use]
    pub fn archive(mut self, bytes: impl Into<Bytes>) -> Self {
        self.archive = Some(bytes.into());
        self
    }

    /// Returns the files that it is exported from, by path.
    pub fn exported(&self) -> BTreeMap<String, Bytes> {
        let mut files = self.sources.clone();
        let conanfile = self.conanfile.clone();
        let conanfile = conanfile.unwrap_or_else(|| self.python().into());
        files.insert("conanfile.py".to_owned(), conanfile);
        files.extend(self.exports.clone());
        files
    }

    /// Makes the files of it.
    pub fn build(&self) -> Built {
        build::build(self)
    }
}

impl Binary {
    /// Adds a section of its `conaninfo.txt`.
    #[must_use]
    pub fn section(mut self, name: &str, lines: &[&str]) -> Self {
        let lines = lines.iter().map(ToString::to_string).collect();
        self.info.push((name.to_owned(), lines));
        self
    }

    /// Adds a file.
    #[must_use]
    pub fn file(mut self, path: &str, content: impl Into<Bytes>) -> Self {
        self.files.insert(path.to_owned(), content.into());
        self
    }
}
