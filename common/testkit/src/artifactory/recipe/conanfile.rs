//! Writing a `conanfile.py`.

use std::fmt::Write;

use weir_domain::catalogue::NO_NAMESPACE;

use super::{DATA, Recipe};

/// Writes a text as Python does: JSON's strings are Python's.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl Recipe {
    /// Returns the text of the recipe.
    pub(super) fn python(&self) -> String {
        let key = &self.reference.key;
        let mut text = String::from("from conan import ConanFile\n\n\nclass Made(ConanFile):\n");
        let mut attribute = |name: &str, expression: &str| {
            writeln!(text, "    {name} = {expression}").expect("text takes every line");
        };
        attribute("name", &quoted(&key.name));
        attribute("version", &quoted(&self.reference.version));
        if key.namespace != NO_NAMESPACE {
            attribute("user", &quoted(&key.namespace));
        }
        if self.reference.channel != NO_NAMESPACE {
            attribute("channel", &quoted(&self.reference.channel));
        }
        for (name, expression) in &self.attributes {
            attribute(name, expression);
        }
        let exports = self.exports.keys().filter(|path| *path != DATA);
        let exports: String = exports.map(|path| quoted(path) + ", ").collect();
        if !exports.is_empty() {
            attribute("exports", &format!("({exports})"));
        }
        if !self.sources.is_empty() {
            attribute("exports_sources", "\"*\"");
        }
        if !self.requires.is_empty() {
            text.push_str("\n    def requirements(self):\n");
            for reference in &self.requires {
                writeln!(text, "        self.requires({})", quoted(reference))
                    .expect("text takes every line");
            }
        }
        text
    }
}
