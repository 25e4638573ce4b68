//! The published document, and that it tells the truth about the routes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    schema::check,
    server::Server,
    walk::{encoded, path_examples},
};

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// The document of this build.
pub fn document() -> Value {
    serde_json::from_str(&weir_api::openapi()).expect("the document is JSON")
}

/// Every operation as (path, method, operation).
pub fn operations(document: &Value) -> Vec<(String, String, Value)> {
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
fn every_operation_has_an_id_a_summary_a_description_and_one_tag() {
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
        for field in ["summary", "description"] {
            let text = operation[field].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{id} has no {field}");
        }
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{id}");
    }
    assert!(ids.contains("create_package_sync") && ids.contains("show_packument"));
}

/// Every media type of an operation's request and answers, with what it is for.
fn media_types(operation: &Value) -> Vec<(String, String, &Value)> {
    let mut all = Vec::new();
    let request = ("request", &operation["requestBody"]);
    let answers = operation["responses"].as_object().expect("responses");
    let answers = answers.iter().map(|(status, answer)| (&status[..], answer));
    for (what, body) in std::iter::once(request).chain(answers) {
        for (media_type, media) in body["content"].as_object().into_iter().flatten() {
            all.push((what.to_owned(), media_type.clone(), media));
        }
    }
    all
}

/// The schema itself, if `schema` only names it.
fn named<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str() {
        Some(reference) => document
            .pointer(reference.trim_start_matches('#'))
            .expect("leads somewhere"),
        None => schema,
    }
}

#[test]
fn every_body_and_every_parameter_of_a_path_has_an_example() {
    let document = document();
    let mut missing = Vec::new();
    for (path, method, operation) in operations(&document) {
        for (what, media_type, media) in media_types(&operation) {
            let schema = named(&document, &media["schema"]);
            let is_told = media.get("example").or(schema.get("example")).is_some();
            if !is_told && schema["format"] != "binary" {
                missing.push(format!("{method} {path}: {what} as {media_type}"));
            }
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let is_needed = parameter["in"] != "query" || parameter["required"] == true;
            if is_needed && parameter["schema"].get("example").is_none() {
                missing.push(format!("{method} {path}: parameter {}", parameter["name"]));
            }
            let about = parameter["description"].as_str().unwrap_or_default();
            if about.is_empty() {
                missing.push(format!("{method} {path}: no word on {}", parameter["name"]));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "without an example or a description: {missing:#?}"
    );
}

#[test]
fn every_operation_has_one_success_schema_and_says_how_it_refuses() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        let what = format!("{method} {path}");
        let mut success = BTreeSet::new();
        let responses = operation["responses"].as_object().expect("responses");
        for (status, response) in responses {
            let schemas = response["content"].as_object().into_iter().flatten();
            let schemas = schemas.map(|(_, media)| without_example(&media["schema"]));
            let number: u16 = status.parse().expect("a status, not `default`");
            let is_described = response["description"].as_str().is_some();
            assert!(is_described, "{what}: {status} is not described");
            if number < 300 {
                success.extend(schemas.map(|schema| schema.to_string()));
            } else if number >= 400 {
                let schemas: Vec<_> = schemas.map(|schema| schema["$ref"].clone()).collect();
                let problem = if path.starts_with("/api/v1/") {
                    "#/components/schemas/CatalogueProblem"
                } else {
                    "#/components/schemas/Problem"
                };
                assert_eq!(schemas, [problem], "{what}: {status} has one body");
            }
        }
        assert_eq!(success.len(), 1, "{what}: {success:?}");
        for status in ["401", "500", "503"] {
            assert!(responses.contains_key(status), "{what} lacks {status}");
        }
        if let Some(request) = operation["requestBody"]["content"].as_object() {
            assert_eq!(request.len(), 1, "{what}");
        }
    }
}

fn without_example(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(object) = schema.as_object_mut() {
        object.remove("example");
    }
    schema
}

#[test]
fn every_operation_names_its_security() {
    let document = document();
    for (name, scheme) in [
        ("bearer", "bearer"),
        ("basic", "basic"),
        ("admin", "bearer"),
    ] {
        assert_eq!(
            document["components"]["securitySchemes"][name]["scheme"],
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
        let of_users = [
            "/-/admin/",
            "/-/org/",
            "/-/team/",
            "/-/user/{user}/",
            "/-/npm/v1/tokens",
            "/-/npm/v1/user",
            "/api/v1/tokens",
            "/api/v1/sync",
        ];
        let is_personal = ["/-/whoami", "/-/metrics"].contains(&path.as_str())
            || of_users.iter().any(|prefix| path.starts_with(prefix))
            || path.ends_with("/collaborators")
            || path.ends_with("/scopes")
            || path.starts_with("/-/scope");
        // Who may read a log may have a ticket to it; audits ask with a body; whoever signs in
        // has nothing to show yet.
        let reads = method == "get"
            || path.ends_with("/ticket")
            || path.starts_with("/-/npm/v1/security/")
            || path.starts_with("/-/v1/login")
            || path.starts_with("/-/user/{couch_id}");
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

#[test]
fn every_documented_example_validates() {
    let document = document();
    let mut count = 0;
    let schemas = document["components"]["schemas"].as_object();
    for (name, schema) in schemas.expect("schemas") {
        if let Some(example) = schema.get("example") {
            check(&document, schema, example, name);
            count += 1;
        }
    }
    assert!(count >= 10, "only {count} examples");
    for (path, method, operation) in operations(&document) {
        let at = format!("{method} {path}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if let Some(example) = parameter["schema"].get("example") {
                check(&document, &parameter["schema"], example, &at);
            }
        }
        for (what, media_type, media) in media_types(&operation) {
            let at = format!("{at}: {what} as {media_type}");
            let examples = [media.get("example"), media["schema"].get("example")];
            for example in examples.into_iter().flatten() {
                check(&document, &media["schema"], example, &at);
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
            let fill = |path: String, (name, value): (String, String)| {
                path.replace(&format!("{{{name}}}"), &encoded(&value))
            };
            let path = path_examples(&operation).into_iter().fold(path, fill);
            assert!(!path.contains('{'), "{path}: an undocumented parameter");
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

#[test]
fn only_pages_of_the_catalogue_say_where_others_are() {
    let linked = operations(&document())
        .into_iter()
        .filter(|(_, _, operation)| {
            let header = &operation["responses"]["200"]["headers"]["LINK"];
            let lower = &operation["responses"]["200"]["headers"]["link"];
            header.is_object() || lower.is_object()
        });
    let linked: BTreeSet<_> = linked.map(|(path, _, _)| path).collect();
    let expected = [
        "/api/v1/packages",
        "/api/v1/packages/{name}/versions",
        "/api/v1/packages/{namespace}/{name}/versions",
    ];
    assert_eq!(linked, expected.map(str::to_owned).into());
}
