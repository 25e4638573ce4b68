//! Submits a synchronisation, or joins the one that will do it anyway.

use std::collections::BTreeSet;

use weir_domain::{
    TaskId,
    catalogue::{CatalogueOptions, MAX_HINTS},
    task::{Priority, SyncCatalogue, SyncCatalogues, SyncOptions, TaskSpec},
};
use weir_store::{
    audit,
    catalogue::{self, sources},
    idempotency::Key,
    registries,
    tasks::{self, NewRequest, NewTask},
};

use super::{
    answer::Created,
    model::SyncBody,
    prefer::Preference,
    show::{self, Reader},
    wanted::{Named, NewCatalogueSync},
};
use crate::{
    auth::SignedIn,
    error::{ApiError, ApiResult},
    idempotency::{self, Kept},
    visit::Visit,
};

/// What to do where there is nothing to synchronise from.
const NO_SOURCE: &str = "There is no source of the catalogue yet; an administrator adds one with \
    POST /-/registry and a body like {\"name\":\"artifactory\",\"type\":\"artifactory\",\
    \"host\":\"https://registry.example/artifactory\",\"catalogue\":{\"repository\":\"conan-local\"}}";

/// Asks for a synchronisation, unless the caller did before with the same key.
///
/// # Errors
/// 403 for what only an administrator may, 404 if there is nothing to synchronise from.
pub(super) async fn create(
    visit: &Visit,
    user: &SignedIn,
    (key, prefer): (Option<Key>, Preference),
    wanted: NewCatalogueSync,
) -> ApiResult<Created> {
    let kept = match idempotency::answered(visit, key.as_ref()).await? {
        Some(answer) => answer,
        None => submit(visit, user, key, wanted).await?,
    };
    let mut body = match kept {
        Kept::Now(now) => serde_json::to_string(&now).map_err(ApiError::internal)?,
        Kept::Again(answer) => answer.body,
    };
    let told: serde_json::Value = serde_json::from_str(&body).map_err(ApiError::internal)?;
    let id = told["data"]["id"].as_str().unwrap_or_default();
    let location = format!("{}/api/v1/sync/{id}", visit.base());
    let mut goes_on = true;
    if let Some(wait) = prefer.wait
        && let Ok(id) = id.parse::<TaskId>()
    {
        let task = show::when_over(visit, show::task(visit, id).await?, wait).await?;
        let data = show::item(visit, user, task).await?;
        goes_on = !data.status.0.is_final();
        body = serde_json::to_string(&SyncBody { data }).map_err(ApiError::internal)?;
    }
    Ok(Created {
        goes_on: goes_on && prefer.is_async,
        location,
        applied: prefer.applied(),
        body,
    })
}

async fn submit(
    visit: &Visit,
    user: &SignedIn,
    key: Option<Key>,
    wanted: NewCatalogueSync,
) -> ApiResult<Kept<SyncBody, 200>> {
    let needs_admin = wanted.force || wanted.allows_mass_removal;
    if needs_admin && !user.is_admin {
        return Err(ApiError::forbidden(
            "Only an administrator may use force and allowMassRemoval",
        ));
    }
    let spec = spec(visit).await?;
    let force = wanted.force;
    let request = NewRequest {
        options: SyncOptions {
            force,
            catalogue: Some(options(visit, wanted).await?),
            ..SyncOptions::default()
        },
        ..visit.wish(&user.caller())
    };
    let reader = Reader::of(visit, user);
    let (running, fair_name) = (visit.running().clone(), visit.name_of(&user.caller()));
    let by = visit.actor();
    idempotency::once(visit, key, move |tx, now| {
        Box::pin(async move {
            let priority = if force {
                Priority::FORCED
            } else {
                Priority::USER
            };
            let task = NewTask {
                spec,
                priority,
                fair_key: running.app.fair.next(&fair_name, now),
                run_after: now,
                retry_of: None,
            };
            let submitted = tasks::submit(tx, &task, &request, now).await?;
            if needs_admin {
                let (target, what) = (submitted.task.to_string(), task.spec.target());
                audit::insert(tx, &by.did("task.force", target, what, now)).await?;
            }
            let task = tasks::get(&**tx, submitted.task).await?;
            let data = reader.item(&**tx, task).await?;
            Ok(SyncBody { data })
        })
    })
    .await
}

/// Returns the work: of the one source, or of all.
async fn spec(visit: &Visit) -> ApiResult<TaskSpec> {
    let db = visit.running().reader();
    let sources = sources::list(db).await?;
    match &sources[..] {
        [] => Err(ApiError::not_found(NO_SOURCE)),
        [one] => {
            let registry = registries::get(db, one.registry).await?;
            Ok(TaskSpec::SyncCatalogue(SyncCatalogue {
                registry: registry.id,
                slug: registry.slug,
            }))
        }
        _ => Ok(TaskSpec::SyncCatalogues(SyncCatalogues {})),
    }
}

/// Returns how it is to be done. A package that the catalogue does not know can only be found by
/// a listing, so naming one makes the run a full one.
async fn options(visit: &Visit, wanted: NewCatalogueSync) -> ApiResult<CatalogueOptions> {
    let mut hints = BTreeSet::new();
    let mut packages = BTreeSet::new();
    for named in &wanted.named {
        match named {
            Named::Version(reference) => drop(hints.insert(reference.clone())),
            Named::Package(key) => drop(packages.insert(key.clone())),
        }
    }
    let mut unknown = packages.clone();
    if !packages.is_empty() {
        let db = visit.running().reader();
        for source in sources::list(db).await? {
            for known in catalogue::known(db, source.registry).await? {
                if packages.contains(&known.reference.key) {
                    unknown.remove(&known.reference.key);
                    hints.insert(known.reference);
                }
            }
        }
    }
    let is_full = wanted.is_full.unwrap_or(wanted.named.is_empty());
    let is_beyond = !unknown.is_empty() || hints.len() > MAX_HINTS;
    if hints.len() > MAX_HINTS {
        hints.clear();
    }
    Ok(CatalogueOptions {
        is_full: is_full || is_beyond,
        hints,
        rereads: wanted.force,
        is_dry: wanted.is_dry,
        allows_mass_removal: wanted.allows_mass_removal,
    })
}
