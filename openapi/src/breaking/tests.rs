//! Changes of a small document, and whether each breaks its clients.

use serde_json::{Value, json};

use super::{breaches, is_admitted};

/// A document with one of everything.
fn document() -> Value {
    json!({
        "info": {"version": "0.1.0"},
        "paths": {"/things/{id}": {"put": {
            "operationId": "put_thing",
            "security": [{"bearer": []}, {}],
            "parameters": [
                {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
                {"name": "limit", "in": "query", "required": false,
                 "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
            ],
            "requestBody": {"required": false, "content": {"application/json":
                {"schema": {"$ref": "#/components/schemas/NewThing"}}}},
            "responses": {
                "200": {"description": "", "headers": {"etag": {}}, "content": {"application/json":
                    {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "404": {"description": ""},
            },
        }}},
        "components": {"schemas": {
            "NewThing": {"type": "object", "properties": {
                "name": {"type": "string", "maxLength": 10, "nullable": true},
                "kind": {"type": "string", "enum": ["a", "b"]},
                "many": {"oneOf": [{"type": "string"}, {"type": "array"}]},
            }},
            "Thing": {"type": "object", "required": ["name", "parts"], "properties": {
                "name": {"type": "string"},
                "state": {"type": "string", "enum": ["new", "old"]},
                "parts": {"type": "array", "items": {"allOf": [{"$ref": "#/components/schemas/Part"}]}},
                "words": {"type": "object", "additionalProperties": {"type": "string"}},
            }},
            "Part": {"type": "object", "required": ["size"],
                "properties": {"size": {"type": "integer"}}},
        }},
    })
}

/// Puts `value` at `pointer`, or takes what is there away.
fn changed(pointer: &str, value: &Value) -> Value {
    let mut document = document();
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let parent = document.pointer_mut(parent).expect("leads somewhere");
    match parent {
        Value::Object(members) if value.is_null() => {
            assert!(
                members.remove(&key.replace("~1", "/")).is_some(),
                "{pointer}"
            );
        }
        Value::Object(members) => {
            members.insert(key.replace("~1", "/"), value.clone());
        }
        Value::Array(items) if value.is_null() => {
            items.remove(key.parse().expect("a number"));
        }
        Value::Array(items) => items.push(value.clone()),
        _ => panic!("{pointer} leads into nothing"),
    }
    document
}

const OPERATION: &str = "/paths/~1things~1{id}/put";
const ASKED: &str = "/components/schemas/NewThing/properties";
const ANSWERED: &str = "/components/schemas/Thing/properties";

fn assert_breaks(table: &[(String, Value, &str)]) {
    for (pointer, value, expected) in table {
        let found = breaches(&document(), &changed(pointer, value));
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert!(
            found.len() == 1 && found[0].contains(expected),
            "{pointer} = {value}: {found:?} is not {expected:?}"
        );
    }
}

#[test]
fn the_same_document_breaks_nothing() {
    assert_eq!(breaches(&document(), &document()), vec![]);
}

#[test]
fn what_is_taken_from_operations_breaks() {
    let at = |rest: &str| format!("{OPERATION}{rest}");
    assert_breaks(&[
        ("/paths/~1things~1{id}".to_owned(), json!(null), "is gone"),
        (at(""), json!(null), "PUT /things/{id}: is gone"),
        (at("/operationId"), json!("store"), "was called"),
        (at("/security/1"), json!(null), "needs credentials"),
        (at("/parameters/1"), json!(null), "\"limit\": is gone"),
        (
            at("/parameters/2"),
            json!({"name": "x", "in": "query", "required": true}),
            "\"x\" is new and required",
        ),
        (at("/parameters/1/required"), json!(true), "is required now"),
        (
            at("/parameters/1/schema/maximum"),
            json!(50),
            "maximum was 100",
        ),
        (
            at("/parameters/1/schema/minimum"),
            json!(2),
            "minimum was 1",
        ),
        (at("/parameters/0/schema/pattern"), json!("^a"), "pattern"),
        (
            at("/requestBody/required"),
            json!(true),
            "a body is required",
        ),
        (at("/requestBody"), json!(null), "application/json is gone"),
        (at("/responses/200"), json!(null), "no longer answers 200"),
        (
            at("/responses/200/headers/etag"),
            json!(null),
            "etag is gone",
        ),
        (
            at("/responses/200/content/application~1json"),
            json!(null),
            "json is gone",
        ),
    ]);
}

#[test]
fn what_is_demanded_of_requests_breaks() {
    let at = |rest: &str| format!("{ASKED}{rest}");
    assert_breaks(&[
        (at("/name"), json!(null), "request.name: is gone"),
        (at("/name/maxLength"), json!(5), "maxLength was 10"),
        (at("/name/minLength"), json!(1), "minLength"),
        (at("/name/nullable"), json!(false), "must not be null"),
        (at("/name/type"), json!("integer"), "type was"),
        (at("/name/enum"), json!(["x"]), "certain words"),
        (at("/kind/enum/1"), json!(null), "the word \"b\" is gone"),
        (at("/many/oneOf/1"), json!(null), "no choice"),
        (
            "/components/schemas/NewThing/required".to_owned(),
            json!(["name"]),
            "request.name: is required now",
        ),
    ]);
}

#[test]
fn what_is_taken_from_answers_breaks() {
    let at = |rest: &str| format!("{ANSWERED}{rest}");
    assert_breaks(&[
        (at("/name"), json!(null), "200.name: is gone"),
        (at("/name/type"), json!("integer"), "type was"),
        (at("/name/nullable"), json!(true), "may be null now"),
        (at("/state/enum"), json!(null), "any word"),
        (at("/state/enum/0"), json!(null), "\"new\" is gone"),
        (at("/parts/items"), json!({"type": "string"}), "parts[]"),
        (
            at("/words/additionalProperties/type"),
            json!("integer"),
            "words.*",
        ),
        (
            "/components/schemas/Thing/required/0".to_owned(),
            json!(null),
            "200.name: may be absent",
        ),
        (
            "/components/schemas/Part/required/0".to_owned(),
            json!(null),
            "parts[].size: may be absent",
        ),
        (
            "/components/schemas/Part/properties/size/type".to_owned(),
            json!("string"),
            "parts[].size",
        ),
    ]);
}

#[test]
fn what_is_added_breaks_nothing() {
    for (pointer, value) in [
        ("/paths/~1more", json!({"get": {"operationId": "more"}})),
        (
            "/paths/~1things~1{id}/put/parameters/2",
            json!({"name": "x", "in": "query", "required": false}),
        ),
        (
            "/paths/~1things~1{id}/put/parameters/1/schema/maximum",
            json!(200),
        ),
        ("/paths/~1things~1{id}/put/responses/404", json!(null)),
        (
            "/paths/~1things~1{id}/put/responses/409",
            json!({"description": ""}),
        ),
        (
            "/components/schemas/NewThing/properties/more",
            json!({"type": "string"}),
        ),
        (
            "/components/schemas/NewThing/properties/name/maxLength",
            json!(20),
        ),
        (
            "/components/schemas/NewThing/properties/kind/enum/2",
            json!("c"),
        ),
        (
            "/components/schemas/NewThing/properties/many/oneOf/2",
            json!({"type": "integer"}),
        ),
        (
            "/components/schemas/NewThing/properties/many/oneOf/1/nullable",
            json!(true),
        ),
        (
            "/components/schemas/NewThing/properties/kind/enum",
            json!(null),
        ),
        (
            "/components/schemas/Thing/properties/more",
            json!({"type": "string"}),
        ),
        (
            "/components/schemas/Thing/properties/state/enum/2",
            json!("lost"),
        ),
        ("/components/schemas/Thing/required/2", json!("state")),
        ("/components/schemas/Thing/description", json!("a thing")),
    ] {
        assert_eq!(
            breaches(&document(), &changed(pointer, &value)),
            vec![],
            "{pointer}"
        );
    }
}

#[test]
fn the_version_says_whether_clients_may_break() {
    let of = |version: &str| json!({"info": {"version": version}});
    for (old, new, expected) in [
        ("0.1.0", "0.1.9", false),
        ("0.1.0", "0.2.0", true),
        ("0.9.0", "1.0.0", true),
        ("1.0.0", "1.9.0", false),
        ("1.0.0", "2.0.0", true),
    ] {
        assert_eq!(is_admitted(&of(old), &of(new)), expected, "{old} {new}");
    }
}
