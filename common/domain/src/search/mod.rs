//! What packages are found by: an [`Entry`] is what an answer shows of one, its tokens are
//! what it is found under, and a [`Query`] says which tokens are wanted.
//!
//! Both sides cut and fold text in the same way ([`words`]), so neither knows the other.
//! A token is a plain word, or a field and its value (`keyword:react`): a word never has a
//! colon, so one list holds both.

mod entry;
mod person;
mod query;
#[cfg(test)]
mod tests;
pub mod words;

pub use entry::{Entry, Links, weight};
pub use person::Person;
pub use query::{Query, Term};

/// Which way of cutting made a token; whoever finds an older one makes it anew.
pub const SCHEME: i64 = 1;

/// A qualifier of queries, and the kind of token it looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The whole name.
    Name,
    /// One whole keyword.
    Keyword,
    /// The author's name.
    Author,
    /// The name of a maintainer, or of the latest version's publisher.
    Maintainer,
    /// The scope, without its `@`.
    Scope,
}

impl Field {
    /// Returns the token for a value of this field.
    pub fn token(self, value: &str) -> String {
        let field = match self {
            Self::Name => "name",
            Self::Keyword => "keyword",
            Self::Author => "author",
            Self::Maintainer => "maintainer",
            Self::Scope => "scope",
        };
        format!("{field}:{}", words::fold(value.trim()))
    }
}
