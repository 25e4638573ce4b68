//! The published document, and that it tells the truth about the routes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::server::Server;

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

fn document() -> Value {
    serde_json::from_str(&weir_api::openapi()).expect("the document is JSON")
}

/// Every operation as (path, method, operation).
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("an item") {
            assert!(METHODS.contains(&method.as_str()), "{path} {method}");
            all.push((path.clone(), method.clone(), operation.clone()));
        }
    }
    all
}

#[test]
fn no_key_appears_twice_in_one_object() {
    let read = serde_json::from_str::<NoTwins>(&weir_api::openapi());
    assert!(read.is_ok(), "{:?}", read.err());
}

/// A value that refuses to be read from an object with the same key twice.
struct NoTwins;

impl<'de> serde::Deserialize<'de> for NoTwins {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = NoTwins;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("anything")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<NoTwins, A::Error> {
                let mut seen = BTreeSet::new();
                while let Some(key) = map.next_key::<String>()? {
                    map.next_value::<NoTwins>()?;
                    if !seen.insert(key.clone()) {
                        return Err(serde::de::Error::custom(format!("{key} appears twice")));
                    }
                }
                Ok(NoTwins)
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut seq: A,
            ) -> Result<NoTwins, A::Error> {
                while seq.next_element::<NoTwins>()?.is_some() {}
                Ok(NoTwins)
            }

            fn visit_str<E>(self, _: &str) -> Result<NoTwins, E> {
                Ok(NoTwins)
            }

            fn visit_bool<E>(self, _: bool) -> Result<NoTwins, E> {
                Ok(NoTwins)
            }

            fn visit_f64<E>(self, _: f64) -> Result<NoTwins, E> {
                Ok(NoTwins)
            }

            fn visit_i64<E>(self, _: i64) -> Result<NoTwins, E> {
                Ok(NoTwins)
            }

            fn visit_u64<E>(self, _: u64) -> Result<NoTwins, E> {
                Ok(NoTwins)
            }

            fn visit_unit<E>(self) -> Result<NoTwins, E> {
                Ok(NoTwins)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[test]
fn twins_are_found() {
    for (text, is_fine) in [
        (r#"{"a":1,"b":[{"a":null}]}"#, true),
        (r#"{"a":1,"a":2}"#, false),
        (r#"{"a":[{"b":{"c":1,"c":1}}]}"#, false),
    ] {
        assert_eq!(
            serde_json::from_str::<NoTwins>(text).is_ok(),
            is_fine,
            "{text}"
        );
    }
}

#[test]
fn every_operation_has_an_id_a_summary_and_one_tag() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let id = operation["operationId"]
            .as_str()
            .unwrap_or_else(|| panic!("{method} {path} has no id"));
        let is_plain = id.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        assert!(
            is_plain && ids.insert(id.to_owned()),
            "{id} is odd or used twice"
        );
        assert!(
            operation["summary"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{id}"
        );
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{id}");
    }
    assert!(ids.contains("create_package_sync") && ids.contains("show_packument"));
}

#[test]
fn every_operation_has_one_success_schema_one_error_schema_and_one_request_type() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        let what = format!("{method} {path}");
        let mut success = BTreeSet::new();
        for (status, response) in operation["responses"].as_object().expect("responses") {
            let schemas = response["content"].as_object().into_iter().flatten();
            for (_, media) in schemas {
                if status.starts_with('2') {
                    success.insert(media["schema"].to_string());
                }
            }
        }
        assert_eq!(success.len(), 1, "{what}: {success:?}");
        let error =
            &operation["responses"]["default"]["content"]["application/json; charset=utf-8"];
        assert_eq!(
            error["schema"]["$ref"], "#/components/schemas/Problem",
            "{what}"
        );
        if let Some(request) = operation["requestBody"]["content"].as_object() {
            assert_eq!(request.len(), 1, "{what}");
        }
    }
}

#[test]
fn every_operation_names_its_security() {
    let document = document();
    for scheme in ["bearer", "basic"] {
        assert_eq!(
            document["components"]["securitySchemes"][scheme]["scheme"],
            scheme
        );
    }
    for (path, method, operation) in operations(&document) {
        let security = operation["security"]
            .as_array()
            .unwrap_or_else(|| panic!("{method} {path}"));
        let is_open = security
            .iter()
            .any(|one| one.as_object().is_some_and(serde_json::Map::is_empty));
        let is_personal =
            ["/-/whoami", "/-/metrics"].contains(&path.as_str()) || path.starts_with("/-/admin/");
        // Who may read a log may have a ticket to it.
        let reads = method == "get" || path.ends_with("/ticket");
        let needs_user = !reads || is_personal;
        assert_eq!(is_open, !needs_user, "{method} {path}");
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    fn references(value: &Value, into: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| match value {
                Value::String(text) if key == "$ref" => drop(into.insert(text.clone())),
                other => references(other, into),
            }),
            Value::Array(items) => items.iter().for_each(|item| references(item, into)),
            _ => {}
        }
    }
    let document = document();
    let mut used = BTreeSet::new();
    references(&document, &mut used);
    let schemas = document["components"]["schemas"]
        .as_object()
        .expect("schemas");
    let known: BTreeSet<_> = schemas
        .keys()
        .map(|name| format!("#/components/schemas/{name}"))
        .collect();
    assert_eq!(used, known);
}

/// Checks `value` against `schema`, as far as the document's schemas go.
fn check(document: &Value, schema: &Value, value: &Value, at: &str) {
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
            assert!(
                schema["maxLength"].as_u64().is_none_or(|max| chars <= max),
                "{at}"
            );
        }
        Some("integer") => assert!(value.is_i64() || value.is_u64(), "{at}: {value}"),
        Some("number") => assert!(value.is_number(), "{at}: {value}"),
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

#[test]
fn every_documented_example_validates() {
    let document = document();
    let mut count = 0;
    for (name, schema) in document["components"]["schemas"]
        .as_object()
        .expect("schemas")
    {
        if let Some(example) = schema.get("example") {
            check(&document, schema, example, name);
            count += 1;
        }
    }
    assert!(count >= 10, "only {count} examples");
    for (path, method, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if let Some(example) = parameter["schema"].get("example") {
                check(
                    &document,
                    &parameter["schema"],
                    example,
                    &format!("{method} {path}"),
                );
            }
        }
    }
}

#[tokio::test]
async fn what_is_answered_validates_against_the_document() {
    let server = Server::start().await;
    crate::packages::package("a")
        .version("1.0.0", "x")
        .publish(&server)
        .await;
    let id = server.submit("a").await.to_string();
    let document = document();
    for (template, path) in [
        ("/", "/".to_owned()),
        ("/-/ping", "/-/ping".to_owned()),
        ("/-/whoami", "/-/whoami".to_owned()),
        ("/-/v1/search", "/-/v1/search?text=a".to_owned()),
        ("/-/health", "/-/health".to_owned()),
        ("/-/ready", "/-/ready".to_owned()),
        ("/{fullname}", "/a".to_owned()),
        ("/{fullname}/{version}", "/a/1.0.0".to_owned()),
        (
            "/-/package/{fullname}/dist-tags",
            "/-/package/a/dist-tags".to_owned(),
        ),
        ("/syncs", "/syncs".to_owned()),
        ("/-/admin/queues", "/-/admin/queues".to_owned()),
        ("/-/admin/queues/{kind}", "/-/admin/queues/drill".to_owned()),
        ("/syncs/{task_id}", format!("/syncs/{id}")),
        (
            "/-/package/{fullname}/syncs/{task_id}",
            format!("/-/package/a/syncs/{id}"),
        ),
        (
            "/{fullname}/sync/log/{task_id}",
            format!("/a/sync/log/{id}"),
        ),
    ] {
        let reply = server
            .get(&path)
            .bearer(crate::server::ADMIN)
            .send()
            .await
            .expect("answered");
        assert_eq!(reply.status, 200, "{path}");
        let content = &document["paths"][template]["get"]["responses"]["200"]["content"];
        let (_, media) = content
            .as_object()
            .and_then(|all| all.iter().next())
            .expect("a schema");
        check(&document, &media["schema"], &reply.json(), template);
    }
    let missing = server.fetch("/nothing").await;
    check(
        &document,
        &document["components"]["schemas"]["Problem"],
        &missing.json(),
        "Problem",
    );
}

#[tokio::test]
async fn every_documented_operation_is_routed_and_every_start_routes_alike() {
    let document = document();
    let mut answers: BTreeMap<String, BTreeSet<(u16, String)>> = BTreeMap::new();
    for _ in 0..20 {
        let server = Server::start().await;
        for (path, method, operation) in operations(&document) {
            let path = path
                .replace("{fullname}", "nothing")
                .replace("{version}", "1.0.0")
                .replace("{scope}", "@s")
                .replace("{file}", "x-1.0.0.tgz")
                .replace("{kind}", "drill")
                .replace("{period}", "last-week")
                .replace("{versioned_name}", "nothing@1.0.0")
                .replace("{task_id}", "01935b0a-7c00-7000-8000-000000000001");
            assert!(!path.contains('{'), "{path}: another parameter");
            let method = method.to_uppercase().parse().expect("a method");
            let call = weir_testkit::client::Call::new(method, server.url(&path));
            let reply = call
                .bearer(crate::server::ADMIN)
                .send()
                .await
                .expect("answered");
            let id = operation["operationId"].as_str().expect("an id").to_owned();
            let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
            let code = body["error"].as_str().unwrap_or_default();
            let code = code.split(']').next().unwrap_or_default().to_owned();
            answers.entry(id).or_default().insert((reply.status, code));
        }
    }
    for (id, seen) in answers {
        assert_eq!(seen.len(), 1, "{id} is answered differently: {seen:?}");
        let (status, _) = seen.first().expect("one");
        assert_ne!(*status, 405, "{id} is documented and not routed");
        // Nobody is there to be asked for keys.
        let is_away = *status == 503 && id == "show_signing_keys";
        assert!(*status < 500 || is_away, "{id}: {status}");
    }
}

#[tokio::test]
async fn the_document_and_its_page_come_from_the_process_itself() {
    let server = Server::start().await;
    let document = server.fetch("/-/openapi.json").await;
    assert_eq!(document.header("content-type"), "application/json");
    assert_eq!(document.text(), weir_api::openapi());
    let page = server.fetch("/-/docs").await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    let html = page.text();
    assert!(
        html.contains("create_package_sync"),
        "the document is in the page"
    );
    for outside in ["src=\"http", "href=\"http", "src='http", "@import"] {
        assert!(!html.contains(outside), "the page needs {outside}");
    }
    let slash = server.fetch("/-/docs/").await;
    assert_eq!((slash.status, slash.header("location")), (302, "/-/docs"));
}
