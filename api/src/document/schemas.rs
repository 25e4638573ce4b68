//! Schemas as validators and generators understand them.
//!
//! The framework writes a field with a named type as the conjunction of the name and of what
//! is said of the field, again beside it. A conjunction that may be null is none in OpenAPI
//! 3.0, where only what has a `type` of its own may be; such a field gets the named schema
//! itself.

use std::collections::BTreeMap;

use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};

/// Rewrites the fields of all schemas.
pub(super) fn tidy(registry: &mut Registry) {
    let named = registry.schemas.clone();
    for schema in registry.schemas.values_mut() {
        tidy_fields(schema, &named);
    }
}

fn tidy_fields(schema: &mut MetaSchema, named: &BTreeMap<String, MetaSchema>) {
    for (_, field) in &mut schema.properties {
        let MetaSchemaRef::Inline(field) = field else {
            continue;
        };
        let Some(MetaSchemaRef::Reference(name)) = field.all_of.first() else {
            continue;
        };
        match named.get(name) {
            Some(own) if field.nullable => {
                let mut own = own.clone();
                tidy_fields(&mut own, named);
                **field = MetaSchema {
                    description: field.description.or(own.description),
                    nullable: true,
                    ..own
                };
            }
            _ => field.all_of.truncate(1),
        }
    }
}
