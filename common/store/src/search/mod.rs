//! Finding packages by their words: an entry a package, and a row for each of its tokens.
//!
//! A word is found as the beginning of a token: one range of the index
//! `search_tokens_by_token`. Entries and tokens are written in the transaction that shows a
//! revision ([`crate::packages::flip`]), so what is found is what is shown. Only packages
//! without an entry of their revision (they were there before this table, or a process of
//! the release before wrote them) are looked for and mended: [`behind`], [`refresh`].

mod find;
mod put;

use weir_domain::search::Entry;

pub use find::{Page, find};
pub(crate) use put::put;
pub use put::{behind, refresh, remove};

/// A package that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// What is shown of it.
    pub entry: Entry,
    /// What it is worth for the query; see [`weir_domain::search::weight`].
    pub score: i64,
}

/// A page of what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hits {
    /// The best first, ties by name.
    pub hits: Vec<Hit>,
    /// How many were found in all; at least, if a word is a very common one.
    pub total: u64,
}
