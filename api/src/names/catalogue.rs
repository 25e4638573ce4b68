//! What stands in paths about packages of the catalogue.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseFromParameter, ParseResult, Type},
};
use weir_domain::{
    catalogue::{NO_NAMESPACE, PackageKey},
    text::printable,
};

use crate::error::ApiError;

/// Longest name that is repeated to whoever asked for it, in characters.
const MAX_SHOWN: usize = 100;

/// A package's name in a path; alone it may have its namespace with it: `namespace/name` (with
/// the slash as `%2F`) or `name@namespace`.
#[derive(Debug, Clone)]
pub(crate) struct CatalogueName(pub(crate) String);

path_parameter!(
    CatalogueName,
    "name",
    MetaSchema {
        example: Some("sht30".into()),
        ..MetaSchema::new("string")
    },
    |text| Self(text.to_owned())
);

/// Which package is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meant {
    /// The one of this key.
    Key(PackageKey),
    /// One of this name.
    Named(String),
}

impl CatalogueName {
    /// Reads the name where it stands alone.
    pub(crate) fn meant(&self) -> Meant {
        let text = self.0.as_str();
        let parts = text.split_once('/').or_else(|| {
            let behind = text.rsplit_once('@').filter(|(name, _)| !name.is_empty());
            behind.map(|(name, namespace)| (namespace, name))
        });
        match parts {
            Some((namespace, name)) => Meant::Key(key(namespace, name)),
            None => Meant::Named(text.to_owned()),
        }
    }
}

/// A namespace in a path: a user of Conan's, or a scope with or without its `@`.
#[derive(Debug, Clone)]
pub(crate) struct Namespace(pub(crate) String);

path_parameter!(
    Namespace,
    "namespace",
    MetaSchema {
        example: Some("sifli".into()),
        ..MetaSchema::new("string")
    },
    |text| Self(text.to_owned())
);

impl Namespace {
    /// Returns the package of a name there.
    pub(crate) fn key(&self, name: &CatalogueName) -> PackageKey {
        key(&self.0, &name.0)
    }
}

fn key(namespace: &str, name: &str) -> PackageKey {
    let namespace = namespace.strip_prefix('@').unwrap_or(namespace);
    let namespace = if namespace.is_empty() {
        NO_NAMESPACE
    } else {
        namespace
    };
    PackageKey {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    }
}

/// The error for a package that the catalogue lacks.
pub(crate) fn not_in_catalogue(name: &str) -> ApiError {
    ApiError::not_found(format!(
        "There is no package {} in the catalogue",
        printable(name, MAX_SHOWN)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_have_its_namespace_with_it() {
        let meant = |text: &str| CatalogueName(text.to_owned()).meant();
        for (text, namespace, name) in [
            ("sifli/sht30", "sifli", "sht30"),
            ("@sifli/sht30", "sifli", "sht30"),
            ("sht30@sifli", "sifli", "sht30"),
            ("sht30@", "_", "sht30"),
            ("/sht30", "_", "sht30"),
            ("_/sht30", "_", "sht30"),
        ] {
            assert_eq!(meant(text), Meant::Key(key(namespace, name)), "{text}");
        }
        for text in ["sht30", "", "@sht30", "tflite-cmsis", "c++"] {
            assert_eq!(meant(text), Meant::Named(text.to_owned()), "{text}");
        }
    }
}
