//! Tests of the whole crate: documents in tables, odd shapes, and properties over
//! arbitrary manifests.

mod documents;
mod odd_shapes;
mod properties;

use std::{collections::BTreeMap, convert::Infallible};

use serde_json::{Value, value::RawValue};
use weir_domain::{
    PackageName, PublicBase, Timestamp, Version,
    manifest::{ManifestFacts, StoredManifest},
};

use crate::{Form, Head, Rendered, render};

/// A package as its rows hold it.
#[derive(Debug)]
struct Package {
    name: PackageName,
    dist_tags: BTreeMap<String, Version>,
    time: BTreeMap<String, String>,
    root: Vec<(String, Box<RawValue>)>,
    versions: Vec<(Version, StoredManifest)>,
}

impl Package {
    fn of(name: &str, manifests: &[(&str, &str)]) -> Self {
        let name = PackageName::parse(name).expect("a name");
        let stored = |(version, raw): &(&str, &str)| stored(&name, version, raw);
        Self {
            versions: manifests.iter().map(stored).collect(),
            dist_tags: BTreeMap::new(),
            time: BTreeMap::new(),
            root: Vec::new(),
            name,
        }
    }

    fn render(&self, form: Form, base: &PublicBase) -> (Rendered, Vec<u8>) {
        let mut out = Vec::new();
        let head = self.head();
        let versions = self.versions.iter().cloned().map(Ok::<_, Infallible>);
        let rendered = render(form, &head, versions, base, &mut out).expect("rendered");
        assert_eq!(rendered.identity_len, out.len() as u64);
        (rendered, out)
    }

    fn head(&self) -> Head<'_> {
        Head {
            name: &self.name,
            revision: "7-weir",
            dist_tags: &self.dist_tags,
            time: &self.time,
            modified: Timestamp(1_700_000_000_000),
            root: &self.root,
        }
    }

    fn json(&self, form: Form) -> Value {
        serde_json::from_slice(&self.render(form, &base()).1).expect("JSON")
    }
}

fn stored(name: &PackageName, version: &str, raw: &str) -> (Version, StoredManifest) {
    let facts = ManifestFacts::read(name, version, raw).expect("a manifest");
    let manifest = StoredManifest {
        raw: raw.to_owned(),
        spans: facts.spans,
    };
    (facts.version, manifest)
}

fn base() -> PublicBase {
    PublicBase::parse("https://mirror.example/npm").expect("a base")
}

fn raw_value(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).expect("JSON")
}
