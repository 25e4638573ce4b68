//! Asking: the rows of one term are candidates, and each is probed for the other terms.
//!
//! What a query can cost is bounded: of the first term's rows at most [`MAX_ROWS`] are
//! looked at, in the order of the index, and names that begin with the query beside them, so
//! that the best answers to a common word are there all the same.

use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use weir_domain::search::{Entry, Query, Term, weight};

use super::{Hit, Hits};
use crate::{
    StoreError,
    access::Viewer,
    sql::{Sql, by_index, sql},
};

/// Most rows of the first term that are looked at.
const MAX_ROWS: u32 = 20_000;
/// Most names that begin with the query.
const MAX_NAMES: u32 = 2_000;

/// Which part of what was found is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// How many of the best are passed over.
    pub from: u64,
    /// How many are wanted.
    pub size: u64,
}

#[derive(FromQueryResult)]
struct Row {
    package: String,
    score: i64,
    total: i64,
    entry: String,
}

/// Returns the packages that meet a query and that the viewer may read.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn find(
    connection: &impl ConnectionTrait,
    query: &Query,
    viewer: Viewer,
    page: Page,
) -> Result<Hits, StoreError> {
    if query
        .terms
        .iter()
        .any(|term| *term == Term::AnyOf(Vec::new()))
    {
        return Ok(Hits::default());
    }
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let ask = async |from: u64, size: u64| -> Result<Vec<Row>, StoreError> {
        let (from, size) = (number(from), number(size));
        statement(connection, (query, viewer), from, size)
            .all(connection)
            .await
    };
    let rows = ask(page.from, page.size).await?;
    // Beyond the end nobody says where that is.
    let total = match rows.first() {
        None if page.from > 0 || page.size == 0 => ask(0, 1).await?.first().map(|row| row.total),
        first => first.map(|row| row.total),
    };
    let hits = rows
        .into_iter()
        .take(usize::try_from(page.size).unwrap_or(usize::MAX));
    let hit = |row: Row| {
        let entry: Entry = serde_json::from_str(&row.entry).map_err(|_| StoreError::Corrupt {
            table: "search_entries",
            column: "entry",
            id: row.package,
        })?;
        let score = row.score;
        Ok(Hit { entry, score })
    };
    Ok(Hits {
        hits: hits.map(hit).collect::<Result<_, StoreError>>()?,
        total: total.and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
    })
}

fn statement(
    connection: &impl ConnectionTrait,
    (query, viewer): (&Query, Viewer),
    from: i64,
    size: i64,
) -> Sql {
    let mut values = Values::default();
    let Some((first, others)) = query.terms.split_first() else {
        let is_open = values.is_open("package", viewer);
        let (size, from) = (values.bind(size), values.bind(from));
        let text = format!(
            "SELECT package, CAST(0 AS BIGINT) AS score, \
             (SELECT COUNT(*) FROM search_entries WHERE {is_open}) AS total, entry \
             FROM search_entries WHERE {is_open} ORDER BY package LIMIT {size} OFFSET {from}"
        );
        return values.0.into_iter().fold(sql(text), Sql::bind);
    };
    let found = candidates(connection, &mut values, first, query.name.as_deref());
    // First who meets all terms, then what each of these is worth.
    let is_open = values.is_open("c.package", viewer);
    let (mut is_met, mut worth) = (vec![is_open], vec!["c.score".to_owned()]);
    let rows = |condition: String| {
        format!("FROM search_tokens o WHERE o.package = c.package AND {condition}")
    };
    for term in others {
        let rows = rows(values.condition("o.token", term));
        is_met.push(format!("EXISTS (SELECT 1 {rows})"));
        worth.push(format!("(SELECT MAX(o.weight) {rows})"));
    }
    if !query.excluded.is_empty() {
        let rows = rows(values.condition("o.token", &Term::AnyOf(query.excluded.clone())));
        is_met.push(format!("NOT EXISTS (SELECT 1 {rows})"));
    }
    let (is_met, worth) = (is_met.join(" AND "), worth.join(" + "));
    let (size, from) = (values.bind(size), values.bind(from));
    let text = format!(
        "SELECT page.package, page.score, page.total, e.entry FROM \
         (SELECT c.package, CAST({worth} AS BIGINT) AS score, COUNT(*) OVER () AS total FROM \
         (SELECT package, MAX(weight) AS score FROM ({found}) AS found GROUP BY package) AS c \
         WHERE {is_met} ORDER BY 2 DESC, 1 LIMIT {size} OFFSET {from}) AS page \
         JOIN search_entries e ON e.package = page.package ORDER BY page.score DESC, page.package"
    );
    values.0.into_iter().fold(sql(text), Sql::bind)
}

/// Returns the packages that meet the first term, each as often as it does, and those whose
/// name is or begins with `name`.
fn candidates(
    connection: &impl ConnectionTrait,
    values: &mut Values,
    first: &Term,
    name: Option<&str>,
) -> String {
    let index = by_index(connection, "search_tokens_by_token");
    let of_first = format!(
        "SELECT package, weight FROM (SELECT package, weight FROM search_tokens {index} \
         WHERE {} ORDER BY token, package LIMIT {MAX_ROWS}) AS of_first",
        values.condition("token", first)
    );
    let Some(name) = name else {
        return of_first;
    };
    let exact = values.bind(name);
    let beginning = values.condition("token", &Term::Beginning(name.to_owned()));
    format!(
        "{of_first} UNION ALL SELECT package, CASE WHEN token = {exact} THEN {} ELSE {} END \
         FROM (SELECT package, token FROM search_tokens {index} \
         WHERE {beginning} ORDER BY token, package LIMIT {MAX_NAMES}) AS of_name",
        weight::EXACT_NAME,
        weight::NAME_PREFIX,
    )
}

/// The values of a statement, numbered as they come.
#[derive(Default)]
struct Values(Vec<Value>);

impl Values {
    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }

    /// Returns the condition that the viewer may read a package.
    fn is_open(&mut self, package: &str, viewer: Viewer) -> String {
        let Some((closed, value)) = viewer.closed(self.0.len() + 1) else {
            return "true".to_owned();
        };
        self.0.extend(value);
        format!("{package} NOT IN ({closed})")
    }

    /// Returns the condition on a token that a term sets.
    fn condition(&mut self, token: &str, term: &Term) -> String {
        match term {
            Term::Beginning(text) => {
                // Whatever goes on after the text comes before its last possible follower.
                let last = format!("{text}{}", char::MAX);
                let (first, last) = (self.bind(text.as_str()), self.bind(last));
                format!("{token} >= {first} AND {token} <= {last}")
            }
            Term::AnyOf(tokens) => {
                let all: Vec<_> = tokens.iter().map(|one| self.bind(one.as_str())).collect();
                format!("{token} IN ({})", all.join(", "))
            }
        }
    }
}
