//! Whatever valid manifests go in: the full form is the input with two URLs moved, the
//! abbreviated form has listed fields only and lies about none.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection, prelude::*, sample};
use serde_json::{Map, Value, json};
use weir_domain::Version;

use super::{Package, base, raw_value};
use crate::{Form, MANIFEST_FIELDS};

const VERSIONS: [&str; 6] = [
    "0.0.1",
    "1.0.0-alpha.1",
    "1.0.0",
    "1.10.0",
    "2.0.0+build.5",
    "10.0.0",
];

/// Words that mean something somewhere, so that they also turn up where they mean nothing.
const WORDS: [&str; 16] = [
    "dist",
    "tarball",
    "attestations",
    "url",
    "scripts",
    "install",
    "name",
    "version",
    "bin",
    "engines",
    "deprecated",
    "hasInstallScript",
    "_npmUser",
    "dependencies",
    "readme",
    "time",
];

const OTHER_FIELDS: [&str; 4] = ["scripts", "readme", "gitHead", "Z\u{fc}rich \"\\/\n"];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        sample::select(&WORDS[..]).prop_map(str::to_owned),
        any::<String>(),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            collection::btree_map(word(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// How the same JSON may be written.
#[derive(Debug, Clone, Copy)]
enum Style {
    Compact,
    Pretty,
    EscapedSlashes,
}

fn style() -> impl Strategy<Value = Style> {
    sample::select(vec![Style::Compact, Style::Pretty, Style::EscapedSlashes])
}

/// An object in any order of keys, as text.
fn object(fields: BTreeMap<String, String>, style: Style) -> impl Strategy<Value = String> {
    let fields: Vec<_> = fields.into_iter().collect();
    Just(fields).prop_shuffle().prop_map(move |fields| {
        let (before, after) = match style {
            Style::Pretty => ("\n  ", " "),
            Style::Compact | Style::EscapedSlashes => ("", ""),
        };
        let field = |(key, text): &(String, String)| {
            format!("{before}{}{after}:{after}{text}", Value::from(key.as_str()))
        };
        let fields: Vec<_> = fields.iter().map(field).collect();
        format!("{{{}{before}}}", fields.join(","))
    })
}

fn text_of(value: &Value, style: Style) -> String {
    match style {
        Style::Compact => value.to_string(),
        Style::Pretty => serde_json::to_string_pretty(value).expect("JSON"),
        Style::EscapedSlashes => value.to_string().replace('/', r"\/"),
    }
}

fn texts(map: BTreeMap<String, Value>, style: Style) -> BTreeMap<String, String> {
    map.into_iter()
        .map(|(key, value)| (key, text_of(&value, style)))
        .collect()
}

/// A `dist` with a tarball, often with attestations, and anything else.
fn dist(style: Style) -> impl Strategy<Value = String> {
    let rest = collection::btree_map(word(), value(), 0..4);
    let attestations = proptest::option::of(prop_oneof![
        value(),
        value().prop_map(|odd| json!({ "url": odd })),
        any::<String>().prop_map(|tail| {
            let url = format!("https://up.example/x/-/npm/v1/attestations/{tail}");
            json!({"url": url, "provenance": {"predicateType": "p"}})
        }),
    ]);
    (rest, attestations, any::<String>()).prop_flat_map(move |(mut dist, attestations, url)| {
        dist.insert(
            "tarball".to_owned(),
            json!(format!("https://up.example/{url}")),
        );
        dist.extend(attestations.map(|value| ("attestations".to_owned(), value)));
        object(texts(dist, style), style)
    })
}

/// The text of a manifest of version `version` of package `@s/a`.
fn manifest(version: &'static str) -> impl Strategy<Value = String> {
    let key = prop_oneof![
        sample::select(&MANIFEST_FIELDS[..]).prop_map(str::to_owned),
        sample::select(&OTHER_FIELDS[..]).prop_map(str::to_owned),
        word(),
    ];
    let scripts = collection::btree_map(word(), value(), 0..3);
    let rest = (
        collection::btree_map(key, value(), 0..8),
        proptest::option::of(scripts),
    );
    (rest, style())
        .prop_flat_map(|((rest, scripts), style)| {
            (Just(rest), Just(scripts), Just(style), dist(style))
        })
        .prop_flat_map(move |(mut fields, scripts, style, dist)| {
            fields.extend(scripts.map(|scripts| ("scripts".to_owned(), json!(scripts))));
            fields.insert("name".to_owned(), json!("@s/a"));
            fields.insert("version".to_owned(), json!(version));
            let mut fields = texts(fields, style);
            fields.insert("dist".to_owned(), dist);
            object(fields, style)
        })
}

fn package() -> impl Strategy<Value = Package> {
    let chosen = sample::subsequence(&VERSIONS[..], 0..=VERSIONS.len());
    let listed = chosen.prop_flat_map(|versions| {
        let manifests: Vec<_> = versions.iter().map(|version| manifest(version)).collect();
        (Just(versions), manifests)
    });
    let root = collection::vec((word(), value()), 0..6);
    let time = sample::subsequence(&VERSIONS[..], 0..=VERSIONS.len());
    let tags = collection::btree_map(word(), sample::select(&VERSIONS[..]), 0..4);
    (listed, root, time, tags).prop_map(|((versions, manifests), root, time, tags)| {
        let texts: Vec<_> = manifests.iter().map(String::as_str).collect();
        let listed: Vec<_> = versions.into_iter().zip(texts).collect();
        let mut package = Package::of("@s/a", &listed);
        let raw = |(key, value): (String, Value)| (key, raw_value(&value.to_string()));
        package.root = root.into_iter().map(raw).collect();
        package.time = time
            .iter()
            .map(|v| ((*v).to_owned(), format!("at {v}")))
            .collect();
        let version = |(tag, text): (_, &str)| (tag, Version::parse(text).expect("a version"));
        package.dist_tags = tags.into_iter().map(version).collect();
        package
    })
}

/// Returns the manifest as it must be served in full, worked out on the parsed document.
fn moved(version: &Version, raw: &str) -> Value {
    let mut manifest: Value = serde_json::from_str(raw).expect("JSON");
    manifest["dist"]["tarball"] = json!(format!("{}/@s/a/-/a-{version}.tgz", base()));
    if let Some(Value::String(url)) = manifest["dist"].pointer_mut("/attestations/url") {
        *url = base().attestations_url(url);
    }
    manifest
}

fn expected_full(package: &Package) -> Value {
    let mut root: Map<String, Value> = Map::new();
    for (key, value) in &package.root {
        root.insert(
            key.clone(),
            serde_json::from_str(value.get()).expect("JSON"),
        );
    }
    root.remove("_attachments");
    root.remove("time");
    root.insert("_id".to_owned(), json!("@s/a"));
    root.insert("_rev".to_owned(), json!("7-weir"));
    root.insert("name".to_owned(), json!("@s/a"));
    root.insert("dist-tags".to_owned(), json!(package.dist_tags));
    if !package.time.is_empty() {
        root.insert("time".to_owned(), json!(package.time));
    }
    let versions = package.versions.iter();
    let versions = versions.map(|(v, stored)| (v.to_string(), moved(v, &stored.raw)));
    root.insert("versions".to_owned(), versions.collect());
    Value::Object(root)
}

fn expected_short(version: &Version, raw: &str) -> Value {
    let full = moved(version, raw);
    let runs = ["preinstall", "install", "postinstall"].iter().any(|name| {
        let script = full["scripts"].get(name).and_then(Value::as_str);
        script.is_some_and(|script| !script.is_empty())
    });
    let mut short = full.as_object().expect("an object").clone();
    short.retain(|key, _| MANIFEST_FIELDS.contains(&key.as_str()));
    if runs {
        short.entry("hasInstallScript").or_insert(json!(true));
    }
    Value::Object(short)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn the_full_form_equals_the_input_but_for_two_urls(package in package()) {
        prop_assert_eq!(package.json(Form::Full), expected_full(&package));
    }

    #[test]
    fn the_abbreviated_form_has_listed_fields_only_and_unchanged(package in package()) {
        let short = package.json(Form::Abbreviated);
        let root: BTreeSet<_> = short.as_object().expect("an object").keys().collect();
        let is_whole = package.versions.iter().all(|(v, _)| package.time.contains_key(v.as_str()));
        let has_time = is_whole && !package.time.is_empty();
        let mut expected = vec!["name", "modified", "dist-tags", "versions"];
        expected.extend(has_time.then_some("time"));
        let expected: BTreeSet<_> = expected.into_iter().map(str::to_owned).collect();
        prop_assert_eq!(root, expected.iter().collect());
        prop_assert_eq!(&short["dist-tags"], &json!(package.dist_tags));
        let versions = short["versions"].as_object().expect("an object");
        prop_assert_eq!(versions.len(), package.versions.len());
        for (version, stored) in &package.versions {
            prop_assert_eq!(&versions[version.as_str()], &expected_short(version, &stored.raw));
        }
    }

    #[test]
    fn the_etag_depends_on_input_form_and_base_alone(package in package()) {
        let full = package.render(Form::Full, &base());
        prop_assert_eq!(&package.render(Form::Full, &base()), &full);
        let short = package.render(Form::Abbreviated, &base()).0.etag;
        prop_assert_ne!(&short, &full.0.etag);
        let other = weir_domain::PublicBase::parse("http://127.0.0.1:7373").expect("a base");
        let moved = package.render(Form::Full, &other).0.etag;
        prop_assert_eq!(moved != full.0.etag, !package.versions.is_empty());
    }
}
