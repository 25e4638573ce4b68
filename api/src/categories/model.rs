//! Wire shapes of categories.

use std::collections::BTreeMap;

use poem_openapi::{
    Object,
    registry::{MetaSchema, MetaSchemaRef},
    types::Example,
};
use serde::Serialize;
use serde_json::{Value, json};
use weir_domain::catalogue::categories::{MAX_CATEGORIES, Table, category_of};

use crate::payload::{CheckedBody, Fields};

/// Which topics lead to which categories.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "CategoryTable", example)]
pub(crate) struct Topics {
    /// Topics, in lower case, each with its category.
    pub(super) topics: BTreeMap<String, String>,
}

impl From<Table> for Topics {
    fn from(table: Table) -> Self {
        let pairs = table.iter();
        Self {
            topics: pairs.map(|(a, b)| (a.to_owned(), b.to_owned())).collect(),
        }
    }
}

/// A table that is wanted.
#[derive(Debug)]
pub(crate) struct NewTopics(pub(super) Option<Table>);

impl CheckedBody for NewTopics {
    const NAME: &'static str = "NewCategoryTable";

    fn read(fields: &mut Fields<'_>) -> Self {
        let text = MetaSchemaRef::Inline(Box::new(MetaSchema::new("string")));
        let schema = MetaSchema {
            additional_properties: Some(Box::new(text)),
            ..MetaSchema::new("object")
        };
        let about = "Topics, each with its category: letters, digits and `_`";
        Self(fields.needed("topics", about, schema, |value| {
            let wrong = || "must be an object of texts".to_owned();
            let pairs = value.as_object().ok_or_else(wrong)?.iter();
            let pairs = pairs.map(|(topic, category)| {
                let category = category.as_str().ok_or_else(wrong)?;
                Ok((topic.clone(), category.to_owned()))
            });
            let pairs: Vec<_> = pairs.collect::<Result<_, String>>()?;
            Table::new(pairs).map_err(|why| why.to_string())
        }))
    }

    fn example() -> Value {
        json!({"topics": {"camera": "CAMERA", "tinyml": "AI_ML"}})
    }
}

/// The table is in force.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct Relabelled {
    /// Always true.
    pub(super) ok: bool,
    /// How many packages were given their categories anew.
    pub(super) packages: u64,
}

/// Categories that a package is to have.
#[derive(Debug)]
pub(crate) struct NewPackageCategories {
    pub(super) categories: Option<Vec<String>>,
}

impl CheckedBody for NewPackageCategories {
    const NAME: &'static str = "NewPackageCategories";

    fn read(fields: &mut Fields<'_>) -> Self {
        let about = "The categories, the primary one first. Must be given";
        let read = |text: &str| {
            let category = category_of(text);
            category.ok_or_else(|| "must be words of letters, digits and `_`".to_owned())
        };
        Self {
            categories: fields.list("categories", about, MAX_CATEGORIES, read),
        }
    }

    fn example() -> Value {
        json!({"categories": ["SENSOR", "DRIVER"]})
    }
}

/// The categories of a package.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct PackageCategories {
    /// The categories, the primary one first.
    pub(super) categories: Vec<String>,
    /// Whether somebody said so, whatever its topics are.
    pub(super) overridden: bool,
}

impl Example for Topics {
    fn example() -> Self {
        let pair = |topic: &str, category: &str| (topic.to_owned(), category.to_owned());
        Self {
            topics: [pair("camera", "CAMERA"), pair("tinyml", "AI_ML")].into(),
        }
    }
}

impl Example for Relabelled {
    fn example() -> Self {
        Self {
            ok: true,
            packages: 137,
        }
    }
}

impl Example for PackageCategories {
    fn example() -> Self {
        Self {
            categories: vec!["SENSOR".to_owned(), "DRIVER".to_owned()],
            overridden: true,
        }
    }
}
