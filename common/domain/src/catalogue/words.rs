//! What a package of the catalogue is found by, and how that is looked for.
//!
//! A package's words are one folded text whose first line is its name. Whatever is looked for
//! must stand somewhere in it, so any part of a text is found, in scripts without spaces too.

use super::{Facts, NO_NAMESPACE, PackageKey};
use crate::search::words::fold;

/// Longest text that is looked through; how much of it a description may be.
const MAX_CHARS: usize = 4_000;
const MAX_DESCRIPTION_CHARS: usize = 2_000;
/// Most pieces of a search that are looked for.
const MAX_PIECES: usize = 8;

/// Returns what a package is found by: its name, its namespace, its description and each of its
/// topics on a line of their own, folded.
pub fn words(key: &PackageKey, facts: &Facts) -> String {
    let namespace = Some(key.namespace.as_str()).filter(|namespace| *namespace != NO_NAMESPACE);
    let description = facts.description.as_deref().unwrap_or_default();
    let description: String = description.chars().take(MAX_DESCRIPTION_CHARS).collect();
    let first = [&key.name, namespace.unwrap_or_default(), &description];
    let topics = facts.topics.iter().map(String::as_str);
    let lines = first.into_iter().chain(topics).map(|text| {
        let pieces: Vec<_> = text.split_whitespace().collect();
        fold(&pieces.join(" "))
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    text.chars().take(MAX_CHARS).collect()
}

/// Returns the pieces that must all stand in a package's words, each once, for it to be found:
/// what a search has between spaces, slashes, commas and `@`; the search itself if it is nothing
/// else. Without any, nothing is looked for.
pub fn pieces(search: &str) -> Vec<String> {
    let folded = fold(search);
    let cuts = |c: char| c.is_whitespace() || matches!(c, '/' | '@' | ',');
    let mut pieces = Vec::new();
    for piece in folded.split(cuts).filter(|piece| !piece.is_empty()) {
        if pieces.len() < MAX_PIECES && !pieces.iter().any(|known| known == piece) {
            pieces.push(piece.to_owned());
        }
    }
    let whole = folded.trim();
    if pieces.is_empty() && !whole.is_empty() {
        pieces.push(whole.to_owned());
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(namespace: &str, name: &str) -> PackageKey {
        PackageKey {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }

    #[test]
    fn words_are_folded_lines_with_the_name_first() {
        let facts = Facts {
            description: Some("Capteur\n  d'Humidité ＳＨＴ３０ 温湿度".to_owned()),
            topics: vec!["sensor".to_owned(), "I2C".to_owned()],
            ..Facts::default()
        };
        assert_eq!(
            words(&key("Sifli", "sht30"), &facts),
            "sht30\nsifli\ncapteur d'humidite sht30 温湿度\nsensor\ni2c"
        );
        assert_eq!(
            words(&key(NO_NAMESPACE, "a"), &Facts::default()),
            "a\n\n",
            "who has no namespace is not found by its mark"
        );
    }

    #[test]
    fn words_are_bounded() {
        let facts = Facts {
            description: Some("长".repeat(100_000)),
            topics: vec!["topic".to_owned(); 10_000],
            ..Facts::default()
        };
        let words = words(&key("n", "a"), &facts);
        assert_eq!(words.chars().count(), MAX_CHARS);
        assert!(words.contains("\ntopic\n"), "topics have room");
    }

    #[test]
    fn a_search_is_cut_where_names_are() {
        let table: [(&str, &[&str]); 7] = [
            ("", &[]),
            (" \t\n", &[]),
            (" @/,", &["@/,"]),
            ("SHT30 sht30", &["sht30"]),
            ("sifli/SHT30", &["sifli", "sht30"]),
            ("sht30@sifli, i2c", &["sht30", "sifli", "i2c"]),
            ("温湿度　传感器", &["温湿度", "传感器"]),
        ];
        for (search, wanted) in table {
            assert_eq!(pieces(search), wanted, "{search:?}");
        }
        let many: Vec<_> = (0..100).map(|n| n.to_string()).collect();
        assert_eq!(pieces(&many.join(" ")).len(), MAX_PIECES);
    }
}
