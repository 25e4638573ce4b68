//! How a source of the catalogue is read: what is said over what was, if it fits together.

use std::net::IpAddr;

use serde_json::{Map, Value};
use url::{Host, Url};
use weir_domain::{
    Registry, RegistryKind,
    catalogue::{CatalogueSettings, Strategy},
};
use weir_upstream::guard::{Reach, reach};

use super::wanted::Wanted;
use crate::{error::ApiResult, payload::Violations, seeding::is_local_name};

/// Most namespaces that a bare name means first.
const MAX_NAMESPACES: usize = 100;
/// Longest repository key or namespace, in characters.
const MAX_TEXT: usize = 200;
/// Shortest interval between two runs that come by themselves, in seconds, and the longest.
const INTERVAL: std::ops::RangeInclusive<u64> = 10..=31 * 24 * 3600;

/// Returns the settings of a source; nothing if the registry is none, or nothing was said of it.
///
/// # Errors
/// 422 with everything that does not fit together.
pub(super) fn judge(
    registry: &Registry,
    present: Option<&CatalogueSettings>,
    wanted: &Wanted,
) -> ApiResult<Option<CatalogueSettings>> {
    let mut wrong = Violations::default();
    if let Some(message) = unreachable(&registry.url, registry.is_internal) {
        wrong.add("host", message);
    }
    if !registry.kind.is_catalogue() {
        let is_said = [
            ("catalogue", wanted.catalogue.is_some()),
            ("webhookSecret", wanted.webhook_secret.is_said()),
        ];
        for (field, _) in is_said.into_iter().filter(|(_, is_said)| *is_said) {
            let message = "is for registries of type artifactory and conan only";
            wrong.add(field, message);
        }
        return wrong.none_or(None);
    }
    let said = wanted.catalogue.clone().unwrap_or_default();
    let settings = merged(present, said);
    match &settings {
        Ok(settings) => fit(registry.kind, settings, &mut wrong),
        Err(message) => wrong.add("catalogue", message),
    }
    wrong.none_or(settings.ok())
}

/// Says what is wrong with an address that nobody may be sent to.
fn unreachable(url: &Url, is_internal: bool) -> Option<&'static str> {
    let address = match url.host()? {
        Host::Ipv4(ip) => IpAddr::from(ip),
        Host::Ipv6(ip) => IpAddr::from(ip),
        Host::Domain(name) => {
            let is_ours = is_local_name(name) && !is_internal;
            return is_ours.then_some(PRIVATE);
        }
    };
    match reach(address) {
        Reach::Public => None,
        Reach::Private => (!is_internal).then_some(PRIVATE),
        Reach::Never => Some("is at an address where no registry is"),
    }
}

const PRIVATE: &str = "is at a private address; say isInternal to have it asked all the same";

/// Lays what is said over what was.
pub(super) fn merged(
    present: Option<&CatalogueSettings>,
    said: Map<String, Value>,
) -> Result<CatalogueSettings, String> {
    let present = present.cloned().unwrap_or_default();
    let whole = serde_json::to_value(present).map_err(|error| error.to_string())?;
    let Value::Object(mut whole) = whole else {
        return Err("must be an object".to_owned());
    };
    let known = said
        .into_iter()
        .filter(|(name, _)| whole.contains_key(name));
    let known: Vec<_> = known.collect();
    whole.extend(known);
    serde_json::from_value(whole.into()).map_err(|error| format!("is refused: {error}"))
}

fn fit(kind: RegistryKind, settings: &CatalogueSettings, wrong: &mut Violations) {
    if kind == RegistryKind::Conan && settings.strategy != Strategy::Conan {
        wrong.add(
            "catalogue.strategy",
            "a Conan server is read by `conan` only",
        );
    }
    let repository = settings.repository.as_deref();
    match (kind, repository) {
        (RegistryKind::Artifactory, None) => {
            wrong.add("catalogue.repository", "is required of an Artifactory");
        }
        (_, Some(key)) if !is_plain(key) => {
            wrong.add("catalogue.repository", "must be the key of a repository");
        }
        _ => {}
    }
    let namespaces = &settings.official_namespaces;
    if namespaces.len() > MAX_NAMESPACES || !namespaces.iter().all(|name| is_plain(name)) {
        let message = format!("must hold at most {MAX_NAMESPACES} namespaces");
        wrong.add("catalogue.officialNamespaces", message);
    }
    if settings.max_removed_percent > 100 {
        wrong.add("catalogue.maxRemovedPercent", "must be from 0 to 100");
    }
    for (field, secs) in [
        ("catalogue.fullEverySecs", settings.full_every_secs),
        (
            "catalogue.incrementalEverySecs",
            settings.incremental_every_secs,
        ),
    ] {
        if secs != 0 && !INTERVAL.contains(&secs) {
            let (least, most) = (INTERVAL.start(), INTERVAL.end());
            wrong.add(field, format!("must be 0, or from {least} to {most}"));
        }
    }
}

fn is_plain(text: &str) -> bool {
    let is_odd = |c: char| c.is_control() || c.is_whitespace() || "/\\?#%".contains(c);
    !text.is_empty() && text.chars().count() <= MAX_TEXT && !text.chars().any(is_odd)
}
