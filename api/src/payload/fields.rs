//! Fields of a request body, declared once.
//!
//! A body type names its fields in one function. Run over a JSON object that function
//! reads and checks; run over nothing it writes the schema. So a bound in the document
//! cannot differ from the bound that is enforced.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use serde_json::{Map, Value};

use super::Violations;

/// Reads the fields of one object, or describes them.
#[derive(Debug)]
pub(crate) struct Fields<'v>(Mode<'v>);

#[derive(Debug)]
enum Mode<'v> {
    Reading(&'v Map<String, Value>, &'v mut Violations),
    Describing(Described),
}

/// What is declared of an object.
#[derive(Debug, Default)]
pub(crate) struct Described {
    /// Its fields.
    pub(crate) properties: Vec<(&'static str, MetaSchemaRef)>,
    /// Those of them that must be there.
    pub(crate) required: Vec<&'static str>,
}

impl<'v> Fields<'v> {
    /// Returns fields that come from `object`; what is refused goes to `violations`.
    pub(crate) fn reading(object: &'v Map<String, Value>, violations: &'v mut Violations) -> Self {
        Self(Mode::Reading(object, violations))
    }

    /// Returns the fields that `declare` declares.
    pub(crate) fn describe<T>(declare: impl FnOnce(&mut Fields<'_>) -> T) -> Described {
        let mut fields = Fields(Mode::Describing(Described::default()));
        declare(&mut fields);
        match fields.0 {
            Mode::Describing(described) => described,
            Mode::Reading(..) => Described::default(),
        }
    }

    /// Declares a field that must be there.
    pub(crate) fn needed<T>(
        &mut self,
        name: &'static str,
        about: &'static str,
        schema: MetaSchema,
        read: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        match &mut self.0 {
            Mode::Reading(object, violations) => {
                if object.get(name).is_none_or(Value::is_null) {
                    violations.add(name, "is required");
                }
            }
            Mode::Describing(described) => described.required.push(name),
        }
        self.field(name, about, schema, read)
    }

    /// Declares a list of at most `most` texts, each of which becomes something.
    pub(crate) fn list<T>(
        &mut self,
        name: &'static str,
        about: &'static str,
        most: usize,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Vec<T>> {
        let schema = MetaSchema {
            items: Some(Box::new(MetaSchemaRef::Inline(Box::new(MetaSchema::new(
                "string",
            ))))),
            max_items: Some(most),
            ..MetaSchema::new("array")
        };
        self.field(name, about, schema, |value| {
            let items = value.as_array().ok_or("must be an array of texts")?;
            if items.len() > most {
                return Err(format!("must hold at most {most}"));
            }
            let read = |item: &Value| read(item.as_str().ok_or("must be an array of texts")?);
            items.iter().map(read).collect()
        })
    }

    /// Declares a truth value; absent is false.
    pub(crate) fn flag(&mut self, name: &'static str, about: &'static str) -> bool {
        let schema = MetaSchema::new("boolean");
        let read = |value: &Value| {
            value
                .as_bool()
                .ok_or_else(|| "must be true or false".to_owned())
        };
        self.field(name, about, schema, read).unwrap_or_default()
    }

    /// Declares a text of at most `max_chars` characters.
    pub(crate) fn text(
        &mut self,
        name: &'static str,
        about: &'static str,
        max_chars: usize,
    ) -> Option<String> {
        let schema = MetaSchema {
            max_length: Some(max_chars),
            ..MetaSchema::new("string")
        };
        self.field(name, about, schema, |value| {
            let text = value.as_str().ok_or("must be a text")?;
            if text.chars().count() > max_chars {
                return Err(format!("must have at most {max_chars} characters"));
            }
            Ok(text.to_owned())
        })
    }

    /// Says whether a field is given as `null`, where that is not the same as absent.
    pub(crate) fn is_null(&self, name: &str) -> bool {
        match &self.0 {
            Mode::Reading(object, _) => object.get(name).is_some_and(Value::is_null),
            Mode::Describing(_) => false,
        }
    }

    /// Declares a field of any kind; `null` counts as absent, in the document too.
    pub(crate) fn field<T>(
        &mut self,
        name: &'static str,
        about: &'static str,
        schema: MetaSchema,
        read: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        match &mut self.0 {
            Mode::Reading(object, violations) => {
                let value = object.get(name).filter(|value| !value.is_null())?;
                read(value)
                    .map_err(|message| violations.add(name, message))
                    .ok()
            }
            Mode::Describing(described) => {
                let schema = MetaSchema {
                    description: Some(about),
                    // One without a type has choices, which say it themselves.
                    nullable: !schema.ty.is_empty() && !described.required.contains(&name),
                    ..schema
                };
                described
                    .properties
                    .push((name, MetaSchemaRef::Inline(Box::new(schema))));
                None
            }
        }
    }
}
