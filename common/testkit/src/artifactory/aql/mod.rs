//! Artifactory's query language, as far as finding files goes: `items.find(…)` with criteria on
//! fields of the item, then `include`, `sort`, `offset`, `limit`, in this order.
//!
//! Everything else is refused with 400, so that nobody relies on what this does not do. Source:
//! "Artifactory Query Language": who may ask, which fields must be included, that sorting is not in
//! the open-source edition, that `range.total` counts the rows of the answer, and the notification
//! of a trimmed one.

mod criteria;
mod query;
mod row;

use serde_json::{Value, json};

use self::{query::Query, row::Row};
use super::{access::Asker, answer::Answer, call::Call, shelf::Shelf, times::Style};

/// What is said of rows that were left out. Source: the cloud's notification.
const TRIMMED: &str = "AQL query reached the search hard limit, results are trimmed.";

/// Answers `POST /api/search/aql`.
pub(super) fn answer(shelf: &Shelf, call: &Call, asker: &Asker) -> Answer {
    if asker.is_none() {
        return Answer::unauthorized("Authentication is required");
    }
    if !call.header("content-type").starts_with("text/plain") {
        return Answer::error(415, "Unsupported Media Type");
    }
    let text = String::from_utf8_lossy(&call.body);
    let query = match Query::parse(&text) {
        Ok(query) => query,
        Err(why) => {
            let message = format!(
                "Failed to parse query: {text}, it looks like there is a syntax error near: {why}"
            );
            return Answer::error(400, &message);
        }
    };
    if shelf.is_open_source && !query.sort.is_empty() {
        let message = "Sorting is not supported by AQL in the open source version";
        return Answer::error(400, message);
    }
    if !["repo", "path", "name"]
        .iter()
        .all(|field| query.includes(field))
    {
        let message =
            "For permissions reasons AQL demands the following fields: repo, path and name.";
        return Answer::error(400, message);
    }
    run(shelf, &query)
}

fn run(shelf: &Shelf, query: &Query) -> Answer {
    let style = shelf.style(Style::Zulu);
    let shown = shelf
        .repositories
        .iter()
        .filter(|_| !shelf.oddities.shows_nothing);
    let rows = shown.flat_map(|(key, repository)| {
        let items = repository.items.iter();
        items.map(move |(path, item)| Row::new(key, path, item))
    });
    let mut found: Vec<Row<'_>> = rows.filter(|row| query.criterion.holds(row)).collect();
    found.sort_by(|one, other| query.compare(one, other));
    let trims_at = shelf.oddities.trims_at.filter(|most| found.len() > *most);
    found.truncate(trims_at.unwrap_or(found.len()));
    // A table that grows while it is read shows rows again: later pages reach back.
    let offset = match query.offset {
        0 => 0,
        offset => offset.saturating_sub(shelf.oddities.overlap),
    };
    let page = found
        .iter()
        .skip(offset)
        .take(query.limit.unwrap_or(usize::MAX));
    let is_loose = shelf.oddities.has_loose_types;
    let results: Vec<Value> = page
        .map(|row| row.show(&query.include, style, is_loose))
        .collect();
    let mut range = json!({
        "start_pos": query.offset, "end_pos": query.offset + results.len(), "total": results.len(),
    });
    if let Some(limit) = query.limit {
        range["limit"] = json!(limit);
    }
    if trims_at.is_some() {
        range["notification"] = json!(TRIMMED);
    }
    Answer::json(&json!({ "results": results, "range": range }))
}
