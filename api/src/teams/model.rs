//! Wire shapes of teams, as npm spells them.

use poem_openapi::{Object, registry::MetaSchema, types::Example};
use serde::Serialize;
use serde_json::{Value, json};
use weir_domain::{
    PackageName, TeamName, Timestamp, org::Permission, package_name::MAX_NAME_CHARS,
};

use super::Seat;
use crate::{
    orgs::{MAX_DESCRIPTION_CHARS, group_name},
    payload::{CheckedBody, Fields, Instant},
};

/// A team that is wanted.
#[derive(Debug)]
pub(crate) struct NewTeam {
    pub(super) name: Option<TeamName>,
    pub(super) description: Option<String>,
}

impl CheckedBody for NewTeam {
    const NAME: &'static str = "NewTeam";

    fn read(fields: &mut Fields<'_>) -> Self {
        let about = "Its name within the organisation; must be given";
        Self {
            name: group_name(fields, "name", about, |text| TeamName::parse(text).ok()),
            description: fields.text("description", "What it is for", MAX_DESCRIPTION_CHARS),
        }
    }

    fn example() -> Value {
        json!({"name": "ops", "description": "Who is on call"})
    }
}

/// A package, and what a team is to do with it.
#[derive(Debug)]
pub(crate) struct NewBinding {
    pub(super) package: Option<PackageName>,
    pub(super) permission: Permission,
}

/// What npm calls the permissions, where it sets them.
const WORDS: [(&str, Permission); 4] = [
    ("read-only", Permission::Read),
    ("read-write", Permission::Write),
    ("read", Permission::Read),
    ("write", Permission::Write),
];

impl CheckedBody for NewBinding {
    const NAME: &'static str = "NewBinding";

    fn read(fields: &mut Fields<'_>) -> Self {
        let schema = MetaSchema {
            enum_items: WORDS.iter().map(|(word, _)| Value::from(*word)).collect(),
            ..MetaSchema::new("string")
        };
        let read = |value: &Value| {
            let found = WORDS.iter().find(|(word, _)| value.as_str() == Some(word));
            found
                .map(|(_, permission)| *permission)
                .ok_or_else(|| "must be read-only or read-write".to_owned())
        };
        let about = "What the team may do; `read-only` if absent";
        Self {
            package: package(fields),
            permission: fields
                .field("permissions", about, schema, read)
                .unwrap_or(Permission::Read),
        }
    }

    fn example() -> Value {
        json!({"package": "@acme/tool", "permissions": "read-only"})
    }
}

/// A package, by name.
#[derive(Debug)]
pub(crate) struct BoundPackage {
    pub(super) package: Option<PackageName>,
}

impl CheckedBody for BoundPackage {
    const NAME: &'static str = "BoundPackage";

    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            package: package(fields),
        }
    }

    fn example() -> Value {
        json!({"package": "@acme/tool"})
    }
}

fn package(fields: &mut Fields<'_>) -> Option<PackageName> {
    let schema = MetaSchema {
        max_length: Some(MAX_NAME_CHARS),
        ..MetaSchema::new("string")
    };
    let about = "The package's name; must be given";
    fields.field("package", about, schema, |value| {
        let text = value.as_str().ok_or("must be a text")?;
        PackageName::parse(text).map_err(|why| why.to_string())
    })
}

/// A team.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Team", example)]
pub(crate) struct TeamItem {
    /// Its name.
    name: String,
    /// What it is for.
    #[oai(nullable)]
    description: Option<String>,
    /// Since when it is there.
    created: Instant,
}

impl From<&Seat> for TeamItem {
    fn from(seat: &Seat) -> Self {
        Self {
            name: seat.name.to_string(),
            description: seat.team.description.clone(),
            created: Instant(seat.team.created_at),
        }
    }
}

impl Example for TeamItem {
    fn example() -> Self {
        Self {
            name: "devs".to_owned(),
            description: None,
            created: Instant(Timestamp(1_767_225_600_000)),
        }
    }
}
