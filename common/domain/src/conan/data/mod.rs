//! `conandata.yml`: where the sources of a recipe's versions lie, among other data of the recipe.
//!
//! `sources` has an entry for each version: a URL, or several of the same archive, with a digest; a
//! list of such; or such below the names of systems and processors. Everything of the wanted version
//! is taken, wherever it is for. What else recipes keep there (patches, options) is theirs.
//!
//! Source: Conan's documents, "conandata.yml", and the recipes of its public index.

mod node;

use url::Url;

use self::node::Node;
use crate::catalogue::SourceArchive;

/// Most archives that are kept.
const MAX_SOURCES: usize = 20;
/// Longest URL, in bytes.
const MAX_URL: usize = 2_000;

/// The sources of one version.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sources {
    /// Each place once, in the order of the text.
    pub archives: Vec<SourceArchive>,
    /// What could not be read, or was left out.
    pub warnings: Vec<String>,
}

/// Reads the sources of a version out of a `conandata.yml`, whatever it is.
pub fn read_sources(data: &[u8], version: &str) -> Sources {
    let mut sources = Sources::default();
    let Ok(text) = std::str::from_utf8(data) else {
        sources.warn("conandata.yml is not UTF-8");
        return sources;
    };
    match Node::read(text.trim_start_matches('\u{feff}')) {
        Ok(root) => {
            let all = root.get("sources");
            if let Some(own) = all.and_then(|all| all.get(version)) {
                sources.take(own);
            }
        }
        Err(why) => sources.warn(&format!("conandata.yml was not read: {why}")),
    }
    sources
}

impl Sources {
    /// Takes what has a `url`, and looks for it in what has none.
    fn take(&mut self, node: &Node<'_>) {
        match node {
            Node::Alias => self.warn_of_alias(),
            Node::Text(_) => {}
            Node::List(items) => items.iter().for_each(|item| self.take(item)),
            Node::Map(pairs) => match node.get("url") {
                Some(url) => self.add(url, node.get("sha256")),
                None => pairs.iter().for_each(|(_, value)| self.take(value)),
            },
        }
    }

    fn add(&mut self, url: &Node<'_>, sha256: Option<&Node<'_>>) {
        let sha256 = match sha256 {
            None => None,
            Some(Node::Text(text)) => {
                let digest = text.trim().parse().ok();
                if digest.is_none() {
                    self.warn("a digest in conandata.yml is no SHA-256");
                }
                digest
            }
            Some(_) => {
                self.warn_of_alias();
                None
            }
        };
        let urls = match url {
            Node::List(urls) => urls,
            one => std::slice::from_ref(one),
        };
        for url in urls {
            let Some(text) = url.text() else {
                self.warn_of_alias();
                continue;
            };
            match shown(text) {
                Some(url) => self.put(SourceArchive { url, sha256 }),
                None => self.warn("a source in conandata.yml is no URL that can be shown"),
            }
        }
    }

    fn put(&mut self, archive: SourceArchive) {
        if self.archives.iter().any(|known| known.url == archive.url) {
            return;
        }
        if self.archives.len() < MAX_SOURCES {
            self.archives.push(archive);
        } else {
            self.warn(&format!(
                "conandata.yml has more than {MAX_SOURCES} sources of this version"
            ));
        }
    }

    fn warn_of_alias(&mut self) {
        self.warn("conandata.yml does not write a source out where it is used");
    }

    fn warn(&mut self, text: &str) {
        if !self.warnings.iter().any(|known| known == text) {
            self.warnings.push(text.to_owned());
        }
    }
}

/// Returns a URL that anybody may see and follow: with a host, and without credentials.
fn shown(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    let is_followed = ["http", "https", "ftp"].contains(&url.scheme()) && url.has_host();
    let is_open = url.username().is_empty() && url.password().is_none();
    let text = url.to_string();
    (is_followed && is_open && text.len() <= MAX_URL).then_some(text)
}

#[cfg(test)]
mod tests;
