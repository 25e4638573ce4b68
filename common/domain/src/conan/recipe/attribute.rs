//! Attributes of a recipe that describe its package, and how their values become facts.

use super::value::Value;
use crate::{catalogue::Facts, text::printable};

/// Longest text that is kept, in characters.
const MAX_TEXT: usize = 4096;
/// Longest topic or license, in characters.
const MAX_WORD: usize = 100;
/// Most topics, and most licenses.
const MAX_WORDS: usize = 50;

/// An attribute that says something to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attribute {
    Description,
    License,
    Author,
    Homepage,
    Url,
    Topics,
    SupportSdkVersion,
    PackageType,
}

impl Attribute {
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "description" => Self::Description,
            "license" => Self::License,
            "author" => Self::Author,
            "homepage" => Self::Homepage,
            "url" => Self::Url,
            "topics" => Self::Topics,
            "support_sdk_version" => Self::SupportSdkVersion,
            "package_type" => Self::PackageType,
            _ => return None,
        })
    }

    /// Puts a value where it belongs; returns what is wrong with it, if something is.
    pub(super) fn put(self, value: Value, facts: &mut Facts) -> Option<&'static str> {
        let (texts, is_unknown) = value.texts();
        let mut is_placeholder = false;
        let texts = texts.iter().filter(|text| {
            let is_template = is_template(text);
            is_placeholder |= is_template;
            !is_template
        });
        match self {
            Self::License => facts.licenses = words(texts.map(String::as_str)),
            Self::Topics => {
                let lower: Vec<_> = texts.map(|text| text.to_lowercase()).collect();
                facts.topics = words(lower.iter().flat_map(|text| text.split(',')));
            }
            _ => {
                let joined = texts.map(String::as_str).collect::<Vec<_>>().join(", ");
                let text = one_line(&joined, MAX_TEXT);
                *self.slot(facts) = Some(text).filter(|text| !text.is_empty());
            }
        }
        match (is_unknown, is_placeholder) {
            (true, _) => Some("is computed"),
            (_, true) => Some("is a placeholder"),
            _ => None,
        }
    }

    fn slot(self, facts: &mut Facts) -> &mut Option<String> {
        match self {
            Self::Author => &mut facts.author,
            Self::Homepage => &mut facts.homepage,
            Self::Url => &mut facts.repository,
            Self::SupportSdkVersion => &mut facts.support_sdk_version,
            Self::PackageType => &mut facts.package_type,
            Self::Description | Self::License | Self::Topics => &mut facts.description,
        }
    }
}

/// Returns each word once, as it is met first.
fn words<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut all = Vec::new();
    for text in texts {
        let word = one_line(text, MAX_WORD);
        if !word.is_empty() && !is_template(&word) && !all.contains(&word) && all.len() < MAX_WORDS
        {
            all.push(word);
        }
    }
    all
}

fn one_line(text: &str, max_chars: usize) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    printable(&joined, max_chars)
}

/// Says whether a text is nothing but `<…>`, as in the template of a new recipe.
fn is_template(text: &str) -> bool {
    let mut rest = text.trim();
    let mut has_group = false;
    while let Some(inner) = rest.strip_prefix('<') {
        let Some((_, after)) = inner.split_once('>') else {
            return false;
        };
        rest = after.trim_start_matches([' ', ',', '\n', '\r', '\t']);
        has_group = true;
    }
    has_group && rest.is_empty()
}
