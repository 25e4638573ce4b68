//! Cuts text into words: lower case, accents gone, at what is neither letter nor digit.
//!
//! Scripts that write no spaces (Han, kana, Hangul) are cut into pairs of characters, so
//! that any part of two characters or more is found. The last character of a run also
//! stands alone: the others are found as the beginning of their pair.

use unicode_normalization::UnicodeNormalization;

/// Longest word, in characters; the rest of a longer one is not looked at.
const MAX_CHARS: usize = 40;

/// Returns the text in lower case and without accents.
///
/// Only the accents of alphabets go: voicing marks make another kana, and jamo another
/// syllable.
pub fn fold(text: &str) -> String {
    let is_accent = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    let lower = text.nfkd().flat_map(char::to_lowercase);
    lower.filter(|c| !is_accent(c)).nfc().collect()
}

/// Returns the words under which a text is found.
pub fn indexed(text: &str) -> Vec<String> {
    cut(text, |run| {
        let last = run.last().map(ToString::to_string);
        pairs(run).chain(last).collect()
    })
}

/// Returns the words that must be found, each as a beginning, for a text to be found.
pub fn wanted(text: &str) -> Vec<String> {
    cut(text, |run| match run {
        [alone] => vec![alone.to_string()],
        run => pairs(run).collect(),
    })
}

fn pairs(run: &[char]) -> impl Iterator<Item = String> + '_ {
    run.windows(2).map(|pair| pair.iter().collect())
}

fn cut(text: &str, of_run: impl Fn(&[char]) -> Vec<String>) -> Vec<String> {
    let folded: Vec<char> = fold(text).chars().collect();
    let kind = |c: &char| (c.is_alphanumeric(), is_spaceless(*c));
    let runs = folded.chunk_by(|a, b| kind(a) == kind(b));
    let mut words = Vec::new();
    for run in runs.filter(|run| run[0].is_alphanumeric()) {
        if is_spaceless(run[0]) {
            words.extend(of_run(run));
        } else {
            words.push(run.iter().take(MAX_CHARS).collect());
        }
    }
    words
}

/// Says whether a character belongs to a script without spaces between words.
fn is_spaceless(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11ff}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}'
        | '\u{3130}'..='\u{318f}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}
