//! A YAML document as a tree, built from its parser's events.
//!
//! Aliases are not followed: one that stands for something large is as small here as it was
//! written. Depth and number of events are bounded, so whatever the text is, the tree is not
//! much larger.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, StrInput};

use crate::text::printable;

/// Deepest nesting; what Conan's recipes have is a third of it.
const MAX_DEPTH: usize = 16;
/// Most events; far more than the longest known file has.
const MAX_EVENTS: usize = 50_000;
/// Longest reason, in characters.
const MAX_REASON: usize = 200;

/// A part of a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Node<'t> {
    /// Whatever type it would be: `1.10` is `1.10`.
    Text(Cow<'t, str>),
    List(Vec<Self>),
    /// In the order of the text.
    Map(Vec<(Self, Self)>),
    /// It stands elsewhere, and is not looked for.
    Alias,
}

/// Why there is no tree.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("it is no YAML: {0}")]
    Invalid(String),
    #[error("it is nested too deeply")]
    TooDeep,
    #[error("it has too many parts")]
    TooMany,
}

impl<'t> Node<'t> {
    /// Reads the first document of a text; an empty one is an empty text.
    pub(super) fn read(text: &'t str) -> Result<Self, Unreadable> {
        let mut reader = Reader {
            parser: Parser::new_from_str(text),
            left: MAX_EVENTS,
        };
        loop {
            match reader.next()? {
                Event::StreamStart | Event::DocumentStart(_) => {}
                Event::StreamEnd => return Ok(Node::Text("".into())),
                event => return reader.node(event, 0),
            }
        }
    }

    /// Returns the value of a key, the last if there are several; of what is not known, that.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let pairs = match self {
            Self::Map(pairs) => pairs,
            Self::Alias => return Some(self),
            Self::Text(_) | Self::List(_) => return None,
        };
        let find = |key: &str| {
            let found = pairs.iter().rfind(|(known, _)| known.text() == Some(key));
            found.map(|(_, value)| value)
        };
        // A merge of an alias may hold it.
        let merged = || find("<<").filter(|merged| **merged == Self::Alias);
        find(key).or_else(merged)
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Takes events one by one; what nobody asks for is not parsed.
struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    left: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Event<'t>, Unreadable> {
        self.left = self.left.checked_sub(1).ok_or(Unreadable::TooMany)?;
        match self.parser.next_event() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(error)) => {
                let why = printable(&error.to_string(), MAX_REASON);
                Err(Unreadable::Invalid(why))
            }
            None => Err(Unreadable::Invalid("it has no end".to_owned())),
        }
    }

    /// Builds what begins with an event.
    fn node(&mut self, event: Event<'t>, depth: usize) -> Result<Node<'t>, Unreadable> {
        if depth > MAX_DEPTH {
            return Err(Unreadable::TooDeep);
        }
        match event {
            Event::Scalar(text, ..) => Ok(Node::Text(text)),
            Event::Alias(_) => Ok(Node::Alias),
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => return Ok(Node::List(items)),
                        event => items.push(self.node(event, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(..) => {
                let mut pairs = Vec::new();
                loop {
                    let key = match self.next()? {
                        Event::MappingEnd => return Ok(Node::Map(pairs)),
                        event => self.node(event, depth + 1)?,
                    };
                    let value = self.next()?;
                    pairs.push((key, self.node(value, depth + 1)?));
                }
            }
            _ => Err(Unreadable::Invalid("something has no end".to_owned())),
        }
    }
}
