//! Whether a value is what a schema of the document says: as strict as the document is, and
//! stricter, since fields that are not documented are refused.

use serde_json::Value;

/// Checks `value` against `schema`, as far as the document's schemas go.
pub fn check(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.trim_start_matches('#');
        return check(
            document,
            document.pointer(pointer).expect("leads somewhere"),
            value,
            at,
        );
    }
    if value.is_null() {
        assert_eq!(schema["nullable"], true, "{at} is null");
        return;
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        // The document's choices differ in their type.
        let choice = choices.iter().find(|choice| is_of_type(choice, value));
        let choice = choice.unwrap_or_else(|| panic!("{at}: {value} is none of {choices:?}"));
        return check(document, choice, value, at);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        check(document, part, value, at);
    }
    if let Some(words) = schema["enum"].as_array() {
        assert!(
            words.contains(value),
            "{at}: {value} is not one of {words:?}"
        );
    }
    match schema["type"].as_str() {
        Some("object") => check_object(document, schema, value, at),
        Some("array") => {
            for (index, item) in value
                .as_array()
                .unwrap_or_else(|| panic!("{at}"))
                .iter()
                .enumerate()
            {
                check(document, &schema["items"], item, &format!("{at}[{index}]"));
            }
        }
        Some("string") => {
            let text = value
                .as_str()
                .unwrap_or_else(|| panic!("{at} is no text: {value}"));
            let chars = text.chars().count() as u64;
            let most = schema["maxLength"].as_u64().unwrap_or(u64::MAX);
            let least = schema["minLength"].as_u64().unwrap_or(0);
            assert!((least..=most).contains(&chars), "{at}: {value}");
            check_format(schema, text, at);
        }
        Some(kind @ ("integer" | "number")) => {
            assert!(is_of_type(schema, value), "{at}: {value} is no {kind}");
            let number = value.as_f64().expect("a number");
            let least = schema["minimum"].as_f64().unwrap_or(f64::MIN);
            let most = schema["maximum"].as_f64().unwrap_or(f64::MAX);
            assert!((least..=most).contains(&number), "{at}: {value}");
        }
        Some("boolean") => assert!(value.is_boolean(), "{at}: {value}"),
        Some(other) => panic!("{at} has the type {other}"),
        None => {}
    }
}

fn check_object(document: &Value, schema: &Value, value: &Value, at: &str) {
    let object = value
        .as_object()
        .unwrap_or_else(|| panic!("{at} is no object: {value}"));
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(
            object.contains_key(name.as_str().expect("a name")),
            "{at} lacks {name}"
        );
    }
    for (name, value) in object {
        let at = format!("{at}.{name}");
        match (
            schema["properties"].get(name),
            schema.get("additionalProperties"),
        ) {
            (Some(property), _) => check(document, property, value, &at),
            (None, Some(any)) => check(document, any, value, &at),
            (None, None) => panic!("{at} is not in the document"),
        }
    }
}

fn is_of_type(schema: &Value, value: &Value) -> bool {
    match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    }
}

fn check_format(schema: &Value, text: &str, at: &str) {
    let is_fine = match schema["format"].as_str() {
        Some("uuid") => text.parse::<weir_domain::TaskId>().is_ok(),
        Some("date-time") => weir_domain::Timestamp::parse(text).is_some(),
        _ => true,
    };
    assert!(is_fine, "{at}: {text:?} is no {}", schema["format"]);
}

#[test]
fn what_does_not_fit_is_refused() {
    use serde_json::json;
    let document = json!({"components": {"schemas": {"Name": {"type": "string", "minLength": 2}}}});
    let name = json!({"$ref": "#/components/schemas/Name"});
    let object = json!({"type": "object", "required": ["a"], "properties": {"a": name}});
    for (schema, value, is_fine) in [
        (&name, json!("ab"), true),
        (&name, json!("a"), false),
        (&name, json!(null), false),
        (&object, json!({"a": "ab"}), true),
        (&object, json!({}), false),
        (&object, json!({"a": "ab", "b": 1}), false),
        (&json!({"type": "integer", "maximum": 3.0}), json!(4), false),
        (
            &json!({"type": "string", "format": "uuid"}),
            json!("4"),
            false,
        ),
        (
            &json!({"oneOf": [{"type": "array", "items": name}, name]}),
            json!(["a"]),
            false,
        ),
        (
            &json!({"oneOf": [{"type": "array", "items": name}, name]}),
            json!(["ab"]),
            true,
        ),
    ] {
        let checked = std::panic::catch_unwind(|| check(&document, schema, &value, "it"));
        assert_eq!(checked.is_ok(), is_fine, "{schema} {value}");
    }
}
