//! How a synchronisation is wanted.

use poem_openapi::registry::MetaSchema;
use serde_json::{Value, json};
use weir_domain::catalogue::{MAX_HINTS, PackageKey, Reference};

use crate::payload::{CheckedBody, Fields};

/// Something that is to be looked at, whatever a listing says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// All of a package: `namespace/name`.
    Package(PackageKey),
    /// One version of it: `name/version@namespace`.
    Version(Reference),
}

/// What somebody wants synchronised.
#[derive(Debug)]
pub(super) struct NewCatalogueSync {
    /// Whether everything is to be listed and compared, if that was said.
    pub(super) is_full: Option<bool>,
    pub(super) named: Vec<Named>,
    pub(super) force: bool,
    pub(super) is_dry: bool,
    pub(super) allows_mass_removal: bool,
}

impl CheckedBody for NewCatalogueSync {
    const NAME: &'static str = "NewCatalogueSync";
    /// Clients send `{}` as a form, or nothing as JSON.
    const IS_TYPED: bool = false;

    fn read(fields: &mut Fields<'_>) -> Self {
        let words = ["full", "incremental"];
        let schema = MetaSchema {
            enum_items: words.map(Value::from).to_vec(),
            ..MetaSchema::new("string")
        };
        let about = "`full` lists and compares everything, and takes away what is gone; \
                     `incremental` looks at what changed. Full unless `packages` are named";
        let is_full = fields.field("mode", about, schema, |value| match value.as_str() {
            Some("full") => Ok(true),
            Some("incremental") => Ok(false),
            _ => Err(format!("must be one of {}", words.join(", "))),
        });
        let about = "Looked at whatever a listing says: packages (`namespace/name`), or versions \
                     of them (`name/version@namespace`)";
        let named = fields.list("packages", about, MAX_HINTS, named);
        Self {
            is_full,
            named: named.unwrap_or_default(),
            force: fields.flag(
                "force",
                "Before anything else, and with everything read again; needs an administrator",
            ),
            is_dry: fields.flag("dryRun", "Only say what would be done"),
            allows_mass_removal: fields.flag(
                "allowMassRemoval",
                "A great part may be gone; needs an administrator",
            ),
        }
    }

    fn example() -> Value {
        json!({"mode": "full"})
    }
}

/// Reads a package or a version; without `@` it is a package.
fn named(text: &str) -> Result<Named, String> {
    let refused = || "must hold packages (`namespace/name`) or versions of them".to_owned();
    if text.contains('@') {
        return text.parse().map(Named::Version).map_err(|_| refused());
    }
    // Both have two parts that may stand in a path.
    let parts: Reference = text.parse().map_err(|_| refused())?;
    Ok(Named::Package(PackageKey {
        namespace: parts.key.name,
        name: parts.version,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_and_versions_are_told_apart() {
        let package = |namespace: &str, name: &str| {
            Ok(Named::Package(PackageKey {
                namespace: namespace.to_owned(),
                name: name.to_owned(),
            }))
        };
        let version = |text: &str| Ok(Named::Version(text.parse().expect("a reference")));
        for (text, expected) in [
            ("sifli/sht30", package("sifli", "sht30")),
            ("_/tflite-cmsis", package("_", "tflite-cmsis")),
            ("sht30/0.0.5@sifli", version("sht30/0.0.5@sifli")),
            ("tflite-cmsis/1.0@", version("tflite-cmsis/1.0")),
        ] {
            assert_eq!(named(text), expected, "{text}");
        }
        for text in ["", "sht30", "a/b/c", "../b", "@a/b", "a/ b"] {
            assert!(named(text).is_err(), "{text}");
        }
    }
}
