//! Changes a registry, and notes who did.

use weir_domain::Registry;
use weir_store::{
    audit,
    catalogue::sources,
    clock,
    registries::{self, Entry},
};

use super::{
    create::taken, is_configured, model::MadeRegistry, secrets::Secrets, settings, wanted::Wanted,
};
use crate::{
    error::{ApiError, ApiResult, Code},
    visit::Visit,
};

/// What the configuration says of the registry it names.
const CONFIGURED: [&str; 6] = ["name", "host", "type", "isInternal", "tarballs", "removals"];

/// Changes what is wanted otherwise.
///
/// # Errors
/// 409 for a name that is another's and for what the configuration says; 422 for settings that
/// do not fit together.
pub(super) async fn update(visit: &Visit, entry: Entry, wanted: Wanted) -> ApiResult<MadeRegistry> {
    let former = entry.registry;
    let said = wanted.said();
    if let Some(field) = CONFIGURED.iter().find(|field| said.contains(field))
        && is_configured(visit, &former.slug)
    {
        let sentence = format!(
            "{field}: the registry {} follows the configuration (WEIR_UPSTREAM and what belongs \
             to it) at every start; change it there",
            former.slug
        );
        return Err(ApiError::new(Code::Conflict, sentence));
    }
    let registry = changed(&former, &wanted);
    let db = &visit.running().app.content.db;
    let source = sources::find(db.read(), former.id).await?;
    let present = source.map(|source| source.settings);
    if registry.kind.is_catalogue() != former.kind.is_catalogue() {
        let message =
            "a registry of packages and a source of the catalogue do not become each other";
        return Err(ApiError::invalid_field("type", message));
    }
    let settings = settings::judge(&registry, present.as_ref(), &wanted)?;
    let secrets = Secrets::seal(visit, former.id, &wanted)?;
    let (by, made) = (visit.actor(), MadeRegistry::new(&registry));
    let updated = db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            registries::update(tx, &registry, by.clone(), now).await?;
            if let Some(settings) = settings {
                sources::put(tx, registry.id, &settings, now).await?;
            }
            // After the move, which would take them away.
            secrets.keep(tx, registry.id, now).await?;
            let event = by.did("registry.update", registry.slug, said.join(", "), now);
            audit::insert(tx, &event).await
        })
    });
    updated.await.map_err(taken)?;
    Ok(made)
}

fn changed(former: &Registry, wanted: &Wanted) -> Registry {
    let former = former.clone();
    Registry {
        name: wanted.name.clone().unwrap_or(former.name),
        url: wanted.url.clone().unwrap_or(former.url),
        kind: wanted.kind.unwrap_or(former.kind),
        tarballs: wanted.tarballs.unwrap_or(former.tarballs),
        is_internal: wanted.is_internal.unwrap_or(former.is_internal),
        allows_undigested: wanted.allows_undigested.unwrap_or(former.allows_undigested),
        removals: wanted.removals.unwrap_or(former.removals),
        user_prefix: wanted.user_prefix.clone().over(former.user_prefix),
        change_stream: wanted.change_stream.clone().over(former.change_stream),
        ..former
    }
}
