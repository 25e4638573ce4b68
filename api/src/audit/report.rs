//! Advisories as the upstream gives them, and the older report that is made of them.
//!
//! Source: the answers of the quick and the bulk endpoint, as npm 6 to 10 and pnpm 10 read them.

use std::{borrow::Cow, collections::BTreeMap};

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use weir_domain::Range;

use super::tree::Paths;

/// Most places in which one version is said to be.
const MOST_PATHS: usize = 100;
/// How bad an advisory is, in the words of all clients.
const SEVERITIES: [&str; 5] = ["info", "low", "moderate", "high", "critical"];
/// npm's word for "in no version".
const NOT_PATCHED: &str = "<0.0.0";

/// Advisories by the name of their package.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Advisories(BTreeMap<String, Vec<Advisory>>);

/// One advisory, as the upstream wrote it.
type Advisory = Map<String, Value>;

/// What is weak in a tree, in the words of the older routes.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    actions: Vec<Value>,
    advisories: BTreeMap<String, Value>,
    muted: Vec<Value>,
    metadata: Value,
}

impl Report {
    /// Says on which of `paths` what `advisories` tell of is installed.
    pub(super) fn new(paths: &Paths, advisories: &Advisories) -> Self {
        let mut counts: BTreeMap<&str, usize> = SEVERITIES.map(|word| (word, 0)).into();
        let mut report = Self {
            actions: Vec::new(),
            advisories: BTreeMap::new(),
            muted: Vec::new(),
            metadata: Value::Null,
        };
        for (name, advisories) in &advisories.0 {
            for advisory in advisories {
                let found = find(paths, name, advisory);
                if found.is_empty() {
                    continue;
                }
                let severity = text(advisory, "severity").unwrap_or("moderate");
                *counts.entry(severity).or_default() += found.len();
                report.add(name, advisory, &found);
            }
        }
        let installed: usize = paths.values().map(BTreeMap::len).sum();
        report.metadata = json!({
            "vulnerabilities": counts,
            "dependencies": installed,
            "devDependencies": 0,
            "optionalDependencies": 0,
            "totalDependencies": installed,
        });
        report
    }

    fn add(&mut self, name: &str, advisory: &Advisory, found: &[Found<'_>]) {
        let id = advisory.get("id").cloned().unwrap_or_default();
        let resolves = found.iter().flat_map(|found| &found.paths);
        let resolves = resolves.map(|path| {
            json!({"id": id, "path": path, "dev": false, "optional": false, "bundled": false})
        });
        self.actions.push(json!({
            "action": "review",
            "module": name,
            "resolves": resolves.collect::<Vec<_>>(),
        }));
        let mut shown = advisory.clone();
        let vulnerable = text(advisory, "vulnerable_versions").unwrap_or("*");
        for (field, value) in [
            ("module_name", json!(name)),
            ("findings", json!(found)),
            ("patched_versions", json!(patched(vulnerable))),
            ("access", json!("public")),
            ("overview", json!("")),
            ("recommendation", json!("")),
            ("references", json!(text(advisory, "url"))),
            ("cves", json!([])),
        ] {
            shown.entry(field).or_insert(value);
        }
        let key = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        self.advisories.insert(key, shown.into());
    }
}

/// A version to which an advisory applies.
#[derive(Debug, Serialize)]
struct Found<'p> {
    version: &'p str,
    paths: Vec<&'p str>,
    dev: bool,
    optional: bool,
    bundled: bool,
}

fn find<'p>(paths: &'p Paths, name: &str, advisory: &Advisory) -> Vec<Found<'p>> {
    let Some(range) = text(advisory, "vulnerable_versions").and_then(Range::parse) else {
        return Vec::new();
    };
    let of_package = paths.get(name).into_iter().flatten();
    let weak = of_package.filter(|(version, _)| range.contains(version));
    let found = weak.map(|(version, paths)| Found {
        version: version.as_str(),
        paths: paths.iter().take(MOST_PATHS).map(String::as_str).collect(),
        dev: false,
        optional: false,
        bundled: false,
    });
    found.collect()
}

fn text<'a>(advisory: &'a Advisory, field: &str) -> Option<&'a str> {
    advisory.get(field)?.as_str()
}

/// Returns the range above `vulnerable`, where its end is an open one.
fn patched(vulnerable: &str) -> Cow<'_, str> {
    let last = vulnerable.rsplit("||").next().unwrap_or_default();
    let end = last.rsplit_once('<').map(|(_, end)| end.trim());
    match end {
        Some(end) if !end.is_empty() && !end.starts_with('=') => format!(">={end}").into(),
        _ => NOT_PATCHED.into(),
    }
}

fn inline(schema: MetaSchema) -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(schema))
}

pub(super) fn map_of(schema: MetaSchema) -> MetaSchema {
    MetaSchema {
        additional_properties: Some(Box::new(inline(schema))),
        ..MetaSchema::new("object")
    }
}

pub(super) fn list_of(schema: MetaSchema) -> MetaSchema {
    MetaSchema {
        items: Some(Box::new(inline(schema))),
        ..MetaSchema::new("array")
    }
}

/// Describes an object that is passed on or made for clients that read it since before us.
macro_rules! an_object {
    ($type:ty, $name:literal, $description:literal, $schema:expr, $example:expr) => {
        impl Type for $type {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> Cow<'static, str> {
                $name.into()
            }

            fn schema_ref() -> MetaSchemaRef {
                MetaSchemaRef::Reference($name.to_owned())
            }

            fn register(registry: &mut Registry) {
                registry.create_schema::<Self, _>($name.to_owned(), |_| MetaSchema {
                    description: Some($description),
                    example: Some($example),
                    ..$schema
                });
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }
    };
}

an_object!(
    Advisories,
    "Advisories",
    "Lists of advisories by the name of their package, as the upstream wrote them",
    map_of(list_of(map_of(MetaSchema::ANY))),
    json!({"lodash": [{"id": 1_106_913, "url": "https://advisories.example/GHSA-35jh-r3h4-6jhm",
        "title": "Command Injection in lodash", "severity": "high",
        "vulnerable_versions": "<4.17.21"}]})
);
an_object!(
    Report,
    "AuditReport",
    "What is weak in the tree: `actions`, `advisories` by id, `muted`, and counts in `metadata`",
    MetaSchema {
        properties: vec![
            ("actions", inline(list_of(map_of(MetaSchema::ANY)))),
            ("advisories", inline(map_of(map_of(MetaSchema::ANY)))),
            ("muted", inline(list_of(MetaSchema::ANY))),
            ("metadata", inline(map_of(MetaSchema::ANY))),
        ],
        required: vec!["actions", "advisories", "muted", "metadata"],
        ..MetaSchema::new("object")
    },
    json!({"actions": [], "advisories": {}, "muted": [], "metadata": {
        "vulnerabilities": {"info": 0, "low": 0, "moderate": 0, "high": 0, "critical": 0},
        "dependencies": 1, "devDependencies": 0, "optionalDependencies": 0,
        "totalDependencies": 1}})
);

#[cfg(test)]
mod tests {
    use super::{super::tree::Tree, *};

    fn report() -> Value {
        let tree: Tree = serde_json::from_value(json!({"dependencies": {
            "a": {"version": "1.0.0", "dependencies": {"b": {"version": "1.5.0"}}},
            "b": {"version": "2.0.0"}}}))
        .expect("a tree");
        let advisories = json!({
            "b": [
                {"id": 7, "severity": "high", "title": "Bad", "vulnerable_versions": ">=1.0.0 <2.0.0"},
                {"id": 8, "severity": "low", "vulnerable_versions": "<=0.1.0"}],
            "a": [{"id": "GHSA-x", "severity": "critical", "vulnerable_versions": "<=1.0.0"}]});
        let advisories: Advisories = serde_json::from_value(advisories).expect("advisories");
        json!(Report::new(&tree.paths(), &advisories))
    }

    #[test]
    fn only_what_is_installed_is_reported_with_its_places() {
        let report = report();
        let advisories = report["advisories"].as_object().expect("by id");
        assert_eq!(advisories.keys().collect::<Vec<_>>(), ["7", "GHSA-x"]);
        let seven = &advisories["7"];
        assert_eq!(
            (
                &seven["module_name"],
                &seven["title"],
                &seven["patched_versions"]
            ),
            (&json!("b"), &json!("Bad"), &json!(">=2.0.0"))
        );
        assert_eq!(seven["findings"][0]["version"], "1.5.0");
        assert_eq!(seven["findings"][0]["paths"], json!(["a>b"]));
        assert_eq!(advisories["GHSA-x"]["patched_versions"], NOT_PATCHED);
    }

    #[test]
    fn counts_and_actions_say_the_same() {
        let report = report();
        let metadata = &report["metadata"];
        assert_eq!(
            metadata["vulnerabilities"],
            json!({"info": 0, "low": 0, "moderate": 0, "high": 1, "critical": 1})
        );
        assert_eq!(metadata["totalDependencies"], 3);
        let actions = report["actions"].as_array().expect("a list");
        let of_b = actions.iter().find(|action| action["module"] == "b");
        assert_eq!(of_b.expect("an action")["resolves"][0]["path"], "a>b");
    }
}
