//! Makes a registry.

use url::Url;
use weir_domain::{
    Registry, RegistryId, RegistryKind, RemovalPolicy, Timestamp, catalogue::CatalogueSettings,
};
use weir_store::{StoreError, Tx, audit, catalogue::sources, clock, registries, resyncs};

use super::{fields::MAX_SLUG, model::MadeRegistry, secrets::Secrets, settings, wanted::Wanted};
use crate::{
    error::{ApiError, ApiResult, Code},
    visit::Visit,
};

/// Makes what is wanted.
///
/// # Errors
/// 409 if another has its name or slug; 422 for settings that do not fit together.
pub(super) async fn create(visit: &Visit, wanted: Wanted) -> ApiResult<MadeRegistry> {
    let (Some(name), Some(url)) = (wanted.name.clone(), wanted.url.clone()) else {
        // Both are declared as needed.
        return Err(ApiError::invalid_field("name", "is required"));
    };
    let id = RegistryId::new();
    let registry = Registry {
        id,
        slug: wanted.slug.clone().unwrap_or_else(|| slug_of(&name, &url)),
        name,
        url,
        kind: wanted.kind.unwrap_or_default(),
        tarballs: wanted.tarballs.unwrap_or_default(),
        is_internal: wanted.is_internal.unwrap_or_default(),
        allows_undigested: wanted.allows_undigested.unwrap_or_default(),
        removals: wanted.removals.unwrap_or(RemovalPolicy::Keep),
        downloads: None,
        user_prefix: wanted.user_prefix.clone().over(None),
        change_stream: wanted.change_stream.clone().over(None),
    };
    let settings = settings::judge(&registry, None, &wanted)?;
    let secrets = Secrets::seal(&visit.running().app.settings.sealer, id, &wanted)?;
    let (by, made) = (visit.actor(), MadeRegistry::new(&registry));
    let inserted = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            insert(tx, &registry, settings.as_ref(), now).await?;
            secrets.keep(tx, id, now).await?;
            let detail = format!("{} {}", registry.kind, super::model::shown(&registry.url));
            let event = by.did("registry.create", registry.slug, detail, now);
            audit::insert(tx, &event).await
        })
    });
    inserted.await.map_err(taken)?;
    Ok(made)
}

async fn insert(
    tx: &Tx,
    registry: &Registry,
    settings: Option<&CatalogueSettings>,
    now: Timestamp,
) -> Result<(), StoreError> {
    registries::insert(tx, registry, now).await?;
    if let Some(settings) = settings {
        return sources::put(tx, registry.id, settings, now).await;
    }
    // Its packages are looked at again as often as those of `default`.
    let default = registries::find_by_slug(&**tx, registries::DEFAULT_SLUG).await?;
    let intervals = resyncs::registries(&**tx).await?;
    let of_default = intervals
        .into_iter()
        .find(|(id, _)| default.as_ref().is_some_and(|default| default.id == *id));
    match of_default {
        Some((_, interval)) => resyncs::set_interval(tx, registry.id, interval).await,
        None => Ok(()),
    }
}

/// Says that a name is another registry's.
pub(super) fn taken(error: StoreError) -> ApiError {
    match error {
        StoreError::AlreadyExists(_) => ApiError::new(
            Code::Conflict,
            "Another registry has that name, or is called so in addresses",
        ),
        other => other.into(),
    }
}

/// Returns what a registry is called in addresses: its name there, else its host's.
fn slug_of(name: &str, url: &Url) -> String {
    let spelt = |text: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '.';
        let words: Vec<_> = text
            .split(|c| !plain(c))
            .filter(|word| !word.is_empty())
            .collect();
        let mut slug = words.join("-").to_ascii_lowercase();
        slug.truncate(MAX_SLUG);
        slug.trim_matches(['.', '-']).to_owned()
    };
    let named = spelt(name);
    if named.is_empty() {
        spelt(url.host_str().unwrap_or(RegistryKind::default().as_str()))
    } else {
        named
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_the_name_as_addresses_take_it() {
        let url: Url = "https://mirror.example:8080/npm/".parse().expect("a URL");
        for (name, slug) in [
            ("Custom Registry", "custom-registry"),
            ("npmjs", "npmjs"),
            ("  a__B / c.d  ", "a-b-c.d"),
            ("镜像", "mirror.example"),
            ("..", "mirror.example"),
        ] {
            assert_eq!(slug_of(name, &url), slug, "{name}");
        }
        assert_eq!(slug_of(&"x".repeat(200), &url).len(), MAX_SLUG);
    }
}
