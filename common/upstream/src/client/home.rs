//! The registry on whose behalf a request is made: its origin and what only it may see.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use serde::Deserialize;
use url::{Origin, Url};
use weir_domain::Registry;

use super::secret;

/// A credential for one registry; sent to its own origin and nowhere else.
#[derive(Debug, Clone)]
pub struct Authorization(HeaderValue);

impl Authorization {
    /// Takes a bearer token; `None` if it cannot stand in a header.
    pub fn bearer(token: &str) -> Option<Self> {
        secret(&format!("Bearer {token}")).map(Self)
    }

    /// Takes a user's name and password.
    pub fn basic(user: &str, password: &str) -> Option<Self> {
        let pair = STANDARD.encode(format!("{user}:{password}"));
        secret(&format!("Basic {pair}")).map(Self)
    }

    /// Reads what registries keep sealed: a JSON object with a `token`, or with a `username`
    /// and a `password`. `None` for anything else, and for what cannot stand in a header.
    pub fn from_json(plain: &[u8]) -> Option<Self> {
        match serde_json::from_slice(plain).ok()? {
            Credentials::Token { token } => Self::bearer(&token),
            Credentials::Pair { username, password } => Self::basic(&username, &password),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Credentials {
    Token { token: String },
    Pair { username: String, password: String },
}

/// Where a registry lives.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    /// Without credentials; the path ends in a slash.
    pub(crate) url: Url,
    origin: Origin,
    is_internal: bool,
    authorization: Option<HeaderValue>,
}

impl Home {
    /// Takes a registry's address; a user and password in it become its authorization.
    pub(crate) fn of(registry: &Registry) -> Self {
        Self::at(&registry.url, registry.is_internal)
    }

    /// Takes an address; `is_internal` says that it may be a private one.
    pub(crate) fn at(url: &Url, is_internal: bool) -> Self {
        let mut url = url.clone();
        let authorization = userinfo(&url);
        strip_userinfo(&mut url);
        url.set_query(None);
        url.set_fragment(None);
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Self {
            origin: url.origin(),
            is_internal,
            authorization,
            url,
        }
    }

    pub(crate) fn authorize(&mut self, authorization: Authorization) {
        self.authorization = Some(authorization.0);
    }

    /// Returns the same registry at another address of the same origin.
    pub(crate) fn moved_to(&self, url: Url) -> Self {
        debug_assert!(url.origin() == self.origin, "a credential stays at home");
        Self {
            url,
            ..self.clone()
        }
    }

    /// Returns whose name and password it has; nothing for a token.
    pub(crate) fn user(&self) -> Option<String> {
        let value = self.authorization.as_ref()?.to_str().ok()?;
        let pair = STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
        let pair = String::from_utf8(pair).ok()?;
        pair.split_once(':').map(|(user, _)| user.to_owned())
    }

    /// Says whether there is anything to show who we are.
    pub(crate) fn is_authorized(&self) -> bool {
        self.authorization.is_some()
    }

    /// Says whether the guard must let this URL be private.
    pub(super) fn is_internal_origin(&self, url: &Url) -> bool {
        self.is_internal && url.origin() == self.origin
    }

    /// Returns the credential that may be sent to this URL.
    pub(super) fn authorization_for(&self, url: &Url) -> Option<&HeaderValue> {
        let authorization = self.authorization.as_ref();
        authorization.filter(|_| url.origin() == self.origin)
    }

    /// Reads a URL from upstream's data: credentials in it are dropped, and plain http on an
    /// https registry's own host means https (old manifests say so).
    pub(crate) fn adopt(&self, text: &str) -> Result<Url, String> {
        let mut url = Url::parse(text).map_err(|error| error.to_string())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("only http and https are fetched".to_owned());
        }
        strip_userinfo(&mut url);
        if self.url.scheme() == "https" && url.scheme() == "http" {
            if url.host() != self.url.host() {
                return Err("an https registry does not lead to plain http".to_owned());
            }
            let port = self.url.port();
            let is_set = url.set_scheme("https").and_then(|()| url.set_port(port));
            is_set.map_err(|()| "it cannot be made https".to_owned())?;
        }
        Ok(url)
    }
}

/// Drops what a URL says before the `@`.
pub(super) fn strip_userinfo(url: &mut Url) {
    // Only URLs that cannot carry userinfo refuse, and those have none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
}

fn userinfo(url: &Url) -> Option<HeaderValue> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decoded = |text: &str| {
        let pairs = format!("x={}", text.replace('+', "%2B").replace('&', "%26"));
        let first = url::form_urlencoded::parse(pairs.as_bytes()).next();
        first.map_or_else(String::new, |(_, value)| value.into_owned())
    };
    let user = decoded(url.username());
    let password = decoded(url.password().unwrap_or_default());
    Authorization::basic(&user, &password).map(|basic| basic.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_credentials_become_a_header_that_is_never_shown() {
        let header = |json: &str| {
            let authorization = Authorization::from_json(json.as_bytes())?;
            assert_eq!(format!("{authorization:?}"), "Authorization(Sensitive)");
            Some(authorization.0.to_str().expect("text").to_owned())
        };
        let table = [
            (r#"{"token":"t0k"}"#, Some("Bearer t0k")),
            (
                r#"{"username":"a","password":"b:c"}"#,
                Some("Basic YTpiOmM="),
            ),
            (r#"{"username":"a"}"#, None),
            (r#"{"token":"a\nb"}"#, None),
            (r#"{"token":7}"#, None),
            ("", None),
            ("t0k", None),
        ];
        for (json, expected) in table {
            assert_eq!(header(json).as_deref(), expected, "{json}");
        }
    }
}
