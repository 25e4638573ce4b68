//! Wire shapes of signing in and out.

use poem_openapi::{
    Object,
    registry::{MetaSchema, MetaSchemaRef},
    types::Example,
};
use serde::Serialize;
use serde_json::{Value, json};
use weir_config::accounts::PASSWORD_CHARS;
use weir_domain::{Digest, Timestamp, UserName, email, user_name};
use weir_store::users::User;

use crate::{
    error::{ApiError, ApiResult},
    names::{COUCH_PREFIX, CouchId},
    payload::{CheckedBody, Fields, Instant, Violations},
};

/// A user's document as clients put it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct LogIn {
    id: Option<String>,
    name: Option<String>,
    password: Option<String>,
    pub(super) email: Option<String>,
}

impl std::fmt::Debug for LogIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogIn")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl CheckedBody for LogIn {
    const NAME: &'static str = "LogIn";

    fn read(fields: &mut Fields<'_>) -> Self {
        let same = "`org.couchdb.user:` and the name, if it is given";
        let word = |value: &Value| match value.as_str() {
            Some("user") => Ok(()),
            _ => Err("must be \"user\"".to_owned()),
        };
        let user = MetaSchema {
            enum_items: vec!["user".into()],
            ..MetaSchema::new("string")
        };
        fields.field("type", "Always `user`", user, word);
        // What clients say beside, and nobody keeps.
        let texts = MetaSchema {
            items: Some(Box::new(MetaSchemaRef::Inline(Box::new(MetaSchema::new(
                "string",
            ))))),
            ..MetaSchema::new("array")
        };
        let is_list = |value: &Value| match value {
            Value::Array(_) => Ok(()),
            _ => Err("must be an array".to_owned()),
        };
        fields.field("roles", "Ignored", texts, is_list);
        fields.text("date", "Ignored", 100);
        Self {
            id: fields.text("_id", same, COUCH_PREFIX.len() + user_name::MAX_CHARS),
            name: fields.text("name", "The name, as in the path", user_name::MAX_CHARS),
            password: password(fields, "password", "The password"),
            email: email_address(fields),
        }
    }

    fn example() -> Value {
        json!({
            "_id": "org.couchdb.user:johndoe",
            "name": "johndoe",
            "password": "securepassword123",
            "email": "john@example.com",
            "type": "user",
            "roles": [],
            "date": "2026-01-01T00:00:00.000Z",
        })
    }
}

impl LogIn {
    /// Returns name and password.
    ///
    /// # Errors
    /// 404 for what is no user's document; 422 with whatever is missing or does not fit the path.
    pub(super) fn checked<'a>(&'a self, path: &'a CouchId) -> ApiResult<(&'a UserName, &'a str)> {
        let of_path = path.to_write()?;
        let mut wrong = Violations::default();
        let is_same = |text: &str| UserName::parse(text).is_ok_and(|name| name == *of_path);
        match &self.name {
            None => wrong.add("name", "is required"),
            Some(name) if !is_same(name) => wrong.add("name", "must be the name in the path"),
            Some(_) => {}
        }
        let id = self.id.as_deref().map(|id| id.strip_prefix(COUCH_PREFIX));
        if id.is_some_and(|id| !id.is_some_and(is_same)) {
            wrong.add("_id", "must be org.couchdb.user: and the name in the path");
        }
        if self.password.is_none() {
            wrong.add("password", "is required");
        }
        let password = self.password.as_deref().unwrap_or_default();
        wrong.none_or((of_path, password))
    }
}

/// Declares a password.
pub(crate) fn password(
    fields: &mut Fields<'_>,
    name: &'static str,
    about: &'static str,
) -> Option<String> {
    let (least, most) = (*PASSWORD_CHARS.start(), *PASSWORD_CHARS.end());
    let schema = MetaSchema {
        min_length: Some(least),
        max_length: Some(most),
        ..MetaSchema::new_with_format("string", "password")
    };
    fields.field(name, about, schema, read_password)
}

/// Reads a password.
///
/// # Errors
/// What it must be.
pub(crate) fn read_password(value: &Value) -> Result<String, String> {
    let text = value.as_str().ok_or("must be a text")?;
    if !PASSWORD_CHARS.contains(&text.chars().count()) {
        let (least, most) = (PASSWORD_CHARS.start(), PASSWORD_CHARS.end());
        return Err(format!("must have {least} to {most} characters"));
    }
    Ok(text.to_owned())
}

/// Declares an e-mail address; an empty text is none.
pub(crate) fn email_address(fields: &mut Fields<'_>) -> Option<String> {
    let schema = MetaSchema {
        max_length: Some(email::MAX_BYTES),
        ..MetaSchema::new_with_format("string", "email")
    };
    let read = |value: &Value| {
        let text = value.as_str().ok_or("must be a text")?;
        if text.is_empty() {
            return Ok(None);
        }
        let address = email::parse(text).ok_or("must be an e-mail address")?;
        Ok(Some(address.to_owned()))
    };
    fields
        .field("email", "Where mail reaches the user", schema, read)
        .flatten()
}

/// Somebody is signed in.
#[derive(Serialize, Object)]
#[oai(example)]
pub(crate) struct LoggedIn {
    /// Always true.
    pub(crate) ok: bool,
    /// The user's document.
    pub(crate) id: String,
    /// Its revision.
    pub(crate) rev: String,
    /// A new token; it is shown this once.
    pub(crate) token: String,
}

impl LoggedIn {
    pub(super) fn new(user: &User, token: String) -> Self {
        Self {
            ok: true,
            id: format!("{COUCH_PREFIX}{}", user.name),
            rev: revision(user),
            token,
        }
    }
}

impl Example for LoggedIn {
    fn example() -> Self {
        Self {
            ok: true,
            id: "org.couchdb.user:johndoe".to_owned(),
            rev: "1-0123456789abcdef0123456789abcdef".to_owned(),
            token: "npm_0123456789abcdef0123456789abcdef0123456789abcdefAbC123".to_owned(),
        }
    }
}

/// A user's document, as others see it.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct CouchUser {
    /// `org.couchdb.user:` and the name.
    #[serde(rename = "_id")]
    #[oai(rename = "_id")]
    pub(crate) id: String,
    /// What a change of it must name.
    #[serde(rename = "_rev")]
    #[oai(rename = "_rev")]
    pub(crate) rev: String,
    /// The name.
    pub(crate) name: String,
    /// Where mail reaches the user; only users are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    pub(crate) email: Option<String>,
    /// What the user is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    pub(crate) fullname: Option<String>,
    /// Always `user`.
    #[serde(rename = "type")]
    #[oai(rename = "type")]
    pub(crate) kind: String,
    /// Always empty.
    pub(crate) roles: Vec<String>,
    /// When the account was made.
    pub(crate) date: Instant,
}

impl CouchUser {
    pub(super) fn new(user: User, shows_email: bool) -> Self {
        Self {
            id: format!("{COUCH_PREFIX}{}", user.name),
            rev: revision(&user),
            email: user.email.filter(|_| shows_email),
            fullname: user.display_name,
            name: user.name,
            kind: "user".to_owned(),
            roles: Vec::new(),
            date: Instant(user.created_at),
        }
    }
}

impl Example for CouchUser {
    fn example() -> Self {
        Self {
            id: "org.couchdb.user:johndoe".to_owned(),
            rev: "1-0123456789abcdef0123456789abcdef".to_owned(),
            name: "johndoe".to_owned(),
            email: Some("john@example.com".to_owned()),
            fullname: Some("John Doe".to_owned()),
            kind: "user".to_owned(),
            roles: Vec::new(),
            date: Instant(Timestamp(1_767_225_600_000)),
        }
    }
}

/// Somebody is signed out.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "LoggedOut", example)]
pub(crate) struct Left {
    /// Always true.
    pub(crate) ok: bool,
}

impl Example for Left {
    fn example() -> Self {
        Self { ok: true }
    }
}

/// Returns the revision of a user's document: another one whenever the user changed.
pub(super) fn revision(user: &User) -> String {
    let digest = Digest::of(format!("{} {}", user.id, user.updated_at.0).as_bytes());
    format!("1-{}", &digest.to_string()[..32])
}

/// The error for a document whose address is not the one that is held.
pub(super) fn other_email() -> ApiError {
    ApiError::new(
        crate::error::Code::Conflict,
        "The user has another e-mail address; change it with `npm profile set email`",
    )
}
