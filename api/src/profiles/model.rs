//! Wire shapes of a profile.

use std::{borrow::Cow, collections::BTreeMap};

use poem_openapi::{
    Object,
    registry::{MetaSchema, MetaSchemaRef},
    types::{Example, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde::Serialize;
use serde_json::{Value, json};
use weir_domain::Timestamp;
use weir_store::users::{
    User,
    otp::{Mode, Otp},
};

use crate::{
    logins::{email_address, read_password},
    payload::{CheckedBody, Fields, Instant},
};

/// Longest text of a profile, in characters.
const TEXT_CHARS: usize = 200;
/// What npm keeps beside name and address, as it spells it.
pub(super) const MORE: [&str; 4] = ["homepage", "freenode", "twitter", "github"];

/// What a user says of themselves.
#[derive(Serialize, Object)]
#[oai(example)]
pub(crate) struct Profile {
    /// The second factor: `false`, or what it is needed for; after a change of it the address for
    /// an app, the recovery codes, or `null`.
    pub(super) tfa: Tfa,
    /// The name.
    pub(super) name: String,
    /// Where mail reaches them.
    #[oai(nullable)]
    pub(super) email: Option<String>,
    /// Always false: no mail is sent.
    pub(super) email_verified: bool,
    /// What they are called.
    #[oai(nullable)]
    pub(super) fullname: Option<String>,
    /// Their page.
    #[oai(nullable)]
    pub(super) homepage: Option<String>,
    /// Their name on IRC.
    #[oai(nullable)]
    pub(super) freenode: Option<String>,
    /// Their name there.
    #[oai(nullable)]
    pub(super) twitter: Option<String>,
    /// Their name there.
    #[oai(nullable)]
    pub(super) github: Option<String>,
    /// When the account was made.
    pub(super) created: Instant,
    /// When it last changed.
    pub(super) updated: Instant,
}

/// What is said of a second factor; npm tells its forms apart by their types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct Tfa(Value);

impl Tfa {
    pub(super) fn of(otp: Option<&Otp>) -> Self {
        Self(otp.map_or(
            Value::Bool(false),
            |otp| json!({"mode": otp.mode.as_str(), "pending": otp.is_pending}),
        ))
    }

    /// The mode was changed, and there is nothing to do.
    pub(super) fn done() -> Self {
        Self(Value::Null)
    }

    /// The address that an app is to be given.
    pub(super) fn address(text: String) -> Self {
        Self(text.into())
    }

    pub(super) fn recovery_codes(codes: &[String]) -> Self {
        Self(json!(codes))
    }
}

impl Type for Tfa {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "second_factor".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::ANY))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for Tfa {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Ok(Self(value.unwrap_or_default()))
    }
}

impl ToJSON for Tfa {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.clone())
    }
}

impl Profile {
    pub(super) fn new(user: User, tfa: Tfa) -> Self {
        let mut more = more(&user);
        Self {
            tfa,
            email: user.email,
            email_verified: false,
            fullname: user.display_name,
            homepage: more.remove("homepage"),
            freenode: more.remove("freenode"),
            twitter: more.remove("twitter"),
            github: more.remove("github"),
            name: user.name,
            created: Instant(user.created_at),
            updated: Instant(user.updated_at),
        }
    }
}

/// Returns what a user says beside name and address.
pub(super) fn more(user: &User) -> BTreeMap<String, String> {
    let kept = user.profile.as_deref().unwrap_or("{}");
    // Only we write it; what an older build cannot read it leaves out.
    serde_json::from_str(kept).unwrap_or_default()
}

impl Example for Profile {
    fn example() -> Self {
        Self {
            tfa: Tfa(json!({"mode": "auth-only", "pending": false})),
            name: "johndoe".to_owned(),
            email: Some("john@example.com".to_owned()),
            email_verified: false,
            fullname: Some("John Doe".to_owned()),
            homepage: None,
            freenode: None,
            twitter: None,
            github: None,
            created: Instant(Timestamp(1_767_225_600_000)),
            updated: Instant(Timestamp(1_767_225_600_000)),
        }
    }
}

/// What is to change.
#[derive(Default)]
pub(crate) struct ProfileChange {
    /// Field and its new text; nothing clears it.
    pub(super) texts: BTreeMap<&'static str, Option<String>>,
    /// The old password and the new one.
    pub(super) password: Option<(String, String)>,
    pub(super) tfa: Option<Wish>,
}

/// What is wanted of the second factor.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Wish {
    /// To have it, or for what; with the password.
    Mode(Mode, String),
    /// To have it no more; with the password.
    Disable(String),
    /// To confirm it, with a first code.
    Confirm(String),
}

impl std::fmt::Debug for ProfileChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProfileChange").finish_non_exhaustive()
    }
}

impl CheckedBody for ProfileChange {
    const NAME: &'static str = "ProfileChange";

    fn read(fields: &mut Fields<'_>) -> Self {
        let mut change = Self::default();
        if fields.is_null("email") {
            change.texts.insert("email", None);
        } else if let Some(address) = email_address(fields) {
            change.texts.insert("email", Some(address));
        }
        for (name, about) in [
            ("fullname", "What the user is called"),
            (MORE[0], "A page of theirs"),
            (MORE[1], "Their name on IRC"),
            (MORE[2], "Their name there"),
            (MORE[3], "Their name there"),
        ] {
            let text = plain_text(fields, name, about);
            if fields.is_null(name) {
                change.texts.insert(name, None);
            } else if let Some(text) = text {
                change
                    .texts
                    .insert(name, Some(text).filter(|text| !text.is_empty()));
            }
        }
        let about = "The old password and the new one, as `old` and `new`";
        change.password = fields.field("password", about, MetaSchema::new("object"), passwords);
        let about = "What is wanted of the second factor: `{mode, password}`, where `mode` is \
            `auth-only`, `auth-and-writes` or `disable`; or a list of one code, to confirm it";
        change.tfa = fields.field("tfa", about, MetaSchema::ANY, wish);
        change
    }

    fn example() -> Value {
        json!({"fullname": "John Doe", "homepage": "https://john.example"})
    }
}

/// Declares a text on one line, without control characters.
fn plain_text(fields: &mut Fields<'_>, name: &'static str, about: &'static str) -> Option<String> {
    let schema = MetaSchema {
        max_length: Some(TEXT_CHARS),
        ..MetaSchema::new("string")
    };
    fields.field(name, about, schema, read_text)
}

/// Reads a text on one line, without control characters.
///
/// # Errors
/// What it must be.
pub(crate) fn read_text(value: &Value) -> Result<String, String> {
    let text = value.as_str().ok_or("must be a text")?.trim();
    if text.chars().count() > TEXT_CHARS {
        return Err(format!("must have at most {TEXT_CHARS} characters"));
    }
    if text.contains(char::is_control) {
        return Err("must have no control characters".to_owned());
    }
    Ok(text.to_owned())
}

fn passwords(value: &Value) -> Result<(String, String), String> {
    let part = |name: &str| read_password(&value[name]).map_err(|why| format!("`{name}` {why}"));
    Ok((part("old")?, part("new")?))
}

fn wish(value: &Value) -> Result<Wish, String> {
    if let Some(codes) = value.as_array() {
        return match codes.as_slice() {
            [Value::String(code)] => Ok(Wish::Confirm(code.clone())),
            _ => Err("must hold one code".to_owned()),
        };
    }
    let password = read_password(&value["password"]).map_err(|why| format!("`password` {why}"))?;
    let word = value["mode"].as_str().unwrap_or_default();
    match word.parse() {
        Ok(mode) => Ok(Wish::Mode(mode, password)),
        Err(()) if word == "disable" => Ok(Wish::Disable(password)),
        Err(()) => Err("`mode` must be auth-only, auth-and-writes or disable".to_owned()),
    }
}
