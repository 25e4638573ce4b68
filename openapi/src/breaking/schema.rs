//! Whether a schema keeps what an older one promised.
//!
//! An answer may say more and not less; a request may be given more freedom and not less. So
//! one comparison serves both, and the direction says which side of a difference breaks.

use serde_json::{Map, Value};

use super::{Breach, Part, members};

/// How deep schemas are followed: ours do not refer to themselves, a wrong one might.
const DEEPEST: usize = 32;

/// Who reads what the schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// The server.
    Request,
    /// The client.
    Answer,
}

/// Compares `old` with `new`, and notes what a client of `old` would miss.
pub(super) fn compare(
    (old_root, old): Part<'_>,
    (new_root, new): Part<'_>,
    (at, direction): (&str, Direction),
    found: &mut Vec<Breach>,
) {
    let (Some(before), Some(after)) = (flat(old_root, old, 0), flat(new_root, new, 0)) else {
        found.push(Breach::new(at, "cannot be followed"));
        return;
    };
    if at.matches('.').count() > DEEPEST {
        return;
    }
    of_type(&before, &after, (at, direction), found);
    if before["type"] != after["type"] {
        return;
    }
    of_words(&before, &after, (at, direction), found);
    if direction == Direction::Request {
        of_bounds(&before, &after, at, found);
    }
    of_fields(
        (old_root, &before),
        (new_root, &after),
        (at, direction),
        found,
    );
    for (key, mark) in [("items", "[]"), ("additionalProperties", ".*")] {
        let (old, new) = (&before[key], &after[key]);
        if old.is_object() {
            let at = format!("{at}{mark}");
            compare((old_root, old), (new_root, new), (&at, direction), found);
        }
    }
    if direction == Direction::Request {
        of_choices((old_root, &before), (new_root, &after), at, found);
    }
}

/// Returns a schema with what it refers to and is put together from, on one level.
fn flat(root: &Value, schema: &Value, depth: usize) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#'))?;
        return flat(root, target, depth + 1);
    }
    let mut all = schema.as_object().cloned().unwrap_or_default();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        let part = flat(root, part, depth + 1)?;
        for (key, value) in members(&part) {
            let known = all.entry(key.clone()).or_insert_with(|| value.clone());
            merge(known, value);
        }
    }
    Some(Value::Object(all))
}

/// Adds members and items that `known` lacks.
fn merge(known: &mut Value, value: &Value) {
    match (known, value) {
        (Value::Object(known), Value::Object(more)) => {
            for (key, value) in more {
                known.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        (Value::Array(known), Value::Array(more)) => {
            for value in more {
                if !known.contains(value) {
                    known.push(value.clone());
                }
            }
        }
        _ => {}
    }
}

fn of_type(old: &Value, new: &Value, (at, way): (&str, Direction), found: &mut Vec<Breach>) {
    for key in ["type", "format"] {
        let is_wider = way == Direction::Request && new[key].is_null();
        let is_narrower = way == Direction::Answer && old[key].is_null();
        if old[key] != new[key] && !is_wider && !is_narrower {
            let what = format!("{key} was {}, is {}", old[key], new[key]);
            found.push(Breach::new(at, what));
        }
    }
    let may_be_null = |schema: &Value| schema["nullable"] == true;
    match way {
        Direction::Request if may_be_null(old) && !may_be_null(new) => {
            found.push(Breach::new(at, "must not be null any more"));
        }
        Direction::Answer if may_be_null(new) && !may_be_null(old) => {
            found.push(Breach::new(at, "may be null now"));
        }
        _ => {}
    }
}

/// Compares the words of an enumeration. Of answers, more words are no breach: clients are
/// told to expect new ones; an enumeration that ceases to be one is.
fn of_words(old: &Value, new: &Value, (at, way): (&str, Direction), found: &mut Vec<Breach>) {
    let (before, after) = (old["enum"].as_array(), new["enum"].as_array());
    match (way, before, after) {
        (Direction::Request, None, Some(_)) => {
            found.push(Breach::new(at, "must be one of certain words now"));
        }
        (Direction::Answer, Some(_), None) => {
            found.push(Breach::new(at, "may be any word now"));
        }
        (_, Some(before), Some(after)) => {
            for word in before.iter().filter(|word| !after.contains(word)) {
                found.push(Breach::new(at, format!("the word {word} is gone")));
            }
        }
        _ => {}
    }
}

/// Compares what bounds a request's value.
fn of_bounds(old: &Value, new: &Value, at: &str, found: &mut Vec<Breach>) {
    for (key, is_upper) in [
        ("maximum", true),
        ("maxLength", true),
        ("maxItems", true),
        ("minimum", false),
        ("minLength", false),
        ("minItems", false),
    ] {
        let Some(bound) = new[key].as_f64() else {
            continue;
        };
        let is_narrower = match old[key].as_f64() {
            None => true,
            Some(former) if is_upper => bound < former,
            Some(former) => bound > former,
        };
        if is_narrower {
            let what = format!("{key} was {}, is {}", old[key], new[key]);
            found.push(Breach::new(at, what));
        }
    }
    if new["pattern"].is_string() && new["pattern"] != old["pattern"] {
        found.push(Breach::new(at, "has another pattern"));
    }
}

fn of_fields(
    (old_root, old): Part<'_>,
    (new_root, new): Part<'_>,
    (at, way): (&str, Direction),
    found: &mut Vec<Breach>,
) {
    let is_required = |schema: &Value, name: &str| {
        let names = schema["required"].as_array();
        names.is_some_and(|names| names.iter().any(|one| one == name))
    };
    for (name, field) in members(&old["properties"]) {
        let at = format!("{at}.{name}");
        let Some(newer) = new["properties"].get(name) else {
            found.push(Breach::new(&at, "is gone"));
            continue;
        };
        if way == Direction::Answer && is_required(old, name) && !is_required(new, name) {
            found.push(Breach::new(&at, "may be absent now"));
        }
        compare((old_root, field), (new_root, newer), (&at, way), found);
    }
    let empty = Map::new();
    let fields = new["properties"].as_object().unwrap_or(&empty);
    for name in fields.keys() {
        if way == Direction::Request && is_required(new, name) && !is_required(old, name) {
            found.push(Breach::new(&format!("{at}.{name}"), "is required now"));
        }
    }
}

/// Compares the choices of a request's value: each that was there must be there, or a wider
/// one.
fn of_choices(
    (old_root, old): Part<'_>,
    (new_root, new): Part<'_>,
    at: &str,
    found: &mut Vec<Breach>,
) {
    let (before, after) = (old["oneOf"].as_array(), new["oneOf"].as_array());
    let Some(after) = after else { return };
    if before.is_none() {
        found.push(Breach::new(at, "must be one of certain choices now"));
    }
    for choice in before.into_iter().flatten() {
        let takes = |newer: &&Value| {
            let mut missed = Vec::new();
            let way = (at, Direction::Request);
            compare((old_root, choice), (new_root, newer), way, &mut missed);
            missed.is_empty()
        };
        if after.iter().find(takes).is_none() {
            found.push(Breach::new(at, format!("{choice} is no choice any more")));
        }
    }
}
