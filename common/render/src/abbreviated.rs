//! The fields of a manifest that an installer needs, copied as written.
//!
//! Odd historical shapes (`bin` as an array, `deprecated: false`) are copied too: clients
//! know them, and a mirror that tidies up is a mirror that differs. The one thing added is
//! `hasInstallScript`, which installers go by because this form has no `scripts`.
//!
//! Source: the union of what nine clients read from the abbreviated form.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

/// The fields of a version in the abbreviated form.
pub const MANIFEST_FIELDS: [&str; 22] = [
    "name",
    "version",
    "deprecated",
    "dist",
    "dependencies",
    "optionalDependencies",
    "devDependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "bundleDependencies",
    "bundledDependencies",
    "acceptDependencies",
    "bin",
    "directories",
    "engines",
    "os",
    "cpu",
    "libc",
    "funding",
    HAS_INSTALL_SCRIPT,
    "_hasShrinkwrap",
    "_npmUser",
];

const HAS_INSTALL_SCRIPT: &str = "hasInstallScript";

/// The scripts that run when a package is installed.
const INSTALL_SCRIPTS: [&str; 3] = ["preinstall", "install", "postinstall"];

/// Appends the abbreviated form of the manifest `full` to `out`.
pub(crate) fn write(full: &[u8], out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    let picked: Picked<'_> = serde_json::from_slice(full)?;
    let mut separator = b'{';
    for (name, value) in MANIFEST_FIELDS.iter().zip(picked.fields) {
        let text = match value {
            Some(value) => value.get(),
            None if *name == HAS_INSTALL_SCRIPT && picked.has_install_script => "true",
            None => continue,
        };
        out.push(separator);
        separator = b',';
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        out.extend_from_slice(text.as_bytes());
    }
    if separator == b'{' {
        out.push(separator);
    }
    out.push(b'}');
    Ok(())
}

/// The fields found, in the order of [`MANIFEST_FIELDS`].
struct Picked<'a> {
    fields: [Option<&'a RawValue>; MANIFEST_FIELDS.len()],
    has_install_script: bool,
}

impl<'de> Deserialize<'de> for Picked<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Picking)
    }
}

struct Picking;

impl<'de> Visitor<'de> for Picking {
    type Value = Picked<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a manifest")
    }

    /// A key given twice counts with its last value, as in JavaScript.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = [None; MANIFEST_FIELDS.len()];
        let mut scripts: Option<&RawValue> = None;
        while let Some(Key(key)) = map.next_key()? {
            if let Some(index) = MANIFEST_FIELDS.iter().position(|name| *name == key) {
                fields[index] = Some(map.next_value()?);
            } else if key == "scripts" {
                scripts = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Picked {
            fields,
            has_install_script: scripts.is_some_and(|scripts| runs_at_install(scripts.get())),
        })
    }
}

/// A key, borrowed unless it has escapes.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// Says whether a `scripts` value has a non-empty install script; odd shapes have none.
fn runs_at_install(scripts: &str) -> bool {
    let scripts: BTreeMap<Cow<'_, str>, Value> = serde_json::from_str(scripts).unwrap_or_default();
    INSTALL_SCRIPTS.iter().any(|name| {
        let script = scripts.get(*name).and_then(Value::as_str);
        script.is_some_and(|script| !script.is_empty())
    })
}
