//! How a registry is wanted: the bodies that make and change one.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use serde_json::{Map, Value, json};
use url::Url;
use weir_domain::{RegistryId, RegistryKind, RemovalPolicy, TarballPolicy};

use super::{secrets::Credentials, settings};
use crate::payload::{CheckedBody, Fields};

/// Longest name and prefix, in characters.
const MAX_NAME: usize = 256;
/// Longest address, in characters.
const MAX_URL: usize = 4096;
/// Longest secret, in characters.
const MAX_SECRET: usize = 4096;
/// Longest slug, in characters.
const MAX_SLUG: usize = 64;

/// A secret of a change.
#[derive(Debug, Clone, Default)]
pub(super) enum Secret<T> {
    /// It stays.
    #[default]
    Kept,
    /// It goes.
    Gone,
    /// It is this one.
    New(T),
}

impl<T> Secret<T> {
    /// Returns what it is now, if it was changed.
    pub(super) fn changed(&self) -> Option<Option<&T>> {
        match self {
            Self::Kept => None,
            Self::Gone => Some(None),
            Self::New(new) => Some(Some(new)),
        }
    }

    /// Returns the same of something made from it.
    pub(super) fn try_map<U, E>(
        &self,
        make: impl FnOnce(&T) -> Result<U, E>,
    ) -> Result<Secret<U>, E> {
        Ok(match self {
            Self::Kept => Secret::Kept,
            Self::Gone => Secret::Gone,
            Self::New(new) => Secret::New(make(new)?),
        })
    }
}

/// What somebody says of a registry; what they do not say is absent.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) name: Option<String>,
    pub(super) slug: Option<String>,
    pub(super) url: Option<Url>,
    pub(super) kind: Option<RegistryKind>,
    pub(super) change_stream: Option<Option<Url>>,
    pub(super) user_prefix: Option<Option<String>>,
    pub(super) is_internal: Option<bool>,
    pub(super) allows_undigested: Option<bool>,
    pub(super) tarballs: Option<TarballPolicy>,
    pub(super) removals: Option<RemovalPolicy>,
    pub(super) credentials: Secret<Credentials>,
    pub(super) webhook_secret: Secret<String>,
    pub(super) catalogue: Option<Map<String, Value>>,
}

impl Wanted {
    /// Returns the names of what is said.
    pub(super) fn said(&self) -> Vec<&'static str> {
        let all = [
            ("name", self.name.is_some()),
            ("host", self.url.is_some()),
            ("type", self.kind.is_some()),
            ("changeStream", self.change_stream.is_some()),
            ("userPrefix", self.user_prefix.is_some()),
            ("isInternal", self.is_internal.is_some()),
            ("allowsUndigested", self.allows_undigested.is_some()),
            ("tarballs", self.tarballs.is_some()),
            ("removals", self.removals.is_some()),
            ("credentials", self.credentials.changed().is_some()),
            ("webhookSecret", self.webhook_secret.changed().is_some()),
            ("catalogue", self.catalogue.is_some()),
        ];
        let said = all.into_iter().filter(|(_, is_said)| *is_said);
        said.map(|(name, _)| name).collect()
    }

    /// Declares what both bodies have; what must be there is declared before.
    fn read(fields: &mut Fields<'_>, (name, url): (Option<String>, Option<Url>)) -> Self {
        let mut wanted = Self {
            name,
            kind: word(
                fields,
                "type",
                "What it speaks: npm, cnpmcore (or cnpm), cnpmjsorg, artifactory or conan",
            ),
            change_stream: or_null(
                fields,
                "changeStream",
                "Where it tells what changes",
                address,
            ),
            user_prefix: or_null(
                fields,
                "userPrefix",
                "What its users' names begin with beside ours",
                |text| plain(text, MAX_NAME),
            ),
            is_internal: switch(
                fields,
                "isInternal",
                "Whether it may be at a private address",
            ),
            allows_undigested: switch(
                fields,
                "allowsUndigested",
                "Whether versions without any digest are mirrored",
            ),
            tarballs: word(
                fields,
                "tarballs",
                "Which tarballs a sync fetches at once: all, tagged or requested",
            ),
            removals: word(
                fields,
                "removals",
                "What becomes of what it no longer has: keep, block or delete",
            ),
            credentials: credentials(fields),
            webhook_secret: secret(
                fields,
                "webhookSecret",
                "What its webhooks show, or sign with; never shown again",
            ),
            catalogue: catalogue(fields),
            ..Self::default()
        };
        if let Secret::New(token) = secret(fields, "authToken", "The same as `credentials.token`") {
            wanted.credentials = Secret::New(Credentials::Token(token));
        }
        wanted.take_url(url);
        wanted
    }

    /// Takes an address; who it names before the `@` becomes credentials.
    fn take_url(&mut self, url: Option<Url>) {
        let Some(mut url) = url else { return };
        let decoded = |text: &str| {
            let text = percent_encoding::percent_decode_str(text);
            text.decode_utf8_lossy().into_owned()
        };
        let (user, password) = (decoded(url.username()), url.password().map(decoded));
        if !user.is_empty() || password.is_some() {
            if self.credentials.changed().is_none() {
                self.credentials = Secret::New(Credentials::Pair {
                    username: user,
                    password: password.unwrap_or_default(),
                });
            }
            // Both fail only for addresses that can name nobody.
            let _ = url.set_username("");
            let _ = url.set_password(None);
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        self.url = Some(url);
    }
}

/// A registry to be.
pub(crate) struct NewRegistry(pub(super) Wanted);

impl CheckedBody for NewRegistry {
    const NAME: &'static str = "NewRegistry";

    fn read(fields: &mut Fields<'_>) -> Self {
        let name = fields.needed("name", "A name for people", text_schema(MAX_NAME), name);
        let about = "Where it answers; a user and password in it become its credentials";
        let url = fields.needed("host", about, text_schema(MAX_URL), |value| {
            address(value.as_str().ok_or("must be a text")?)
        });
        let about = "What it is called in addresses; made of its name if absent";
        let slug = fields.field("registryId", about, text_schema(MAX_SLUG), slug);
        let wanted = Wanted::read(fields, (name, url));
        Self(Wanted { slug, ..wanted })
    }

    fn example() -> Value {
        json!({
            "name": "Custom Registry",
            "host": "https://my-custom-registry.com",
            "changeStream": "https://my-custom-registry.com/_changes",
            "type": "cnpm",
        })
    }
}

/// What is to be otherwise.
pub(crate) struct RegistryChange(pub(super) Wanted);

impl CheckedBody for RegistryChange {
    const NAME: &'static str = "RegistryChange";

    fn read(fields: &mut Fields<'_>) -> Self {
        let name = fields.field("name", "A name for people", text_schema(MAX_NAME), name);
        let about = "Where it answers; a user and password in it become its credentials";
        let url = fields.field("host", about, text_schema(MAX_URL), |value| {
            address(value.as_str().ok_or("must be a text")?)
        });
        Self(Wanted::read(fields, (name, url)))
    }

    fn example() -> Value {
        json!({"userPrefix": "custom:"})
    }
}

fn text_schema(most: usize) -> MetaSchema {
    MetaSchema {
        min_length: Some(1),
        max_length: Some(most),
        ..MetaSchema::new("string")
    }
}

fn name(value: &Value) -> Result<String, String> {
    let text = plain(value.as_str().ok_or("must be a text")?, MAX_NAME)?;
    match text.parse::<RegistryId>() {
        Ok(_) => Err("must not look like an id".to_owned()),
        Err(_) => Ok(text),
    }
}

fn slug(value: &Value) -> Result<String, String> {
    let text = value.as_str().ok_or("must be a text")?;
    let is_of = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
    let is_slug = (1..=MAX_SLUG).contains(&text.len())
        && text.chars().all(is_of)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.parse::<RegistryId>().is_err();
    let refused = || format!("must have at most {MAX_SLUG} of a-z, 0-9, `.`, `-` and `_`");
    is_slug.then(|| text.to_owned()).ok_or_else(refused)
}

/// Reads a text that is shown in lists.
fn plain(text: &str, most: usize) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most {
        Err(format!("must have 1 to {most} characters"))
    } else if text.chars().any(char::is_control) {
        Err("must have no control characters".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

fn address(text: &str) -> Result<Url, String> {
    let refused = || "must be the address of a server, with http or https".to_owned();
    if text.chars().count() > MAX_URL {
        return Err(format!("must have at most {MAX_URL} characters"));
    }
    let url = Url::parse(text).map_err(|_| refused())?;
    let is_one = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.query().is_none()
        && url.fragment().is_none();
    is_one.then_some(url).ok_or_else(refused)
}

fn switch(fields: &mut Fields<'_>, name: &'static str, about: &'static str) -> Option<bool> {
    fields.field(name, about, MetaSchema::new("boolean"), |value| {
        value
            .as_bool()
            .ok_or_else(|| "must be true or false".to_owned())
    })
}

fn word<T>(fields: &mut Fields<'_>, name: &'static str, about: &'static str) -> Option<T>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    fields.field(name, about, MetaSchema::new("string"), |value| {
        let text = value.as_str().ok_or("must be a text")?;
        text.parse().map_err(|why: T::Err| why.to_string())
    })
}

/// Declares a text that `null` takes away.
fn or_null<T>(
    fields: &mut Fields<'_>,
    name: &'static str,
    about: &'static str,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Option<Option<T>> {
    if fields.is_null(name) {
        return Some(None);
    }
    let read = |value: &Value| read(value.as_str().ok_or("must be a text")?);
    fields
        .field(name, about, text_schema(MAX_URL), read)
        .map(Some)
}

fn secret(fields: &mut Fields<'_>, name: &'static str, about: &'static str) -> Secret<String> {
    if fields.is_null(name) {
        return Secret::Gone;
    }
    let schema = MetaSchema {
        write_only: true,
        ..text_schema(MAX_SECRET)
    };
    let read = |value: &Value| visible(value);
    fields
        .field(name, about, schema, read)
        .map_or(Secret::Kept, Secret::New)
}

/// Reads a secret that may stand in a header; it is never part of a message.
fn visible(value: &Value) -> Result<String, String> {
    let text = value.as_str().filter(|text| {
        let is_visible = text
            .bytes()
            .all(|byte| byte == b' ' || byte.is_ascii_graphic());
        !text.is_empty() && text.len() <= MAX_SECRET && is_visible
    });
    let refused = || format!("must be a text of 1 to {MAX_SECRET} visible ASCII characters");
    text.map(str::to_owned).ok_or_else(refused)
}

fn credentials(fields: &mut Fields<'_>) -> Secret<Credentials> {
    if fields.is_null("credentials") {
        return Secret::Gone;
    }
    let part = |name| {
        let schema = MetaSchemaRef::Inline(Box::new(text_schema(MAX_SECRET)));
        (name, schema)
    };
    let schema = MetaSchema {
        properties: vec![part("token"), part("username"), part("password")],
        write_only: true,
        ..MetaSchema::new("object")
    };
    let about = "What proves to it who we are: a token, or a username and a password; never shown";
    let read = |value: &Value| {
        let given = |name: &str| value.get(name).filter(|value| !value.is_null());
        let shape = || "must have a token, or a username and a password".to_owned();
        match (given("token"), given("username"), given("password")) {
            (Some(token), None, None) => visible(token).map(Credentials::Token),
            (None, Some(username), Some(password)) => {
                let pair = (username.as_str(), password.as_str());
                let (Some(username), Some(password)) = pair else {
                    return Err(shape());
                };
                if username.contains(':') || username.len() + password.len() > MAX_SECRET {
                    return Err(shape());
                }
                Ok(Credentials::Pair {
                    username: username.to_owned(),
                    password: password.to_owned(),
                })
            }
            _ => Err(shape()),
        }
    };
    let read = fields.field("credentials", about, schema, read);
    read.map_or(Secret::Kept, Secret::New)
}

fn catalogue(fields: &mut Fields<'_>) -> Option<Map<String, Value>> {
    let schema = super::model::settings_schema();
    let about = "How a source of the catalogue is read; what is absent stays";
    fields.field("catalogue", about, schema, |value| {
        let said = value.as_object().ok_or("must be an object")?;
        settings::merged(None, said.clone())?;
        Ok(said.clone())
    })
}
