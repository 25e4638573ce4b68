//! Reading single fields of what is said of a registry.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use serde_json::{Map, Value};
use url::Url;
use weir_domain::RegistryId;

use super::{change::Change, model, secrets::Credentials, settings};
use crate::payload::Fields;

/// Longest name and prefix, in characters.
pub(super) const MAX_NAME: usize = 256;
/// Longest address, in characters.
pub(super) const MAX_URL: usize = 4096;
/// Longest secret, in characters.
const MAX_SECRET: usize = 4096;
/// Longest slug, in characters.
pub(super) const MAX_SLUG: usize = 64;

pub(super) fn text_schema(most: usize) -> MetaSchema {
    MetaSchema {
        min_length: Some(1),
        max_length: Some(most),
        ..MetaSchema::new("string")
    }
}

pub(super) fn name(value: &Value) -> Result<String, String> {
    let text = plain(value.as_str().ok_or("must be a text")?, MAX_NAME)?;
    match text.parse::<RegistryId>() {
        Ok(_) => Err("must not look like an id".to_owned()),
        Err(_) => Ok(text),
    }
}

pub(super) fn slug(value: &Value) -> Result<String, String> {
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
pub(super) fn plain(text: &str, most: usize) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most {
        Err(format!("must have 1 to {most} characters"))
    } else if text.chars().any(char::is_control) {
        Err("must have no control characters".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

pub(super) fn address(text: &str) -> Result<Url, String> {
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

pub(super) fn switch(
    fields: &mut Fields<'_>,
    name: &'static str,
    about: &'static str,
) -> Option<bool> {
    fields.field(name, about, MetaSchema::new("boolean"), |value| {
        value
            .as_bool()
            .ok_or_else(|| "must be true or false".to_owned())
    })
}

pub(super) fn word<T>(fields: &mut Fields<'_>, name: &'static str, about: &'static str) -> Option<T>
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
pub(super) fn or_null<T>(
    fields: &mut Fields<'_>,
    name: &'static str,
    about: &'static str,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Change<T> {
    if fields.is_null(name) {
        return Change::Gone;
    }
    let read = |value: &Value| read(value.as_str().ok_or("must be a text")?);
    let read = fields.field(name, about, text_schema(MAX_URL), read);
    read.map_or(Change::Kept, Change::New)
}

pub(super) fn secret(
    fields: &mut Fields<'_>,
    name: &'static str,
    about: &'static str,
) -> Change<String> {
    if fields.is_null(name) {
        return Change::Gone;
    }
    let schema = MetaSchema {
        write_only: true,
        ..text_schema(MAX_SECRET)
    };
    let read = |value: &Value| visible(value);
    fields
        .field(name, about, schema, read)
        .map_or(Change::Kept, Change::New)
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

pub(super) fn credentials(fields: &mut Fields<'_>) -> Change<Credentials> {
    if fields.is_null("credentials") {
        return Change::Gone;
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
    read.map_or(Change::Kept, Change::New)
}

pub(super) fn catalogue(fields: &mut Fields<'_>) -> Option<Map<String, Value>> {
    let schema = model::settings_schema();
    let about = "How a source of the catalogue is read; what is absent stays";
    fields.field("catalogue", about, schema, |value| {
        let said = value.as_object().ok_or("must be an object")?;
        settings::merged(None, said.clone())?;
        Ok(said.clone())
    })
}
