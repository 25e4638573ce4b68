//! An error and its causes, as one line for people.

use weir_domain::text::printable;

/// Longest line, in characters; some causes quote whole statements.
const MAX_LINE_CHARS: usize = 500;

/// Returns what an error says and what its causes say, each once.
pub fn one_line(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut texts: Vec<String> = Vec::new();
    for text in causes.map(ToString::to_string) {
        // Some libraries repeat their cause in their own text.
        if !texts.iter().any(|earlier| earlier.contains(&text)) {
            texts.push(text);
        }
    }
    printable(&texts.join(": "), MAX_LINE_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Outer {
        text: &'static str,
        source: std::io::Error,
    }

    fn line(text: &'static str) -> String {
        let source = std::io::Error::other("disk\nfull");
        one_line(&Outer { text, source })
    }

    #[test]
    fn causes_follow_unless_they_were_told() {
        assert_eq!(line("cannot write"), "cannot write: disk full");
        assert_eq!(line("cannot write: disk\nfull"), "cannot write: disk full");
    }
}
