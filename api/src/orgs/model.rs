//! Wire shapes of organisations, as npm spells them.

use std::collections::BTreeMap;

use poem_openapi::{NewType, Object, registry::MetaSchema, types::Example};
use serde::Serialize;
use serde_json::{Value, json};
use weir_domain::{OrgName, Timestamp, org::Role};
use weir_store::access::Grant;

use super::Standing;
use crate::payload::{CheckedBody, Fields, Instant};

/// Most characters of a description.
pub(crate) const MAX_DESCRIPTION_CHARS: usize = 1_024;
/// Most characters of a user's name that is looked for.
const MAX_USER_CHARS: usize = 100;
/// What npm calls a member without further rights, in older words.
const MEMBER: &str = "member";

/// An organisation that is wanted.
#[derive(Debug)]
pub(crate) struct NewOrg {
    pub(super) name: Option<OrgName>,
    pub(super) description: Option<String>,
}

impl CheckedBody for NewOrg {
    const NAME: &'static str = "NewOrg";

    fn read(fields: &mut Fields<'_>) -> Self {
        let about = "Its name, as that of a scope; must be given";
        Self {
            name: group_name(fields, "name", about, |text| OrgName::parse(text).ok()),
            description: fields.text("description", "What it is for", MAX_DESCRIPTION_CHARS),
        }
    }

    fn example() -> Value {
        json!({"name": "globex", "description": "Globex Corporation"})
    }
}

/// Declares the name of an organisation or a team.
pub(crate) fn group_name<T>(
    fields: &mut Fields<'_>,
    name: &'static str,
    about: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let schema = MetaSchema {
        max_length: Some(weir_domain::org::MAX_GROUP_NAME_BYTES),
        ..MetaSchema::new("string")
    };
    fields.field(name, about, schema, |value| {
        let parsed = value.as_str().and_then(parse);
        parsed.ok_or_else(|| weir_domain::org::InvalidGroupName.to_string())
    })
}

/// A member, and what they may do.
#[derive(Debug)]
pub(crate) struct NewMember {
    pub(super) user: Option<String>,
    pub(super) role: Role,
}

impl CheckedBody for NewMember {
    const NAME: &'static str = "NewOrgMember";

    fn read(fields: &mut Fields<'_>) -> Self {
        let words = || Role::ALL.iter().map(|role| role.as_str());
        let schema = MetaSchema {
            enum_items: words().chain([MEMBER]).map(Value::from).collect(),
            ..MetaSchema::new("string")
        };
        let read = |value: &Value| match value.as_str() {
            Some(MEMBER) => Ok(Role::Developer),
            text => text
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| "must be developer, admin or owner".to_owned()),
        };
        let about = "What they may do; `developer` if absent, or `member`";
        Self {
            user: user_name(fields),
            role: fields
                .field("role", about, schema, read)
                .unwrap_or(Role::Developer),
        }
    }

    fn example() -> Value {
        json!({"user": "bob", "role": "developer"})
    }
}

/// A user, by name.
#[derive(Debug)]
pub(crate) struct NamedUser {
    pub(crate) user: Option<String>,
}

impl CheckedBody for NamedUser {
    const NAME: &'static str = "NamedUser";

    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            user: user_name(fields),
        }
    }

    fn example() -> Value {
        json!({"user": "bob"})
    }
}

fn user_name(fields: &mut Fields<'_>) -> Option<String> {
    fields.text("user", "The user's name; must be given", MAX_USER_CHARS)
}

/// An organisation.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Org", example)]
pub(crate) struct OrgItem {
    /// Its name.
    name: String,
    /// What it is for.
    #[oai(nullable)]
    description: Option<String>,
    /// Since when it is there.
    created: Instant,
}

impl From<&Standing> for OrgItem {
    fn from(standing: &Standing) -> Self {
        Self {
            name: standing.name.to_string(),
            description: standing.org.description.clone(),
            created: Instant(standing.org.created_at),
        }
    }
}

/// A membership as it is now.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct OrgMembership {
    /// The organisation.
    pub(super) org: OrgSize,
    /// The user's name.
    pub(super) user: String,
    /// What they may do.
    pub(super) role: String,
}

/// An organisation and how many belong to it.
#[derive(Debug, Serialize, Object)]
pub(crate) struct OrgSize {
    /// Its name.
    pub(super) name: String,
    /// How many belong to it.
    pub(super) size: u64,
}

/// Names, each with a word: a role, or a permission.
#[derive(Debug, Serialize, NewType)]
#[serde(transparent)]
#[oai(
    from_multipart = false,
    from_parameter = false,
    to_header = false,
    example
)]
pub(crate) struct Words(BTreeMap<String, String>);

impl FromIterator<(String, &'static str)> for Words {
    fn from_iter<I: IntoIterator<Item = (String, &'static str)>>(words: I) -> Self {
        let words = words.into_iter();
        Self(words.map(|(name, word)| (name, word.to_owned())).collect())
    }
}

/// Returns what may be done, by name.
impl From<Vec<Grant>> for Words {
    fn from(grants: Vec<Grant>) -> Self {
        let words = grants.into_iter();
        words
            .map(|grant| {
                let word = grant.permission().as_str();
                (grant.name, word)
            })
            .collect()
    }
}

/// Names, in order.
#[derive(Debug, Serialize, NewType)]
#[serde(transparent)]
#[oai(
    from_multipart = false,
    from_parameter = false,
    to_header = false,
    example
)]
pub(crate) struct Names(pub(crate) Vec<String>);

impl Example for Words {
    fn example() -> Self {
        [("alice".to_owned(), "write")].into_iter().collect()
    }
}

impl Example for Names {
    fn example() -> Self {
        Self(vec!["acme:devs".to_owned()])
    }
}

impl Example for OrgItem {
    fn example() -> Self {
        Self {
            name: "acme".to_owned(),
            description: Some("Acme Corporation".to_owned()),
            created: Instant(Timestamp(1_767_225_600_000)),
        }
    }
}

impl Example for OrgMembership {
    fn example() -> Self {
        Self {
            org: OrgSize {
                name: "acme".to_owned(),
                size: 2,
            },
            user: "bob".to_owned(),
            role: Role::Developer.as_str().to_owned(),
        }
    }
}
