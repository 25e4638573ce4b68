//! Wire shapes of access, as npm spells them.

use poem_openapi::{Object, registry::MetaSchema, types::Example};
use serde::Serialize;
use serde_json::{Value, json};
use weir_domain::org::Access;

use crate::payload::{CheckedBody, Fields};

/// Who is to read a package.
#[derive(Debug)]
pub(crate) struct AccessChange {
    pub(super) access: Option<Access>,
}

/// The words for it; npm says `private` on its command line.
const WORDS: [(&str, Access); 3] = [
    ("public", Access::Public),
    ("restricted", Access::Restricted),
    ("private", Access::Restricted),
];

impl CheckedBody for AccessChange {
    const NAME: &'static str = "AccessChange";

    fn read(fields: &mut Fields<'_>) -> Self {
        let schema = MetaSchema {
            enum_items: WORDS.iter().map(|(word, _)| Value::from(*word)).collect(),
            ..MetaSchema::new("string")
        };
        let read = |value: &Value| {
            let found = WORDS.iter().find(|(word, _)| value.as_str() == Some(word));
            found
                .map(|(_, access)| *access)
                .ok_or_else(|| "must be public or restricted".to_owned())
        };
        let about = "Who may read the package; must be given";
        Self {
            access: fields.field("access", about, schema, read),
        }
    }

    fn example() -> Value {
        json!({"access": "restricted"})
    }
}

/// Who may read a package.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct Visibility {
    /// Whether everybody may.
    pub(super) public: bool,
}

impl Example for Visibility {
    fn example() -> Self {
        Self { public: true }
    }
}
