//! How a registry is wanted: the bodies that make and change one.

use serde_json::{Map, Value, json};
use url::Url;
use weir_domain::{RegistryKind, RemovalPolicy, TarballPolicy};

use super::{
    change::Change,
    fields::{
        MAX_NAME, MAX_SLUG, MAX_URL, address, catalogue, credentials, name, or_null, plain, secret,
        slug, switch, text_schema, word,
    },
    secrets::Credentials,
};
use crate::payload::{CheckedBody, Fields};

/// What somebody says of a registry; what they do not say is absent.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) name: Option<String>,
    pub(super) slug: Option<String>,
    pub(super) url: Option<Url>,
    pub(super) kind: Option<RegistryKind>,
    pub(super) change_stream: Change<Url>,
    pub(super) user_prefix: Change<String>,
    pub(super) is_internal: Option<bool>,
    pub(super) allows_undigested: Option<bool>,
    pub(super) tarballs: Option<TarballPolicy>,
    pub(super) removals: Option<RemovalPolicy>,
    pub(super) credentials: Change<Credentials>,
    pub(super) webhook_secret: Change<String>,
    pub(super) catalogue: Option<Map<String, Value>>,
}

impl Wanted {
    /// Returns the names of what is said.
    pub(super) fn said(&self) -> Vec<&'static str> {
        let all = [
            ("name", self.name.is_some()),
            ("host", self.url.is_some()),
            ("type", self.kind.is_some()),
            ("changeStream", self.change_stream.is_said()),
            ("userPrefix", self.user_prefix.is_said()),
            ("isInternal", self.is_internal.is_some()),
            ("allowsUndigested", self.allows_undigested.is_some()),
            ("tarballs", self.tarballs.is_some()),
            ("removals", self.removals.is_some()),
            ("credentials", self.credentials.is_said()),
            ("webhookSecret", self.webhook_secret.is_said()),
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
        if let Change::New(token) = secret(fields, "authToken", "The same as `credentials.token`") {
            wanted.credentials = Change::New(Credentials::Token(token));
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
            if !self.credentials.is_said() {
                self.credentials = Change::New(Credentials::Pair {
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
