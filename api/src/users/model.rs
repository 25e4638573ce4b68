//! Wire shapes of users, as administrators see them.

use poem_openapi::{Object, registry::MetaSchema, types::Example};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;
use weir_domain::{Timestamp, UserId, UserName, user_name};
use weir_store::users::User;

use crate::{
    logins::{email_address, password},
    payload::{CheckedBody, Fields, Id, Instant},
    profiles::read_text,
    tasks::Pagination,
};

/// A user.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "User", rename_all = "camelCase", example)]
pub(crate) struct UserItem {
    /// Identifier.
    id: Id,
    /// The name.
    pub(super) name: String,
    /// What they are called.
    #[oai(nullable)]
    display_name: Option<String>,
    /// Where mail reaches them.
    #[oai(nullable)]
    email: Option<String>,
    /// Whether they may administer.
    admin: bool,
    /// Whether they may no longer come in.
    disabled: bool,
    /// Whether their password needs a one-time password beside it.
    two_factor: bool,
    /// When the account was made.
    created_at: Instant,
    /// When it last changed.
    updated_at: Instant,
}

impl From<User> for UserItem {
    fn from(user: User) -> Self {
        Self {
            id: Id(user.id.0),
            name: user.name,
            display_name: user.display_name,
            email: user.email,
            admin: user.is_admin,
            disabled: user.is_disabled,
            two_factor: user.has_otp,
            created_at: Instant(user.created_at),
            updated_at: Instant(user.updated_at),
        }
    }
}

impl Example for UserItem {
    fn example() -> Self {
        User {
            id: UserId(Uuid::from_u128(0x0193_5b0a_7c00_7000_8000_0000_0000_0001)),
            name: "johndoe".to_owned(),
            is_admin: false,
            email: Some("john@example.com".to_owned()),
            display_name: Some("John Doe".to_owned()),
            profile: None,
            is_disabled: false,
            has_otp: false,
            created_at: Timestamp(1_767_225_600_000),
            updated_at: Timestamp(1_767_225_600_000),
        }
        .into()
    }
}

/// Some users.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct UserPage {
    /// By their names.
    pub(super) data: Vec<UserItem>,
    /// Where the next page begins.
    pub(super) pagination: Pagination,
}

impl Example for UserPage {
    fn example() -> Self {
        Self {
            data: vec![UserItem::example()],
            pagination: Pagination { next_cursor: None },
        }
    }
}

/// A user to be.
pub(crate) struct NewAccount {
    pub(super) name: Option<UserName>,
    pub(super) password: Option<String>,
    pub(super) email: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) is_admin: bool,
}

impl CheckedBody for NewAccount {
    const NAME: &'static str = "NewUser";

    fn read(fields: &mut Fields<'_>) -> Self {
        let schema = MetaSchema {
            min_length: Some(1),
            max_length: Some(user_name::MAX_CHARS),
            ..MetaSchema::new("string")
        };
        let name = |value: &Value| {
            let text = value.as_str().ok_or("must be a text")?;
            UserName::parse(text).map_err(|why| why.to_string())
        };
        Self {
            name: fields.field("name", "The name", schema, name),
            password: password(fields, "password", "The password"),
            email: email_address(fields),
            display_name: called(fields),
            is_admin: fields.flag("admin", "Whether they may administer"),
        }
    }

    fn example() -> Value {
        json!({"name": "jane", "password": "a-good-password", "email": "jane@example.com"})
    }
}

fn called(fields: &mut Fields<'_>) -> Option<String> {
    let schema = MetaSchema::new("string");
    fields.field("displayName", "What they are called", schema, read_text)
}

/// What is to change of a user; what is absent stays.
pub(crate) struct UserChange {
    pub(super) is_disabled: Option<bool>,
    pub(super) is_admin: Option<bool>,
    pub(super) password: Option<String>,
    pub(super) email: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) drops_otp: bool,
}

impl CheckedBody for UserChange {
    const NAME: &'static str = "UserChange";

    fn read(fields: &mut Fields<'_>) -> Self {
        let mut switch = |name, about| {
            let read = |value: &Value| value.as_bool().ok_or("must be true or false".to_owned());
            fields.field(name, about, MetaSchema::new("boolean"), read)
        };
        let is_disabled = switch("disabled", "Whether they may no longer come in");
        let is_admin = switch("admin", "Whether they may administer");
        let two_factor = |value: &Value| match value.as_bool() {
            Some(false) => Ok(()),
            _ => Err("must be false: only its owner has one".to_owned()),
        };
        let about = "`false` takes the second factor away";
        let dropped = fields.field("twoFactor", about, MetaSchema::new("boolean"), two_factor);
        Self {
            is_disabled,
            is_admin,
            password: password(fields, "password", "The new password"),
            email: email_address(fields),
            display_name: called(fields),
            drops_otp: dropped.is_some(),
        }
    }

    fn example() -> Value {
        json!({"displayName": "John Doe"})
    }
}
