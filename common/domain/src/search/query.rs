//! What somebody looks for, taken apart.
//!
//! Words must all be there, each at least as a beginning. Qualifiers are those that npm's
//! registry documents: `keywords:a,b` (either), `keywords:a+b` (both), `keywords:a,-b` (not
//! b), `author:`, `maintainer:`, `scope:`, and npm's `=user`. Its `is:`, `not:` and
//! `boost-exact:` are about things that a mirror does not know, and are passed over.

use super::{Field, words};

/// Most terms of a query that are looked at.
const MAX_TERMS: usize = 12;

/// A condition; all of a query's must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// Some token begins so.
    Beginning(String),
    /// One of these is a token.
    AnyOf(Vec<String>),
}

/// A query, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// What the name may be or begin with: the token of the only free word, if it is one.
    pub name: Option<String>,
    /// What must hold; the hardest to meet, as far as that can be guessed, comes first.
    pub terms: Vec<Term>,
    /// Tokens that must not be there.
    pub excluded: Vec<String>,
}

impl Query {
    /// Reads a query; anything is one.
    pub fn read(text: &str) -> Self {
        let mut query = Self::default();
        let mut free = Vec::new();
        for part in text.split_whitespace() {
            match part.split_once(':') {
                _ if part.len() > 1 && part.starts_with('=') => {
                    query.any_of(Field::Maintainer, &part[1..]);
                }
                Some(("keywords" | "keyword", value)) => query.keywords(value),
                Some(("author", value)) => query.any_of(Field::Author, value),
                Some(("maintainer", value)) => query.any_of(Field::Maintainer, value),
                Some(("scope", value)) => {
                    query.any_of(Field::Scope, value.trim_start_matches('@'));
                }
                Some(("is" | "not" | "boost-exact", _)) => {}
                _ => free.push(part),
            }
        }
        if let [name] = free[..] {
            query.name = Some(Field::Name.token(name));
        }
        for part in free {
            let words = words::wanted(part);
            if words.is_empty() {
                // Something is wanted, and nothing is made of that.
                query.terms.push(Term::AnyOf(Vec::new()));
            }
            query.terms.extend(words.into_iter().map(Term::Beginning));
        }
        query.terms.sort_by_key(Term::ease);
        query.terms.dedup();
        query.terms.truncate(MAX_TERMS);
        query
    }

    /// Says whether nothing is asked, so that everything is wanted: what is only excluded
    /// is excluded from nothing.
    pub fn is_open(&self) -> bool {
        self.terms.is_empty()
    }

    fn any_of(&mut self, field: Field, value: &str) {
        self.terms.push(Term::AnyOf(vec![field.token(value)]));
    }

    fn keywords(&mut self, value: &str) {
        for all in value.split('+') {
            let (not, any): (Vec<_>, Vec<_>) = all
                .split(',')
                .filter(|one| !one.is_empty())
                .partition(|one| one.starts_with('-'));
            let token = |one: &str| Field::Keyword.token(one);
            self.excluded.extend(not.iter().map(|one| token(&one[1..])));
            if !any.is_empty() {
                self.terms
                    .push(Term::AnyOf(any.into_iter().map(token).collect()));
            }
        }
    }
}

impl Term {
    /// Guesses how many packages meet it: few have a long word.
    fn ease(&self) -> (usize, String) {
        let longest = match self {
            Self::Beginning(text) => text.as_str(),
            Self::AnyOf(tokens) => tokens
                .iter()
                .map(String::as_str)
                .min_by_key(|t| t.len())
                .unwrap_or_default(),
        };
        let is_impossible = *self == Self::AnyOf(Vec::new());
        let ease = if is_impossible {
            0
        } else {
            1_000 - longest.chars().count().min(999)
        };
        (ease, longest.to_owned())
    }
}
