//! Tokens as the catalogue spells them.

use poem_openapi::{Object, registry::MetaSchema, types::Example};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;
use weir_domain::{Timestamp, TokenId};
use weir_store::tokens::Listed;

use super::{
    create::Made,
    model::{days, shown},
    wanted::Wanted,
};
use crate::payload::{CheckedBody, Fields, Id, Instant};

/// Longest name, in characters.
const MAX_NAME: usize = 100;

/// Which token is wanted.
#[derive(Debug, Clone)]
pub(crate) struct NewApiToken(Wanted);

impl From<NewApiToken> for Wanted {
    fn from(new: NewApiToken) -> Self {
        new.0
    }
}

impl CheckedBody for NewApiToken {
    const NAME: &'static str = "NewApiToken";

    fn read(fields: &mut Fields<'_>) -> Self {
        let schema = MetaSchema {
            min_length: Some(1),
            max_length: Some(MAX_NAME),
            ..MetaSchema::new("string")
        };
        let name = fields.needed("name", "A name for people", schema, |value| {
            let name = shown(value, MAX_NAME)?;
            if name.trim().is_empty() {
                return Err("must not be empty".to_owned());
            }
            Ok(name)
        });
        Self(Wanted {
            name,
            days: days(fields, "expiresIn"),
            is_admin: fields.flag("admin", "Whether it carries the caller's admin rights"),
            is_readonly: fields.flag("readonly", "Whether it only reads"),
            ..Wanted::default()
        })
    }

    fn example() -> Value {
        json!({ "name": "CI/CD Token", "expiresIn": 90 })
    }
}

/// A token, without its text.
#[derive(Debug, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub(crate) struct ApiToken {
    /// Identifier.
    pub(crate) id: Id,
    /// Its name.
    #[oai(nullable)]
    pub(crate) name: Option<String>,
    /// How its text begins.
    pub(crate) prefix: String,
    /// Whether it only reads.
    pub(crate) readonly: bool,
    /// Whether it carries admin rights.
    pub(crate) admin: bool,
    /// When it was made.
    pub(crate) created_at: Instant,
    /// When it stops working.
    #[oai(nullable)]
    pub(crate) expires_at: Option<Instant>,
    /// When it was used last, to the minute.
    #[oai(nullable)]
    pub(crate) last_used_at: Option<Instant>,
}

impl From<Listed> for ApiToken {
    fn from(token: Listed) -> Self {
        let prefix = token.mask.split("...").next().unwrap_or_default();
        Self {
            id: Id(token.id.0),
            prefix: prefix.to_owned(),
            name: token.name,
            readonly: token.is_readonly,
            admin: token.is_admin,
            created_at: Instant(token.created_at),
            expires_at: token.expires_at.map(Instant),
            last_used_at: token.last_used_at.map(Instant),
        }
    }
}

/// The caller's tokens.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct ApiTokens {
    /// The tokens, newest first.
    pub(crate) data: Vec<ApiToken>,
}

/// A new token with its text.
#[derive(Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub(crate) struct NewTokenData {
    /// Identifier.
    pub(crate) id: Id,
    /// Its name.
    #[oai(nullable)]
    pub(crate) name: Option<String>,
    /// Its text; it is shown this once.
    pub(crate) token: String,
    /// How its text begins.
    pub(crate) prefix: String,
    /// Whether it only reads.
    pub(crate) readonly: bool,
    /// Whether it carries admin rights.
    pub(crate) admin: bool,
    /// When it was made.
    pub(crate) created_at: Instant,
    /// When it stops working.
    #[oai(nullable)]
    pub(crate) expires_at: Option<Instant>,
    /// When it was used last: not yet.
    #[oai(nullable)]
    pub(crate) last_used_at: Option<Instant>,
}

/// What was made.
#[derive(Serialize, Object)]
#[oai(example)]
pub(crate) struct MadeApiToken {
    /// The token.
    pub(crate) data: NewTokenData,
}

impl From<Made> for MadeApiToken {
    fn from(made: Made) -> Self {
        let text = made.secret.reveal().to_owned();
        let token = ApiToken::from(Listed::from(made));
        let data = NewTokenData {
            id: token.id,
            name: token.name,
            token: text,
            prefix: token.prefix,
            readonly: token.readonly,
            admin: token.admin,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
        };
        Self { data }
    }
}

/// Which token was revoked, and when.
#[derive(Debug, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub(crate) struct Revocation {
    /// Identifier.
    pub(crate) id: Id,
    /// When it stopped working.
    pub(crate) revoked_at: Instant,
}

/// What was revoked.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct RevokedApiToken {
    /// The token.
    pub(crate) data: Revocation,
}

impl RevokedApiToken {
    pub(super) fn new(token: TokenId, at: Timestamp) -> Self {
        Self {
            data: Revocation {
                id: Id(token.0),
                revoked_at: Instant(at),
            },
        }
    }
}

const AN_ID: Id = Id(Uuid::from_u128(0x0193_5b0a_7c00_7000_8000_0000_0000_0001));
const A_DAY: Instant = Instant(Timestamp(1_767_225_600_000));
const ANOTHER_DAY: Instant = Instant(Timestamp(1_775_001_600_000));

impl Example for ApiTokens {
    fn example() -> Self {
        let token = ApiToken {
            id: AN_ID,
            name: Some("CI/CD Token".to_owned()),
            prefix: "npm_ab".to_owned(),
            readonly: false,
            admin: false,
            created_at: A_DAY,
            expires_at: Some(ANOTHER_DAY),
            last_used_at: None,
        };
        Self { data: vec![token] }
    }
}

impl Example for MadeApiToken {
    fn example() -> Self {
        let data = NewTokenData {
            id: AN_ID,
            name: Some("CI/CD Token".to_owned()),
            token: "npm_0123456789abcdef0123456789abcdef0123456789abcdefUwLfgw".to_owned(),
            prefix: "npm_01".to_owned(),
            readonly: false,
            admin: false,
            created_at: A_DAY,
            expires_at: Some(ANOTHER_DAY),
            last_used_at: None,
        };
        Self { data }
    }
}

impl Example for RevokedApiToken {
    fn example() -> Self {
        Self::new(TokenId(AN_ID.0), A_DAY.0)
    }
}
