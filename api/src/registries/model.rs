//! Wire shapes of registries.

use poem_openapi::{
    Object,
    registry::{MetaSchema, MetaSchemaRef},
    types::{Example, Type},
};
use serde::Serialize;
use url::Url;
use uuid::Uuid;
use weir_domain::{Registry, RegistryId, RegistryKind, Timestamp, catalogue::CatalogueSettings};
use weir_store::registries::Entry;

use crate::payload::{Id, Instant};

/// A registry.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "Registry", rename_all = "camelCase", example)]
pub(crate) struct RegistryItem {
    /// What it is called in addresses.
    registry_id: String,
    /// Identifier.
    id: Id,
    /// Its name for people.
    name: String,
    /// Where it answers; without credentials.
    host: String,
    /// What it speaks.
    #[serde(rename = "type")]
    #[oai(rename = "type")]
    kind: String,
    /// What its users' names begin with beside ours.
    #[oai(nullable)]
    user_prefix: Option<String>,
    /// Where it tells what changes.
    #[oai(nullable)]
    change_stream: Option<String>,
    /// Always null.
    #[oai(nullable)]
    response: Option<String>,
    /// When it was made.
    created_at: Instant,
    /// When it was last changed.
    updated_at: Instant,
    /// Whether it may be at a private address; for administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    is_internal: Option<bool>,
    /// Whether versions without any digest are mirrored; for administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    allows_undigested: Option<bool>,
    /// Which tarballs a sync fetches at once; for administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    tarballs: Option<String>,
    /// What becomes of what it no longer has; for administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    removals: Option<String>,
    /// Whether something proves to it who we are; for administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    has_credentials: Option<bool>,
    /// Whether its webhooks are believed; for administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    has_webhook_secret: Option<bool>,
    /// How it is read as a source of the catalogue; for administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    catalogue: Option<SourceSettings>,
}

/// What only administrators see.
#[derive(Debug)]
pub(super) struct Inside {
    pub(super) settings: Option<CatalogueSettings>,
    pub(super) has_webhook_secret: bool,
}

impl RegistryItem {
    pub(super) fn new(entry: &Entry, inside: Option<Inside>) -> Self {
        let registry = &entry.registry;
        let is_admin = inside.is_some();
        let catalogue = inside.as_ref().and_then(|inside| inside.settings.as_ref());
        Self {
            registry_id: registry.slug.clone(),
            id: Id(registry.id.0),
            name: registry.name.clone(),
            host: shown(&registry.url),
            kind: registry.kind.to_string(),
            user_prefix: registry.user_prefix.clone(),
            change_stream: registry.change_stream.as_ref().map(shown),
            response: None,
            created_at: Instant(entry.created_at),
            updated_at: Instant(entry.updated_at),
            is_internal: is_admin.then_some(registry.is_internal),
            allows_undigested: is_admin.then_some(registry.allows_undigested),
            tarballs: is_admin.then(|| registry.tarballs.to_string()),
            removals: is_admin.then(|| registry.removals.to_string()),
            has_credentials: is_admin.then_some(entry.has_credentials || names_user(registry)),
            catalogue: catalogue.map(SourceSettings::from),
            has_webhook_secret: inside.map(|inside| inside.has_webhook_secret),
        }
    }
}

/// Says whether the address itself says who we are, as a configured one may.
fn names_user(registry: &Registry) -> bool {
    !registry.url.username().is_empty() || registry.url.password().is_some()
}

/// Returns an address as it is shown: without credentials, and without the slash at its end.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail only for addresses that can have no credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.as_str().trim_end_matches('/').to_owned()
}

/// How a source of the catalogue is read.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub(crate) struct SourceSettings {
    /// By which protocol: `conan`, `aql` or `npm`.
    strategy: String,
    /// Artifactory's repository key.
    #[oai(nullable)]
    repository: Option<String>,
    /// A reference that is always there.
    #[oai(nullable)]
    canary: Option<String>,
    /// Namespaces that a bare name means first.
    official_namespaces: Vec<String>,
    /// Most packages of a hundred that one run may take away …
    max_removed_percent: u8,
    /// … unless they are no more than this many.
    max_removed_count: u32,
    /// Seconds from one full run to the next; none by itself if zero.
    full_every_secs: u64,
    /// Seconds from one incremental run to the next; none by itself if zero.
    incremental_every_secs: u64,
    /// Whether recipe files are passed on.
    proxies_files: bool,
}

impl From<&CatalogueSettings> for SourceSettings {
    fn from(settings: &CatalogueSettings) -> Self {
        Self {
            strategy: settings.strategy.to_string(),
            repository: settings.repository.clone(),
            canary: settings.canary.as_ref().map(ToString::to_string),
            official_namespaces: settings.official_namespaces.clone(),
            max_removed_percent: settings.max_removed_percent,
            max_removed_count: settings.max_removed_count,
            full_every_secs: settings.full_every_secs,
            incremental_every_secs: settings.incremental_every_secs,
            proxies_files: settings.proxies_files,
        }
    }
}

/// Returns how requests describe the settings of a source: each may be absent.
pub(super) fn settings_schema() -> MetaSchema {
    let properties: [(&'static str, MetaSchemaRef); 9] = [
        ("strategy", String::schema_ref()),
        ("repository", String::schema_ref()),
        ("canary", String::schema_ref()),
        ("officialNamespaces", Vec::<String>::schema_ref()),
        ("maxRemovedPercent", u8::schema_ref()),
        ("maxRemovedCount", u32::schema_ref()),
        ("fullEverySecs", u64::schema_ref()),
        ("incrementalEverySecs", u64::schema_ref()),
        ("proxiesFiles", bool::schema_ref()),
    ];
    MetaSchema {
        properties: properties.to_vec(),
        ..MetaSchema::new("object")
    }
}

/// Some registries.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct RegistryPage {
    /// By their slugs.
    pub(super) data: Vec<RegistryItem>,
    /// How many there are in all.
    pub(super) total: u64,
    /// The same, by its other name.
    pub(super) count: u64,
}

/// A registry that was made or changed.
#[derive(Debug, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase", example)]
pub(crate) struct MadeRegistry {
    /// Always true.
    ok: bool,
    /// What it is called in addresses.
    registry_id: String,
    /// Identifier.
    id: Id,
}

impl MadeRegistry {
    pub(super) fn new(registry: &Registry) -> Self {
        Self {
            ok: true,
            registry_id: registry.slug.clone(),
            id: Id(registry.id.0),
        }
    }
}

fn example() -> Entry {
    let id = Uuid::from_u128(0x0193_5b0a_7c00_7000_8000_0000_0000_0001);
    let registry = Registry {
        id: RegistryId(id),
        slug: "npmjs".to_owned(),
        name: "Official NPM Registry".to_owned(),
        kind: RegistryKind::Npm,
        url: Url::parse("https://registry.example/").expect("a URL"),
        tarballs: weir_domain::TarballPolicy::default(),
        is_internal: false,
        allows_undigested: false,
        removals: weir_domain::RemovalPolicy::Keep,
        downloads: None,
        user_prefix: Some("npm:".to_owned()),
        change_stream: Url::parse("https://replicate.example/").ok(),
    };
    Entry {
        registry,
        has_credentials: false,
        created_at: Timestamp(1_767_225_600_000),
        updated_at: Timestamp(1_767_225_600_000),
    }
}

impl Example for RegistryItem {
    fn example() -> Self {
        Self::new(&example(), None)
    }
}

impl Example for RegistryPage {
    fn example() -> Self {
        Self {
            data: vec![RegistryItem::example()],
            total: 1,
            count: 1,
        }
    }
}

impl Example for MadeRegistry {
    fn example() -> Self {
        Self::new(&example().registry)
    }
}
