//! Wire shapes of scopes.

use poem_openapi::{Object, registry::MetaSchema, types::Example};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;
use weir_domain::{PackageName, ScopeId, Timestamp};
use weir_store::scopes::Scope;

use crate::payload::{CheckedBody, Fields, Id, Instant};

/// Longest name of a scope or registry, in characters.
const MAX_NAME: usize = 256;

/// A scope to be.
#[derive(Debug)]
pub(crate) struct NewScope {
    pub(super) name: Option<String>,
    pub(super) registry: Option<String>,
    pub(super) is_private: bool,
}

impl CheckedBody for NewScope {
    const NAME: &'static str = "NewScope";

    fn read(fields: &mut Fields<'_>) -> Self {
        let schema = MetaSchema {
            min_length: Some(2),
            max_length: Some(MAX_NAME),
            ..MetaSchema::new("string")
        };
        let name = fields.needed("name", "The scope, `@` and all", schema, |value| {
            let text = value.as_str().ok_or("must be a text")?;
            let is_scope = text.starts_with('@')
                && text.chars().count() <= MAX_NAME
                && PackageName::parse(&format!("{text}/x")).is_ok();
            let refused = || "must be a scope, such as `@acme`".to_owned();
            is_scope.then(|| text.to_owned()).ok_or_else(refused)
        });
        Self {
            name,
            registry: fields.text(
                "registryId",
                "Where its packages come from: slug, name or id",
                MAX_NAME,
            ),
            is_private: fields.flag("private", "Whether its names are told to nobody"),
        }
    }

    fn example() -> Value {
        json!({"name": "@custom", "registryId": "npmjs"})
    }
}

/// A scope.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "Scope", rename_all = "camelCase", example)]
pub(crate) struct ScopeItem {
    /// Always true.
    ok: bool,
    /// Identifier.
    id: Id,
    /// The same.
    scope_id: Id,
    /// The scope, `@` and all.
    name: String,
    /// Where its packages come from; null if it is private.
    #[oai(nullable)]
    registry_id: Option<String>,
    /// When it was made.
    created_at: Instant,
    /// When it was last changed.
    updated_at: Instant,
}

impl ScopeItem {
    pub(super) fn new(scope: &Scope, registry: Option<String>) -> Self {
        Self {
            ok: true,
            id: Id(scope.id.0),
            scope_id: Id(scope.id.0),
            name: scope.name.clone(),
            registry_id: registry,
            created_at: Instant(scope.created_at),
            updated_at: Instant(scope.updated_at),
        }
    }
}

/// Some scopes.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct ScopePage {
    /// By their names.
    pub(super) data: Vec<ScopeItem>,
    /// How many there are in all.
    pub(super) total: u64,
    /// The same, by its other name.
    pub(super) count: u64,
}

impl Example for ScopeItem {
    fn example() -> Self {
        let id = Uuid::from_u128(0x0193_5b0a_7c00_7000_8000_0000_0000_0001);
        let scope = Scope {
            id: ScopeId(id),
            name: "@custom".to_owned(),
            registry: None,
            created_at: Timestamp(1_767_225_600_000),
            updated_at: Timestamp(1_767_225_600_000),
        };
        Self::new(&scope, Some("npmjs".to_owned()))
    }
}

impl Example for ScopePage {
    fn example() -> Self {
        Self {
            data: vec![ScopeItem::example()],
            total: 1,
            count: 1,
        }
    }
}
