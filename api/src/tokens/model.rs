//! Tokens as npm spells them.
//!
//! Source: `npm token` of npm 10 (the short body) and of npm 12 (the granular one).

use poem_openapi::{Object, registry::MetaSchema, types::Example};
use serde::Serialize;
use serde_json::{Value, json};
use weir_domain::{
    PackageName, Timestamp,
    token::{Cidr, Grant, MAX_CIDRS, MAX_NAMES, Permission},
};
use weir_store::tokens::Listed;

use super::{create::Made, wanted::Wanted};
use crate::payload::{CheckedBody, Fields, Instant};

/// Longest name and description, in characters.
const MAX_TEXT: usize = 255;
/// Bounds of a password, in characters.
const PASSWORD: (usize, usize) = (8, 100);
/// Longest life, in days.
pub(super) const MAX_DAYS: u32 = 3_650;

/// Which token is wanted, and the caller's password.
#[derive(Clone)]
pub(crate) struct NewNpmToken {
    pub(super) password: Option<String>,
    wanted: Wanted,
}

impl From<NewNpmToken> for Wanted {
    fn from(new: NewNpmToken) -> Self {
        new.wanted
    }
}

impl CheckedBody for NewNpmToken {
    const NAME: &'static str = "NewNpmToken";

    fn read(fields: &mut Fields<'_>) -> Self {
        let password = password(fields);
        let is_automation = fields.flag("automation", "Whether it is for automation");
        let passes_otp = fields.flag("bypass_2fa", "The same as `automation`");
        let wanted = Wanted {
            name: text(fields, "name", "A name for people"),
            description: text(fields, "description", "What it is for"),
            is_admin: fields.flag("admin", "Whether it carries the caller's admin rights"),
            is_readonly: fields.flag("readonly", "Whether it only reads"),
            is_automation: is_automation || passes_otp,
            days: days(fields, "expires"),
            cidrs: fields
                .list(
                    "cidr_whitelist",
                    "Addresses and networks that it may be used from; from anywhere if empty",
                    MAX_CIDRS,
                    |text| text.parse().map_err(|why| format!("must hold {why}")),
                )
                .unwrap_or_default(),
            grant: grant(fields),
        };
        Self { password, wanted }
    }

    fn example() -> Value {
        json!({
            "password": "my-password",
            "readonly": false,
            "cidr_whitelist": ["127.0.0.1"],
        })
    }
}

fn password(fields: &mut Fields<'_>) -> Option<String> {
    let (least, most) = PASSWORD;
    let schema = MetaSchema {
        min_length: Some(least),
        max_length: Some(most),
        ..MetaSchema::new_with_format("string", "password")
    };
    let about = "The caller's password; needed unless it was proved just now";
    fields.field("password", about, schema, |value| {
        let text = value.as_str().ok_or("must be a text")?;
        if (least..=most).contains(&text.chars().count()) {
            Ok(text.to_owned())
        } else {
            Err(format!("must have {least} to {most} characters"))
        }
    })
}

/// Declares a text that is shown in lists: nothing that could break a line.
fn text(fields: &mut Fields<'_>, name: &'static str, about: &'static str) -> Option<String> {
    let schema = MetaSchema {
        max_length: Some(MAX_TEXT),
        ..MetaSchema::new("string")
    };
    fields.field(name, about, schema, |value| shown(value, MAX_TEXT))
}

/// Reads a text that is shown in lists.
pub(super) fn shown(value: &Value, max_chars: usize) -> Result<String, String> {
    let text = value.as_str().ok_or("must be a text")?;
    if text.chars().count() > max_chars {
        Err(format!("must have at most {max_chars} characters"))
    } else if text.chars().any(char::is_control) {
        Err("must have no control characters".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

/// Declares for how many days a token holds.
pub(super) fn days(fields: &mut Fields<'_>, name: &'static str) -> Option<u32> {
    let schema = MetaSchema {
        minimum: Some(1.0),
        maximum: Some(MAX_DAYS.into()),
        ..MetaSchema::new("integer")
    };
    let about = "Days until it expires; never, or with what made it, if absent";
    fields.field(name, about, schema, |value| {
        let days = value.as_u64().and_then(|days| u32::try_from(days).ok());
        days.filter(|days| (1..=MAX_DAYS).contains(days))
            .ok_or_else(|| format!("must be a whole number of days from 1 to {MAX_DAYS}"))
    })
}

/// Declares what a token is limited to. One word of that makes it a limited one.
fn grant(fields: &mut Fields<'_>) -> Option<Grant> {
    let every_package = fields.flag("packages_all", "Whether it is for every package");
    let packages = fields.list(
        "packages",
        "Packages that it is for, whether they exist or not",
        MAX_NAMES,
        |text| PackageName::parse(text).map_err(|why| format!("must hold package names: {why}")),
    );
    let scopes = fields.list(
        "scopes",
        "Scopes that it is for, with or without `@`",
        MAX_NAMES,
        |text| {
            let scope = text.strip_prefix('@').unwrap_or(text);
            let is_one = PackageName::parse(&format!("@{scope}/x")).is_ok();
            is_one
                .then(|| scope.to_owned())
                .ok_or_else(|| "must hold scopes".to_owned())
        },
    );
    let orgs = fields.list("orgs", "Organisations that it is for", MAX_NAMES, |text| {
        let org = text.strip_prefix('@').unwrap_or(text);
        let is_one = PackageName::parse(org).is_ok() && !org.contains('/');
        is_one
            .then(|| org.to_owned())
            .ok_or_else(|| "must hold names of organisations".to_owned())
    });
    let (packages, scopes) = (packages.unwrap_or_default(), scopes.unwrap_or_default());
    let orgs = orgs.unwrap_or_default();
    let names_packages = every_package || !packages.is_empty() || !scopes.is_empty();
    let on_packages = permission(fields, "packages_and_scopes_permission", names_packages);
    let on_orgs = permission(fields, "orgs_permission", !orgs.is_empty());
    let is_limited =
        names_packages || !orgs.is_empty() || on_packages.is_some() || on_orgs.is_some();
    let of = |named: bool, said: Option<Permission>| match said {
        Some(said) => said,
        None if named => Permission::ReadWrite,
        None => Permission::NoAccess,
    };
    is_limited.then(|| Grant {
        every_package,
        packages,
        scopes,
        packages_permission: of(names_packages, on_packages),
        orgs_permission: of(!orgs.is_empty(), on_orgs),
        orgs,
    })
}

fn permission(fields: &mut Fields<'_>, name: &'static str, names_any: bool) -> Option<Permission> {
    let words = || Permission::ALL.map(Permission::as_str);
    let schema = MetaSchema {
        enum_items: words().map(Value::from).to_vec(),
        ..MetaSchema::new("string")
    };
    let about = "What it may do to them; `read-write` if they are named and this is absent";
    fields.field(name, about, schema, |value| {
        let said = Permission::ALL
            .into_iter()
            .find(|one| value.as_str() == Some(one.as_str()))
            .ok_or_else(|| format!("must be one of {}", words().join(", ")))?;
        if said.may_read() && !names_any {
            return Err("must come with what it is for".to_owned());
        }
        Ok(said)
    })
}

/// A token.
#[derive(Clone, Serialize, Object)]
#[oai(example)]
pub(crate) struct NpmToken {
    /// Its text where it is made, and nowhere else; a mask of it in lists.
    pub(crate) token: String,
    /// What it is revoked by.
    pub(crate) key: String,
    /// Where it may be used from; from anywhere if null.
    #[oai(nullable)]
    pub(crate) cidr_whitelist: Option<Vec<String>>,
    /// Whether it only reads.
    pub(crate) readonly: bool,
    /// Whether it is for automation.
    pub(crate) automation: bool,
    /// When it was made.
    pub(crate) created: Instant,
    /// When it was changed last.
    pub(crate) updated: Instant,
    /// When it was used last, to the minute.
    #[serde(rename = "lastUsedAt")]
    #[oai(rename = "lastUsedAt", nullable)]
    pub(crate) last_used_at: Option<Instant>,
    /// Its name.
    #[oai(nullable)]
    pub(crate) name: Option<String>,
    /// What it is for.
    #[oai(nullable)]
    pub(crate) description: Option<String>,
    /// When it stops working.
    #[oai(nullable)]
    pub(crate) expires: Option<Instant>,
    /// Whether it carries admin rights.
    pub(crate) admin: bool,
    /// Whether it is for every package; null if it is not limited.
    #[oai(nullable)]
    pub(crate) packages_all: Option<bool>,
    /// The packages that it is for; null if it is not limited.
    #[oai(nullable)]
    pub(crate) packages: Option<Vec<String>>,
    /// The scopes that it is for; null if it is not limited.
    #[oai(nullable)]
    pub(crate) scopes: Option<Vec<String>>,
    /// What it may do to them; null if it is not limited.
    #[oai(nullable)]
    pub(crate) packages_and_scopes_permission: Option<String>,
    /// The organisations that it is for; null if it is not limited.
    #[oai(nullable)]
    pub(crate) orgs: Option<Vec<String>>,
    /// What it may do to them; null if it is not limited.
    #[oai(nullable)]
    pub(crate) orgs_permission: Option<String>,
}

impl From<Listed> for NpmToken {
    fn from(token: Listed) -> Self {
        let grant = token.grant.as_ref();
        let word = |permission: Permission| permission.as_str().to_owned();
        let texts = |cidrs: &[Cidr]| cidrs.iter().map(ToString::to_string).collect();
        Self {
            token: token.mask,
            key: token.key.to_string(),
            cidr_whitelist: (!token.cidrs.is_empty()).then(|| texts(&token.cidrs)),
            readonly: token.is_readonly,
            automation: token.is_automation,
            created: Instant(token.created_at),
            updated: Instant(token.updated_at),
            last_used_at: token.last_used_at.map(Instant),
            name: token.name,
            description: token.description,
            expires: token.expires_at.map(Instant),
            admin: token.is_admin,
            packages_all: grant.map(|grant| grant.every_package),
            packages: grant.map(|grant| grant.packages.iter().map(ToString::to_string).collect()),
            scopes: grant.map(|grant| grant.scopes.iter().map(|one| format!("@{one}")).collect()),
            packages_and_scopes_permission: grant.map(|grant| word(grant.packages_permission)),
            orgs: grant.map(|grant| grant.orgs.clone()),
            orgs_permission: grant.map(|grant| word(grant.orgs_permission)),
        }
    }
}

impl From<Made> for NpmToken {
    fn from(made: Made) -> Self {
        let text = made.secret.reveal().to_owned();
        Self {
            token: text,
            ..Self::from(Listed::from(made))
        }
    }
}

impl Example for NpmToken {
    fn example() -> Self {
        let at = Instant(Timestamp(1_767_225_600_000));
        Self {
            token: "npm_ab...yz".to_owned(),
            key: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
            cidr_whitelist: Some(vec!["127.0.0.1".to_owned()]),
            readonly: false,
            automation: false,
            created: at,
            updated: at,
            last_used_at: None,
            name: Some("CI".to_owned()),
            description: None,
            expires: None,
            admin: false,
            packages_all: None,
            packages: None,
            scopes: None,
            packages_and_scopes_permission: None,
            orgs: None,
            orgs_permission: None,
        }
    }
}

/// A page of the caller's tokens.
#[derive(Serialize, Object)]
#[oai(example)]
pub(crate) struct NpmTokens {
    /// The tokens, newest first.
    pub(crate) objects: Vec<NpmToken>,
    /// How many there are on all pages.
    pub(crate) total: u64,
    /// Where the list goes on.
    pub(crate) urls: NpmUrls,
}

/// Where a list goes on.
#[derive(Debug, Serialize, Object)]
pub(crate) struct NpmUrls {
    /// The next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    pub(crate) next: Option<String>,
}

impl Example for NpmTokens {
    fn example() -> Self {
        Self {
            objects: vec![NpmToken::example()],
            total: 1,
            urls: NpmUrls { next: None },
        }
    }
}

/// That a token was revoked.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct RevokedNpmToken {
    /// Always true.
    pub(crate) ok: bool,
}

impl Example for RevokedNpmToken {
    fn example() -> Self {
        Self { ok: true }
    }
}
