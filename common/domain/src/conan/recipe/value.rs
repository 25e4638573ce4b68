//! Literals: strings, in whatever pieces, and tuples, lists and sets of them.

use super::tokens::Token;

/// Deepest nesting that is looked into.
const MAX_DEPTH: usize = 32;

/// What an expression is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    /// A tuple, a list or a set.
    List(Vec<Value>),
    /// `None`.
    Absent,
    /// Only a run could tell.
    Unknown,
}

impl Value {
    /// Reads what is assigned: all of `tokens`.
    pub(super) fn of(tokens: &[Token<'_>]) -> Self {
        let mut reader = Reader { tokens, depth: 0 };
        let (mut items, has_comma) = reader.items();
        match items.pop() {
            Some(only) if !has_comma => only,
            Some(last) => {
                items.push(last);
                Self::List(items)
            }
            None => Self::Unknown,
        }
    }

    /// Reads the first argument of a call: `tokens` begin behind its bracket.
    pub(super) fn of_argument(tokens: &[Token<'_>]) -> Self {
        Reader { tokens, depth: 1 }.item()
    }

    /// Returns the texts in it, and whether there is something else that might be one.
    pub(super) fn texts(self) -> (Vec<String>, bool) {
        match self {
            Self::Text(text) => (vec![text], false),
            Self::Absent => (Vec::new(), false),
            Self::Unknown => (Vec::new(), true),
            Self::List(items) => {
                let mut all = (Vec::new(), false);
                for item in items {
                    let (texts, is_unknown) = item.texts();
                    all.0.extend(texts);
                    all.1 |= is_unknown;
                }
                all
            }
        }
    }

    fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Self::Text(a + &b),
            (Self::List(mut a), Self::List(b)) => {
                a.extend(b);
                Self::List(a)
            }
            _ => Self::Unknown,
        }
    }
}

struct Reader<'t, 'a> {
    tokens: &'t [Token<'a>],
    depth: usize,
}

impl Reader<'_, '_> {
    /// Takes items up to the closing bracket, or to the end; says whether there was a comma.
    fn items(&mut self) -> (Vec<Value>, bool) {
        let (mut items, mut has_comma) = (Vec::new(), false);
        loop {
            match self.tokens {
                [] => return (items, has_comma),
                [Token::Sign(')' | ']' | '}'), rest @ ..] => {
                    self.tokens = rest;
                    if self.depth > 0 {
                        return (items, has_comma);
                    }
                    items.push(Value::Unknown);
                }
                [Token::Sign(','), rest @ ..] => {
                    self.tokens = rest;
                    has_comma = true;
                }
                _ => items.push(self.item()),
            }
        }
    }

    /// Takes one item, whatever it is, up to a comma or a closing bracket.
    fn item(&mut self) -> Value {
        let value = self.sum();
        if self.skip_item() {
            Value::Unknown
        } else {
            value
        }
    }

    fn sum(&mut self) -> Value {
        let mut value = self.atom();
        while let [Token::Sign('+'), rest @ ..] = self.tokens {
            self.tokens = rest;
            value = value.plus(self.atom());
        }
        value
    }

    fn atom(&mut self) -> Value {
        let [first, rest @ ..] = self.tokens else {
            return Value::Unknown;
        };
        match first {
            Token::Text(text) => {
                self.tokens = rest;
                let mut value = text.clone().map_or(Value::Unknown, Value::Text);
                while let [Token::Text(text), rest @ ..] = self.tokens {
                    self.tokens = rest;
                    value = value.plus(text.clone().map_or(Value::Unknown, Value::Text));
                }
                value
            }
            Token::Name("None") => {
                self.tokens = rest;
                Value::Absent
            }
            Token::Sign(opener @ ('(' | '[' | '{')) if self.depth < MAX_DEPTH => {
                self.tokens = rest;
                self.depth += 1;
                let (mut items, has_comma) = self.items();
                self.depth -= 1;
                match items.pop() {
                    Some(only) if *opener == '(' && !has_comma => only,
                    last => {
                        items.extend(last);
                        Value::List(items)
                    }
                }
            }
            _ => Value::Unknown,
        }
    }

    /// Passes over what is left of an item; says whether there was anything.
    fn skip_item(&mut self) -> bool {
        let mut depth = 0_usize;
        let mut has_skipped = false;
        while let [token, rest @ ..] = self.tokens {
            match token {
                Token::Sign(',' | ')' | ']' | '}') if depth == 0 => break,
                Token::Sign(')' | ']' | '}') => depth -= 1,
                Token::Sign('(' | '[' | '{') => depth += 1,
                _ => {}
            }
            has_skipped = true;
            self.tokens = rest;
        }
        has_skipped
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tokens::lines, *};

    /// Shows what an expression is: `?` is unknown, `-` is `None`.
    fn shown(value: &Value) -> String {
        match value {
            Value::Text(text) => text.clone(),
            Value::List(items) => {
                let items: Vec<_> = items.iter().map(shown).collect();
                format!("[{}]", items.join(" "))
            }
            Value::Absent => "-".to_owned(),
            Value::Unknown => "?".to_owned(),
        }
    }

    #[test]
    fn literals_are_read_and_nothing_else() {
        for (source, wanted) in [
            ("'a'", "a"),
            ("'a' 'b'\\\n 'c'", "abc"),
            ("('a'\n 'b' + 'c')", "abc"),
            ("('a',)", "[a]"),
            ("'a', 'b'", "[a b]"),
            ("['a', 'b',]", "[a b]"),
            ("{'a', 'b'}", "[a b]"),
            ("('a', 'b') + ('c',)", "[a b c]"),
            ("[('a', 'x'), 'b']", "[[a x] b]"),
            ("()", "[]"),
            ("None", "-"),
            ("'a' if x else 'b'", "?"),
            ("'a'.upper()", "?"),
            ("'a' % (1, 2)", "?"),
            ("f'{x}'", "?"),
            ("'a' + x", "?"),
            ("('a', x, f(1, [2]), 'b')", "[a ? ? b]"),
            ("{'a': 1, 'b': 2}", "[? ?]"),
            ("('a', 'b'", "[a b]"),
            ("'a')", "?"),
            ("x('a', 'b')", "?"),
            ("load('x')", "?"),
            ("1", "?"),
        ] {
            let lines = lines(source);
            let tokens = &lines.first().expect("a line").tokens;
            assert_eq!(shown(&Value::of(tokens)), wanted, "{source}");
        }
    }

    #[test]
    fn only_the_first_argument_counts() {
        for (source, wanted) in [
            ("'a', x=1)", "a"),
            ("'a' 'b')", "ab"),
            ("ref='a')", "?"),
            (")", "?"),
            ("('a'), 'b')", "a"),
            ("", "?"),
        ] {
            let source = format!("f({source}");
            let lines = lines(&source);
            let tokens = &lines.first().expect("a line").tokens;
            assert_eq!(shown(&Value::of_argument(&tokens[2..])), wanted, "{source}");
        }
    }

    #[test]
    fn depth_without_end_is_unknown() {
        let source = "(".repeat(100_000);
        let lines = lines(&source);
        let (texts, is_unknown) = Value::of(&lines[0].tokens).texts();
        assert!(texts.is_empty() && is_unknown);
    }
}
