//! Python, as far as literals need it: logical lines of names, strings and signs.
//!
//! Brackets and backslashes join lines, comments vanish. What is damaged (a string without end,
//! a bracket too many) spoils what follows it, and nothing else happens.

/// What stands between two ends of a statement.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Columns before its first token.
    pub(super) indent: usize,
    pub(super) tokens: Vec<Token<'a>>,
}

/// The least thing with a meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name, a keyword or a number.
    Name(&'a str),
    /// A string; nothing if only a run could tell what it says.
    Text(Option<String>),
    /// Anything else.
    Sign(char),
}

/// Cuts a source into lines.
pub(super) fn lines(source: &str) -> Vec<Line<'_>> {
    let mut scanner = Scanner {
        rest: source,
        depth: 0,
        indent: indent_of(source),
        tokens: Vec::new(),
        lines: Vec::new(),
    };
    while scanner.step() {}
    scanner.end_line();
    scanner.lines
}

struct Scanner<'a> {
    rest: &'a str,
    /// Brackets that are open.
    depth: usize,
    indent: usize,
    tokens: Vec<Token<'a>>,
    lines: Vec<Line<'a>>,
}

impl<'a> Scanner<'a> {
    fn step(&mut self) -> bool {
        let Some(c) = self.rest.chars().next() else {
            return false;
        };
        match c {
            '#' => self.skip(self.rest.find('\n').unwrap_or(self.rest.len())),
            '"' | '\'' => self.string(""),
            '\\' => {
                self.skip(1);
                let end = self
                    .rest
                    .strip_prefix("\r\n")
                    .or(self.rest.strip_prefix('\n'));
                self.rest = end.unwrap_or(self.rest);
            }
            c if c.is_alphanumeric() || c == '_' => self.word(),
            c => {
                self.skip(c.len_utf8());
                self.sign(c);
            }
        }
        true
    }

    fn sign(&mut self, c: char) {
        match c {
            '\n' | ';' if self.depth == 0 => {
                self.end_line();
                if c == '\n' {
                    self.indent = indent_of(self.rest);
                }
                return;
            }
            c if c.is_whitespace() => return,
            '(' | '[' | '{' => self.depth += 1,
            ')' | ']' | '}' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.tokens.push(Token::Sign(c));
    }

    fn word(&mut self) {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        let is_prefix = word.len() <= 2 && word.chars().all(|c| "rRbBuUfFtT".contains(c));
        if is_prefix && rest.starts_with(['"', '\'']) {
            self.string(word);
        } else {
            self.tokens.push(Token::Name(word));
        }
    }

    /// Takes a string that begins here, after its prefix.
    fn string(&mut self, prefix: &str) {
        let has = |letter: char| prefix.chars().any(|c| c.eq_ignore_ascii_case(&letter));
        let mut quote = &self.rest[..1];
        if self.rest[1..].starts_with(quote) && self.rest[2..].starts_with(quote) {
            quote = &self.rest[..3];
        }
        self.skip(quote.len());
        let mut text = String::new();
        loop {
            if let Some(rest) = self.rest.strip_prefix(quote) {
                self.rest = rest;
                break;
            }
            let next = self.rest.chars().next();
            let Some(c) = next.filter(|c| *c != '\n' || quote.len() == 3) else {
                // It has no end.
                self.tokens.push(Token::Text(None));
                return;
            };
            self.skip(c.len_utf8());
            match c {
                '\\' if has('r') => {
                    text.push('\\');
                    self.take_char(&mut text);
                }
                '\\' => self.escape(&mut text),
                '\r' if self.rest.starts_with('\n') => {}
                c => text.push(c),
            }
        }
        let is_computed = has('b') || ((has('f') || has('t')) && text.contains(['{', '}']));
        self.tokens
            .push(Token::Text((!is_computed).then_some(text)));
    }

    /// Takes what follows a backslash.
    fn escape(&mut self, text: &mut String) {
        let Some(c) = self.rest.chars().next() else {
            return;
        };
        let plain = match c {
            'n' => "\n",
            't' => "\t",
            'r' => "\r",
            '\n' => "",
            '\r' | 'a' | 'b' | 'f' | 'v' => " ",
            '\\' => "\\",
            '\'' => "'",
            '"' => "\"",
            '0'..='7' => return self.coded(text, 8, 3),
            'x' | 'u' | 'U' => {
                self.skip(1);
                let digits = [('x', 2), ('u', 4), ('U', 8)];
                let count = digits.iter().find(|(letter, _)| *letter == c);
                return self.coded(text, 16, count.map_or(0, |(_, count)| *count));
            }
            _ => {
                text.push('\\');
                return self.take_char(text);
            }
        };
        text.push_str(plain);
        self.skip(1);
    }

    /// Takes a character's number of up to `count` digits.
    fn coded(&mut self, text: &mut String, radix: u32, count: usize) {
        let digits = self.rest.chars().take(count);
        let length = digits.take_while(|c| c.is_digit(radix)).count();
        let number = u32::from_str_radix(&self.rest[..length], radix);
        let c = number.ok().and_then(char::from_u32);
        text.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
        self.skip(length);
    }

    fn take_char(&mut self, text: &mut String) {
        if let Some(c) = self.rest.chars().next() {
            text.push(c);
            self.skip(c.len_utf8());
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    fn end_line(&mut self) {
        let tokens = std::mem::take(&mut self.tokens);
        if !tokens.is_empty() {
            self.lines.push(Line {
                indent: self.indent,
                tokens,
            });
        }
    }
}

/// Returns how many columns a line begins with; a tab leads to the next eighth.
fn indent_of(line: &str) -> usize {
    line.chars()
        .map_while(|c| match c {
            ' ' => Some(1),
            '\t' => Some(8),
            _ => None,
        })
        .fold(0, |column, width| match width {
            8 => column / 8 * 8 + 8,
            width => column + width,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the strings of a source; `-` for those that only a run can tell.
    fn texts(source: &str) -> Vec<String> {
        let tokens = lines(source).into_iter().flat_map(|line| line.tokens);
        tokens
            .filter_map(|token| match token {
                Token::Text(text) => Some(text.unwrap_or_else(|| "-".to_owned())),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn strings_say_what_python_says() {
        for (source, wanted) in [
            (r#""a" 'b'"#, vec!["a", "b"]),
            (
                r#""""a"b
c""""#,
                vec!["a\"b\nc"],
            ),
            ("'''a\r\nb'''", vec!["a\nb"]),
            (r#"'it\'s' "\"" """#, vec!["it's", "\"", ""]),
            (r#""\x41\u00e9\U0001f600\101\q""#, vec!["Aé😀A\\q"]),
            (r#"r"\n\"" u'x' R'y'"#, vec!["\\n\\\"", "x", "y"]),
            (
                r#"f"{x}" f"plain" b"x" rb'x' F'{{}}'"#,
                vec!["-", "plain", "-", "-", "-"],
            ),
            ("\"no end\n'next'", vec!["-", "next"]),
            ("\"\"\"no end", vec!["-"]),
            (r#""\xzz\ud800""#, vec!["\u{fffd}zz\u{fffd}"]),
            ("'a' # 'b'\n'c'", vec!["a", "c"]),
            ("'a\\\nb' '中文'", vec!["ab", "中文"]),
            ("'\\", vec!["-"]),
        ] {
            assert_eq!(texts(source), wanted, "{source}");
        }
    }

    #[test]
    fn lines_end_outside_brackets_only() {
        let source = "a = (1,\n  2)\n\tb = \\\n 3; c\n\n  # nothing\r\n  d\r\n)\ne";
        let found: Vec<_> = lines(source)
            .iter()
            .map(|line| (line.indent, line.tokens.len()))
            .collect();
        assert_eq!(found, [(0, 7), (8, 3), (8, 1), (2, 1), (0, 1), (0, 1)]);
    }
}
