//! What is shown of a package that was found, and the tokens it is found under.
//!
//! It is about the latest version; what its manifest does not say, the packument's root may.
//! Fields of odd shapes count as absent, and everything is bounded.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use super::{Field, Person, words};
use crate::{PackageName, Version, json::escape_lone_surrogates, text::printable};

/// Longest description, keyword and link shown, in characters.
const MAX_DESCRIPTION: usize = 500;
const MAX_KEYWORD: usize = 60;
const MAX_LINK: usize = 500;
/// Most keywords, and people of a kind.
const MAX_LISTED: usize = 50;
/// Most tokens of one package.
const MAX_TOKENS: usize = 200;
/// Largest manifest that is read; what is larger is known by its packument's root.
const MAX_MANIFEST_BYTES: usize = 1024 * 1024;

/// What a token is worth, by where it stands; the sum over a query's words orders answers.
pub mod weight {
    /// Only looked for by qualifiers.
    pub const QUALIFIER: i64 = 0;
    /// In the description.
    pub const DESCRIPTION: i64 = 1;
    /// In a keyword.
    pub const KEYWORD: i64 = 2;
    /// A word of the name.
    pub const NAME: i64 = 3;
    /// The name begins with what is asked for. Outweighs every word of any query.
    pub const NAME_PREFIX: i64 = 1_000;
    /// The name is what is asked for.
    pub const EXACT_NAME: i64 = 10_000;
}

/// What is shown of a package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its scope without `@`, or `unscoped`.
    pub scope: String,
    /// Its latest version.
    pub version: String,
    /// What it is.
    pub description: String,
    /// What it is about.
    pub keywords: Vec<String>,
    /// When the latest version was published, as upstream wrote it.
    pub date: Option<String>,
    /// Where to read on.
    pub links: Links,
    /// Who wrote it.
    pub author: Option<Person>,
    /// Who published the latest version.
    pub publisher: Option<Person>,
    /// Who looks after it.
    pub maintainers: Vec<Person>,
}

/// Where to read on; only http and https.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    /// Its page.
    pub homepage: Option<String>,
    /// Its source.
    pub repository: Option<String>,
    /// Where faults are told.
    pub bugs: Option<String>,
}

/// Root fields of a packument: the field's name and its JSON.
pub type Root = [(String, Box<RawValue>)];

impl Entry {
    /// Reads what a manifest and a packument's root say of the package.
    pub fn read(
        name: &PackageName,
        version: &Version,
        date: Option<&str>,
        (root, manifest): (&Root, &str),
    ) -> Self {
        let manifest = Some(manifest).filter(|text| text.len() <= MAX_MANIFEST_BYTES);
        let manifest: Value = manifest
            .and_then(|text| serde_json::from_str(&escape_lone_surrogates(text)).ok())
            .unwrap_or_default();
        let field = |field: &str| -> Value {
            let own = manifest.get(field).filter(|value| !value.is_null());
            own.cloned().unwrap_or_else(|| {
                let shared = root.iter().find(|(key, _)| key == field);
                shared
                    .and_then(|(_, raw)| {
                        serde_json::from_str(&escape_lone_surrogates(raw.get())).ok()
                    })
                    .unwrap_or_default()
            })
        };
        let description = field("description");
        Self {
            name: name.as_str().to_owned(),
            scope: name.scope().unwrap_or("unscoped").to_owned(),
            version: version.as_str().to_owned(),
            description: printable(
                description.as_str().unwrap_or_default().trim(),
                MAX_DESCRIPTION,
            ),
            keywords: keywords(&field("keywords")),
            date: date.map(str::to_owned),
            links: Links {
                homepage: link(&field("homepage")),
                repository: link(&field("repository")),
                bugs: link(&field("bugs")),
            },
            author: Person::read(&field("author")),
            publisher: Person::read(&field("_npmUser")),
            maintainers: people(&field("maintainers")),
        }
    }

    /// Returns the tokens it is found under, each with the most it is worth anywhere.
    pub fn tokens(&self) -> BTreeMap<String, i64> {
        let mut tokens = BTreeMap::new();
        let mut add = |token: String, weight: i64| {
            if tokens.len() < MAX_TOKENS || tokens.contains_key(&token) {
                let known = tokens.entry(token).or_insert(weight);
                *known = weight.max(*known);
            }
        };
        let mut qualify = |field: Field, value: &str| add(field.token(value), weight::QUALIFIER);
        qualify(Field::Name, &self.name);
        if self.name.starts_with('@') {
            qualify(Field::Scope, &self.scope);
        }
        if let Some(author) = &self.author {
            qualify(Field::Author, &author.username);
        }
        for person in self.maintainers.iter().chain(&self.publisher) {
            qualify(Field::Maintainer, &person.username);
        }
        for keyword in &self.keywords {
            qualify(Field::Keyword, keyword);
        }
        let keywords = self.keywords.join(" ");
        for (text, weight) in [
            (&self.name, weight::NAME),
            (&keywords, weight::KEYWORD),
            (&self.description, weight::DESCRIPTION),
        ] {
            for word in words::indexed(text) {
                add(word, weight);
            }
        }
        tokens
    }
}

/// Reads a list of texts, or one text that holds them.
fn keywords(value: &Value) -> Vec<String> {
    let texts: Vec<&str> = match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        Value::String(text) if text.contains(',') => text.split(',').collect(),
        Value::String(text) => text.split_whitespace().collect(),
        _ => Vec::new(),
    };
    let shown = texts
        .into_iter()
        .map(|text| printable(text.trim(), MAX_KEYWORD));
    shown
        .filter(|text| !text.is_empty())
        .take(MAX_LISTED)
        .collect()
}

fn people(value: &Value) -> Vec<Person> {
    let all = value.as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter()
        .filter_map(Person::read)
        .take(MAX_LISTED)
        .collect()
}

/// Reads an address, or the `url` of an object, as a browser can open it.
fn link(value: &Value) -> Option<String> {
    let text = value.as_str().or_else(|| value.get("url")?.as_str())?;
    let text = text.trim().trim_start_matches("git+");
    let text = match text.strip_prefix("git://") {
        Some(rest) => format!("https://{rest}"),
        None => text.to_owned(),
    };
    let text = text.strip_suffix(".git").unwrap_or(&text);
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    (is_web && text.chars().count() <= MAX_LINK).then(|| printable(text, MAX_LINK))
}
