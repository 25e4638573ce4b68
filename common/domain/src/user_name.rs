//! The name of a user: what may be one, and when two of them are the same to a reader.
//!
//! A name is 1 to 100 characters of Unicode's composed form (NFC) without `:` (it separates
//! name and password), without what paths give a meaning, and without anything invisible.
//! Letter case does not tell two names apart ([`key`]). Nor may a new name only look like
//! another: [`skeleton`] maps what a reader takes for one character to one, and is unique too.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// Longest name, in characters.
pub const MAX_CHARS: usize = 100;

/// A checked name, composed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UserName(String);

/// Why a text is no user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUserName {
    /// Empty, or too long.
    #[error("must have 1 to {MAX_CHARS} characters")]
    Length,
    /// A character that no name has.
    #[error("must have no `:`, slash, `%`, `?`, `#`, space, control or invisible character")]
    Character,
    /// It would name this folder, or the one above, in a path.
    #[error("must not be `.` or `..`")]
    Dots,
}

impl UserName {
    /// Reads a name.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(text: &str) -> Result<Self, InvalidUserName> {
        // Composing never makes a text longer than three times what it was decomposed.
        if text.len() > MAX_CHARS * 16 {
            return Err(InvalidUserName::Length);
        }
        let name: String = text.nfc().collect();
        if !(1..=MAX_CHARS).contains(&name.chars().count()) {
            return Err(InvalidUserName::Length);
        }
        if name.contains(is_refused) {
            return Err(InvalidUserName::Character);
        }
        if matches!(name.as_str(), "." | "..") {
            return Err(InvalidUserName::Dots);
        }
        Ok(Self(name))
    }

    /// Returns the text, composed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns what one user's names have in common whatever their letter case: how users are found.
pub fn key(name: &str) -> String {
    name.nfc().collect::<String>().to_lowercase()
}

/// Returns what names that look alike have in common; of plain ASCII it is the [`key`].
pub fn skeleton(name: &str) -> String {
    let folded = name.nfkc().collect::<String>().to_lowercase();
    // Marks above a letter (`à`) tell it apart; so do those of other scripts.
    folded.chars().map(looks_like).collect()
}

fn is_refused(c: char) -> bool {
    matches!(c, ':' | '/' | '\\' | '%' | '?' | '#' | '"' | '<' | '>')
        || c.is_control()
        || c.is_whitespace()
        || is_invisible(c)
}

/// Whether a character takes no place, or only changes how others are drawn.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}'
        | '\u{e0000}'..='\u{10ffff}')
}

/// Returns the Latin letter that a Cyrillic, Greek or other letter is drawn as, else itself.
///
/// Source: the single-letter rows of Unicode's confusables that lead to `a`–`z`, for the scripts
/// whose letters common fonts draw the same.
fn looks_like(c: char) -> char {
    match c {
        'а' | 'α' | 'ɑ' => 'a',
        'в' | 'ь' => 'b',
        'с' | 'ϲ' | 'ᴄ' => 'c',
        'ԁ' | 'ɗ' => 'd',
        'е' | 'є' | 'ҽ' => 'e',
        'ɡ' | 'ց' => 'g',
        'һ' | 'հ' | 'ћ' => 'h',
        'і' | 'ι' | 'ı' | 'ɩ' | 'ӏ' => 'i',
        'ј' | 'ϳ' => 'j',
        'к' | 'κ' => 'k',
        'ⅼ' | 'ǀ' => 'l',
        'м' => 'm',
        'п' | 'ո' | 'η' => 'n',
        'о' | 'ο' | 'σ' | 'օ' | 'ᴏ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'г' | 'ᴦ' => 'r',
        'ѕ' | 'ꜱ' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ս' | 'ц' => 'u',
        'ѵ' | 'ν' | 'ᴠ' => 'v',
        'ԝ' | 'ω' | 'ɯ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'ү' | 'γ' => 'y',
        'ᴢ' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_composed_and_bounded() {
        let composed = UserName::parse("ju\u{308}rgen").expect("a name");
        assert_eq!(composed.as_str(), "jürgen");
        for name in [
            "a",
            "alice",
            "Alice.B-c_d~1",
            "constructor",
            "__proto__",
            "toString",
            "日本",
            "o'neil",
            &"é".repeat(100),
        ] {
            assert!(UserName::parse(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_hides_or_separates_is_refused() {
        for name in [
            "",
            "a:b",
            "a b",
            "a\tb",
            "a\r\nx-injected: 1",
            "a\0",
            "a/b",
            "a\\b",
            "a%2fb",
            "a?b",
            "a#b",
            "<a>",
            "\"",
            ".",
            "..",
            "a\u{200b}b",
            "a\u{202e}b",
            "\u{feff}a",
            "a\u{ad}b",
            "a\u{e0061}",
            "\u{3164}",
            "a\u{a0}b",
            "a\u{2028}b",
        ] {
            assert!(UserName::parse(name).is_err(), "{name:?}");
        }
        assert!(UserName::parse(&"a".repeat(101)).is_err());
        assert!(UserName::parse(&"e\u{301}".repeat(2_000)).is_err());
    }

    #[test]
    fn names_are_the_same_whatever_their_case_and_composition() {
        assert_eq!(key("Jürgen"), key("JU\u{308}RGEN"));
        assert_ne!(key("a"), key("а"), "Cyrillic is found by its own name");
    }

    #[test]
    fn names_that_look_alike_have_one_skeleton() {
        for (one, other) in [
            ("admin", "аdmin"),
            ("admin", "ａｄｍｉｎ"),
            ("admin", "admın"),
            ("scope", "ѕсоре"),
            ("alice", "ALICE"),
            ("alice", "αlιce"),
            ("file", "ﬁle"),
        ] {
            assert_eq!(skeleton(one), skeleton(other), "{one} {other}");
        }
        for (one, other) in [("alice", "alicé"), ("jurgen", "jürgen"), ("a1", "al")] {
            assert_ne!(skeleton(one), skeleton(other), "{one} {other}");
        }
        for plain in ["a1-b_c.d~e", "constructor", "__proto__"] {
            assert_eq!(skeleton(plain), key(plain));
        }
    }
}
