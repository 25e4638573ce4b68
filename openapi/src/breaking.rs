//! What a client of an older document would miss in a newer one.
//!
//! Requests that were right must stay right, and answers must keep what they promised. So
//! operations, media types, statuses of success, fields and words of answers may be added and
//! not taken away; of requests it is the other way round: nothing new may be demanded, nothing
//! that was accepted be refused. What breaks may break with the document's version.

mod schema;

use std::fmt;

use serde_json::{Map, Value};

use self::schema::{Direction, compare};

/// The members of a path item that are operations.
const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

/// Something that was promised and is no more.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    /// Where in the document.
    at: String,
    /// What happened to it.
    what: String,
}

impl Breach {
    fn new(at: &str, what: impl Into<String>) -> Self {
        Self {
            at: at.to_owned(),
            what: what.into(),
        }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.what)
    }
}

/// Says whether the newer document's version admits breaches: another major version, or
/// another minor one as long as the major version is 0.
pub fn is_admitted(old: &Value, new: &Value) -> bool {
    let significant = |document: &Value| -> Vec<String> {
        let version = document["info"]["version"].as_str().unwrap_or_default();
        let parts: Vec<_> = version.split('.').map(str::to_owned).collect();
        let count = if version.starts_with("0.") { 2 } else { 1 };
        parts.into_iter().take(count).collect()
    };
    significant(old) != significant(new)
}

/// Returns what a client of `old` would miss in `new`.
pub fn breaches(old: &Value, new: &Value) -> Vec<Breach> {
    let mut found = Vec::new();
    for (path, item) in members(&old["paths"]) {
        for method in METHODS {
            let Some(operation) = item.get(method) else {
                continue;
            };
            let at = format!("{} {path}", method.to_uppercase());
            match new["paths"].get(path).and_then(|item| item.get(method)) {
                Some(newer) => of_operation((old, operation), (new, newer), &at, &mut found),
                None => found.push(Breach::new(&at, "is gone")),
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// A part of a document, with the document that its references lead into.
type Part<'d> = (&'d Value, &'d Value);

fn of_operation(
    (old_root, old): Part<'_>,
    (new_root, new): Part<'_>,
    at: &str,
    found: &mut Vec<Breach>,
) {
    if old["operationId"] != new["operationId"] {
        let what = format!(
            "was called {}, is called {}",
            old["operationId"], new["operationId"]
        );
        found.push(Breach::new(at, what));
    }
    if is_open(old) && !is_open(new) {
        found.push(Breach::new(at, "needs credentials now"));
    }
    of_parameters((old_root, old), (new_root, new), at, found);
    of_request((old_root, old), (new_root, new), at, found);
    for (status, response) in members(&old["responses"]) {
        // Refusals may change: callers have to expect any.
        if !status.starts_with(['2', '3']) {
            continue;
        }
        let newer = &new["responses"][status];
        if newer.is_null() {
            found.push(Breach::new(at, format!("no longer answers {status}")));
            continue;
        }
        let at = format!("{at}: {status}");
        for header in members(&response["headers"]).map(|(name, _)| name) {
            if newer["headers"].get(header).is_none() {
                found.push(Breach::new(&at, format!("the header {header} is gone")));
            }
        }
        of_content(
            (old_root, response),
            (new_root, newer),
            (&at, Direction::Answer),
            found,
        );
    }
}

fn is_open(operation: &Value) -> bool {
    let security = operation["security"].as_array();
    security.is_none_or(|all| all.iter().any(|one| one == &Value::Object(Map::new())))
}

fn of_parameters(
    (old_root, old): Part<'_>,
    (new_root, new): Part<'_>,
    at: &str,
    found: &mut Vec<Breach>,
) {
    let all = |operation: &'_ Value| -> Vec<Value> {
        operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    };
    let (before, after) = (all(old), all(new));
    let is_same = |one: &Value, other: &Value| {
        let folded = |parameter: &Value| parameter["name"].as_str().map(str::to_lowercase);
        one["in"] == other["in"] && folded(one) == folded(other)
    };
    for parameter in &before {
        let at = format!("{at}: parameter {}", parameter["name"]);
        let Some(newer) = after.iter().find(|one| is_same(one, parameter)) else {
            found.push(Breach::new(&at, "is gone"));
            continue;
        };
        if newer["required"] == true && parameter["required"] != true {
            found.push(Breach::new(&at, "is required now"));
        }
        let (old, new) = (&parameter["schema"], &newer["schema"]);
        compare(
            (old_root, old),
            (new_root, new),
            (&at, Direction::Request),
            found,
        );
    }
    for parameter in after.iter().filter(|one| one["required"] == true) {
        if !before.iter().any(|one| is_same(one, parameter)) {
            let what = format!("parameter {} is new and required", parameter["name"]);
            found.push(Breach::new(at, what));
        }
    }
}

fn of_request(
    (old_root, old): Part<'_>,
    (new_root, new): Part<'_>,
    at: &str,
    found: &mut Vec<Breach>,
) {
    let (before, after) = (&old["requestBody"], &new["requestBody"]);
    let at = format!("{at}: request");
    if after["required"] == true && before["required"] != true {
        found.push(Breach::new(&at, "a body is required now"));
    }
    let way = (&at[..], Direction::Request);
    of_content((old_root, before), (new_root, after), way, found);
}

/// Compares the bodies of a request or of an answer, by media type.
fn of_content(
    (old_root, old): Part<'_>,
    (new_root, new): Part<'_>,
    (at, direction): (&str, Direction),
    found: &mut Vec<Breach>,
) {
    for (media_type, media) in members(&old["content"]) {
        let newer = &new["content"][media_type];
        if newer.is_null() {
            found.push(Breach::new(at, format!("{media_type} is gone")));
            continue;
        }
        let (old, new) = ((old_root, &media["schema"]), (new_root, &newer["schema"]));
        compare(old, new, (at, direction), found);
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

#[cfg(test)]
mod tests;
