//! Makes the Rust client from the document: reads it on standard input, writes the code on
//! standard output.
//!
//! A client lives longer than one release of a server. So the document is widened first: a
//! word of an enumeration may be a new one, a field of an answer may be absent, bounds are the
//! server's to judge. What is left is shape.

use std::io::{self, Read, Write};

use anyhow::Context;
use progenitor::{GenerationSettings, Generator, InterfaceStyle};
use serde_json::{Map, Value};

/// What only the server judges, and what only people read.
const NOT_SHAPE: [&str; 11] = [
    "enum",
    "example",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "pattern",
    "security",
    "uniqueItems",
];

/// Formats of texts that are handed on as they came.
const TEXTS: [&str; 2] = ["date-time", "uuid"];

fn main() -> anyhow::Result<()> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    let mut document: Value = serde_json::from_str(&text).context("the document")?;
    let paths = document["paths"].as_object_mut().context("paths")?;
    for operation in paths.values_mut().flat_map(members) {
        succeed_alike(operation);
        members(operation).for_each(widen);
    }
    widen(&mut document["components"]["schemas"]);
    let document: openapiv3::OpenAPI = serde_json::from_value(document)?;
    let mut settings = GenerationSettings::new();
    settings.with_interface(InterfaceStyle::Positional);
    let tokens = Generator::new(&settings).generate_tokens(&document)?;
    let file = syn::parse2(tokens)?;
    io::stdout().write_all(prettyplease::unparse(&file).as_bytes())?;
    Ok(())
}

fn members(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value.as_object_mut().into_iter().flat_map(Map::values_mut)
}

/// Leaves one success. Refusals have one shape, but who refuses may not be the server: callers
/// get the answer as it came.
fn succeed_alike(operation: &mut Value) {
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
    if let Some(all) = responses {
        let success = all.keys().min().cloned().unwrap_or_default();
        all.retain(|status, _| *status == success);
    }
}

/// Takes everything but the shape away.
fn widen(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(widen),
        Value::Object(members) => {
            // The members of `properties` are fields, whatever their names.
            for (name, member) in members.iter_mut() {
                match member.as_object_mut().filter(|_| name == "properties") {
                    Some(fields) => fields.values_mut().for_each(widen),
                    None => widen(member),
                }
            }
            members.retain(|name, member| {
                let is_names = name == "required" && member.is_array();
                let is_text = name == "format" && TEXTS.iter().any(|text| member == text);
                let is_shape = member.is_object() || !NOT_SHAPE.contains(&name.as_str());
                is_shape && !is_names && !is_text
            });
        }
        _ => {}
    }
}
