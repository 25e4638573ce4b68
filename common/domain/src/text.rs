//! Text from outside, made harmless before it meets a terminal or a log.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

/// What does not stand for itself in a part of a URL, by RFC 3986; `+` neither: some servers take
/// it for a space.
pub const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Returns `text` on one line, without control, escape or bidirectional characters, and at
/// most `max_chars` long (the cut is marked with `…`).
pub fn printable(text: &str, max_chars: usize) -> String {
    let mut clean = String::with_capacity(text.len().min(max_chars * 2));
    for (count, c) in text.chars().enumerate() {
        if count == max_chars {
            clean.push('…');
            break;
        }
        match c {
            '\n' | '\r' | '\t' => clean.push(' '),
            c if c.is_control() || is_bidi(c) => clean.push('\u{fffd}'),
            c => clean.push(c),
        }
    }
    clean
}

fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_line_breaks_are_disarmed() {
        assert_eq!(
            printable("a\nb\x1b[31mc\u{202e}d", 100),
            "a b\u{fffd}[31mc\u{fffd}d"
        );
        assert_eq!(printable("abcdef", 3), "abc…");
    }
}
