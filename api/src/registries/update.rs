//! Changes a registry, and notes who did.

use weir_domain::{Registry, RegistryId, catalogue::CatalogueSettings};
use weir_runtime::Sealer;
use weir_store::{
    StoreError, Tx,
    audit::{self, Actor},
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
///
/// # Concurrency
/// Of two changes at once the second is laid over what the first made of it.
pub(super) async fn update(visit: &Visit, entry: Entry, wanted: Wanted) -> ApiResult<MadeRegistry> {
    let Registry { id, slug, .. } = entry.registry;
    let said = wanted.said();
    if let Some(field) = CONFIGURED.iter().find(|field| said.contains(field))
        && is_configured(visit, &slug)
    {
        let sentence = format!(
            "{field}: the registry {slug} follows the configuration (WEIR_UPSTREAM and what \
             belongs to it) at every start; change it there"
        );
        return Err(ApiError::new(Code::Conflict, sentence));
    }
    let running = visit.running();
    let (by, sealer) = (visit.actor(), running.app.settings.sealer.clone());
    let updated = running.app.content.db.write(move |tx| {
        Box::pin(async move {
            let (former, present) = read(tx, id).await?;
            match Changed::judge(&sealer, (&former, present.as_ref()), &wanted) {
                Ok(changed) => changed.write(tx, by, said).await.map(Ok),
                Err(refused) => Ok(Err(refused)),
            }
        })
    });
    updated.await.map_err(taken)?
}

/// Returns what is there, which nobody else changes until the transaction ends.
async fn read(
    tx: &Tx,
    id: RegistryId,
) -> Result<(Registry, Option<CatalogueSettings>), StoreError> {
    let registry = registries::hold(tx, id).await?;
    let source = sources::find_for_update(tx, id).await?;
    Ok((registry, source.map(|source| source.settings)))
}

/// A registry as it is to be.
struct Changed {
    registry: Registry,
    settings: Option<CatalogueSettings>,
    secrets: Secrets,
}

impl Changed {
    /// Lays what is wanted over what is there.
    fn judge(
        sealer: &Sealer,
        (former, present): (&Registry, Option<&CatalogueSettings>),
        wanted: &Wanted,
    ) -> ApiResult<Self> {
        let registry = changed(former, wanted);
        if registry.kind.is_catalogue() != former.kind.is_catalogue() {
            let message =
                "a registry of packages and a source of the catalogue do not become each other";
            return Err(ApiError::invalid_field("type", message));
        }
        Ok(Self {
            settings: settings::judge(&registry, present, wanted)?,
            secrets: Secrets::seal(sealer, registry.id, wanted)?,
            registry,
        })
    }

    async fn write(
        self,
        tx: &Tx,
        by: Actor,
        said: Vec<&'static str>,
    ) -> Result<MadeRegistry, StoreError> {
        let (registry, now) = (self.registry, clock::now(&**tx).await?);
        registries::update(tx, &registry, by.clone(), now).await?;
        if let Some(settings) = self.settings {
            sources::put(tx, registry.id, &settings, now).await?;
        }
        // After the move, which would take them away.
        self.secrets.keep(tx, registry.id, now).await?;
        let made = MadeRegistry::new(&registry);
        let event = by.did("registry.update", registry.slug, said.join(", "), now);
        audit::insert(tx, &event).await?;
        Ok(made)
    }
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
