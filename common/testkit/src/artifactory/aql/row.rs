//! An item as a query sees it.

use serde_json::{Map, Value, json};
use weir_domain::Timestamp;

use super::super::{
    shelf::Item,
    times::{self, Style},
};

/// The fields of an item that are known here.
pub(super) const FIELDS: [&str; 14] = [
    "repo",
    "path",
    "name",
    "type",
    "size",
    "created",
    "created_by",
    "modified",
    "modified_by",
    "updated",
    "actual_sha1",
    "actual_md5",
    "sha256",
    "depth",
];

/// Those of a query that names none.
pub(super) const USUAL: [&str; 10] = [
    "repo",
    "path",
    "name",
    "type",
    "size",
    "created",
    "created_by",
    "modified",
    "modified_by",
    "updated",
];

/// A field's value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell {
    Text(String),
    Number(usize),
    Time(Timestamp),
}

/// An item and its place.
#[derive(Debug)]
pub(super) struct Row<'a> {
    repo: &'a str,
    path: &'a str,
    name: &'a str,
    item: &'a Item,
}

impl<'a> Row<'a> {
    pub fn new(repo: &'a str, whole: &'a str, item: &'a Item) -> Self {
        let (path, name) = whole.rsplit_once('/').unwrap_or((".", whole));
        Self {
            repo,
            path,
            name,
            item,
        }
    }

    /// Returns a field.
    pub fn cell(&self, field: &str) -> Cell {
        let text = |text: &str| Cell::Text(text.to_owned());
        match field {
            "repo" => text(self.repo),
            "path" => text(self.path),
            "name" => text(self.name),
            "type" => text("file"),
            "size" => Cell::Number(self.item.bytes.len()),
            "created" | "updated" => Cell::Time(self.item.created),
            "modified" => Cell::Time(self.item.modified),
            "created_by" | "modified_by" => text(&self.item.by),
            "actual_sha1" => text(&self.item.sha1),
            "actual_md5" => text(&self.item.md5),
            "sha256" => text(&self.item.sha256),
            "depth" => Cell::Number(self.path.split('/').count() + 1),
            other => unreachable!("{other} was refused"),
        }
    }

    /// Shows the fields that were asked for.
    pub fn show(&self, fields: &[String], style: Style, is_loose: bool) -> Value {
        let mut shown = Map::new();
        for field in fields {
            let value = match self.cell(field) {
                Cell::Text(text) => json!(text),
                Cell::Number(number) if is_loose => json!(number.to_string()),
                Cell::Number(number) => json!(number),
                Cell::Time(at) => json!(times::write(at, style)),
            };
            shown.insert(field.clone(), value);
        }
        if is_loose {
            shown.insert("virtual_repos".to_owned(), json!(["conan"]));
        }
        Value::Object(shown)
    }
}
