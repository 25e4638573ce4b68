//! Submits a package sync, or joins the one that will do it anyway.

use std::collections::BTreeSet;

use serde::Serialize;
use weir_domain::{
    PackageName, Registry, SyncMode, Version,
    task::{Priority, SyncOptions, SyncPackage, TaskSpec},
};
use weir_store::{
    StoreError, access, audit,
    blocks::{self, Block, Source},
    idempotency::Key,
    packages, registries, scopes,
    tasks::{self, NewRequest, NewTask, Submitted},
};

use super::model::NewPackageSync;
use crate::{
    auth::Submitter,
    error::{ApiError, ApiResult, Code},
    idempotency::{self, Kept},
    names::no_such_package,
    visit::Visit,
};

/// Asks for a sync, unless the caller did before with the same key; `T` says so.
pub(super) async fn create<T>(
    visit: &Visit,
    caller: &Submitter,
    key: Option<Key>,
    (name, body): (&PackageName, NewPackageSync),
) -> ApiResult<Kept<T, 201>>
where
    T: From<Submitted> + Serialize + Send + 'static,
{
    if let Some(answer) = idempotency::answered(visit, key.as_ref()).await? {
        return Ok(answer);
    }
    let needs_admin = body.force || body.force_sync_history;
    judge(visit, caller, name, needs_admin).await?;
    refuse_blocked(visit, name, &body.specific_versions).await?;
    let registry = registry(visit, name, body.registry_name.as_deref()).await?;
    if body.sync_download_data && registry.downloads.is_none() {
        return Err(ApiError::forbidden(format!(
            "The registry {} has no download counts to copy",
            registry.slug
        )));
    }
    let spec = TaskSpec::SyncPackage(SyncPackage {
        package: name.clone(),
        registry: registry.id,
    });
    let request = NewRequest {
        tips: body.tips,
        options: SyncOptions {
            skip_dependencies: body.skip_dependencies,
            leave_tarballs: false,
            force: body.force,
            force_sync_history: body.force_sync_history,
            sync_download_data: body.sync_download_data,
            specific_versions: body.specific_versions,
            catalogue: None,
        },
        ..visit.wish(caller)
    };
    // Only who named a registry minds which one it is.
    let named = body.registry_name.map(|_| registry.id);
    let (running, fair_name) = (visit.running().clone(), visit.name_of(caller));
    let by = visit.actor();
    idempotency::once(visit, key, move |tx, now| {
        Box::pin(async move {
            let task = NewTask {
                spec,
                priority: if request.options.force {
                    Priority::FORCED
                } else {
                    Priority::USER
                },
                fair_key: running.app.fair.next(&fair_name, now),
                run_after: now,
                retry_of: None,
            };
            let submitted = tasks::submit(tx, &task, &request, now).await?;
            if needs_admin {
                let (target, what) = (submitted.task.to_string(), task.spec.target());
                audit::insert(tx, &by.did("task.force", target, what, now)).await?;
            }
            if submitted.is_joined && named.is_some() {
                let joined = tasks::get(&**tx, submitted.task).await?;
                if joined.spec.registry() != named {
                    return Err(StoreError::Changed("registry"));
                }
            }
            Ok(T::from(submitted))
        })
    })
    .await
}

/// Judges who may wish for a package, by whatever route.
///
/// # Errors
/// 403 for what only an administrator may, for what an operator blocked, and for a name that no
/// upstream must hear of; 404 for a package that is closed to the caller.
pub(crate) async fn judge(
    visit: &Visit,
    caller: &Submitter,
    name: &PackageName,
    needs_admin: bool,
) -> ApiResult<()> {
    refuse_by_mode(visit.running().app.settings.sync_mode, caller)?;
    if needs_admin && !caller.is_admin() {
        return Err(ApiError::forbidden(
            "Only an administrator may use force and forceSyncHistory",
        ));
    }
    let db = visit.running().reader();
    let policy = access::policy(db, name, None).await?;
    if policy.is_restricted && !access::may_read(db, name, caller.viewer()).await? {
        return Err(no_such_package(name));
    }
    // What a removal blocked comes back by being looked at.
    let block = policy
        .block
        .filter(|block| block.source == Source::Operator);
    if let Some(block) = block {
        return Err(blocked(name, &block));
    }
    if scopes::covers(&scopes::private(visit.running().reader()).await?, name) {
        return Err(ApiError::forbidden(format!(
            "The scope of {name} is private to this mirror; its names are never told to an upstream"
        )));
    }
    Ok(())
}

/// Refuses a wish that names a version which an operator blocked.
async fn refuse_blocked(
    visit: &Visit,
    name: &PackageName,
    versions: &BTreeSet<Version>,
) -> ApiResult<()> {
    if versions.is_empty() {
        return Ok(());
    }
    let blocks = blocks::list(visit.running().reader(), name).await?;
    let is_named = |block: &Block| block.version.as_ref().is_some_and(|v| versions.contains(v));
    let is_meant = |block: &&Block| block.source == Source::Operator && is_named(block);
    match blocks.iter().find(is_meant) {
        Some(block) => Err(blocked(name, block)),
        None => Ok(()),
    }
}

fn blocked(name: &PackageName, block: &Block) -> ApiError {
    let version = block.version.as_ref();
    let version = version.map(|version| format!("@{version}"));
    ApiError::forbidden(format!(
        "{name}{} is blocked here: {}",
        version.unwrap_or_default(),
        block.reason
    ))
}

fn refuse_by_mode(mode: SyncMode, caller: &Submitter) -> ApiResult<()> {
    if mode.allows_sync(caller.is_admin()) {
        return Ok(());
    }
    Err(ApiError::forbidden(match mode {
        SyncMode::None => "This mirror asks no upstream (sync_mode is none)",
        _ => "Only an administrator may ask for a sync (sync_mode is admin)",
    }))
}

/// Returns where the package is to be copied from.
async fn registry(visit: &Visit, name: &PackageName, word: Option<&str>) -> ApiResult<Registry> {
    let db = visit.running().reader();
    let bound = packages::find(db, name)
        .await?
        .and_then(|package| package.registry);
    let wanted = match word {
        Some(word) => Some(
            registries::find_by_word(db, word)
                .await?
                .ok_or_else(|| ApiError::not_found("There is no registry of that name"))?,
        ),
        None => None,
    };
    let home = match bound {
        Some(bound) => Some(bound),
        None => scopes::home(db, name).await?,
    };
    match (wanted, home) {
        (Some(wanted), _) if wanted.kind.is_catalogue() => Err(ApiError::invalid_field(
            "registryName",
            "is a source of the catalogue, not a registry of packages",
        )),
        (Some(wanted), Some(home)) if wanted.id != home => Err(ApiError::new(
            Code::Conflict,
            format!("{name} is copied from another registry"),
        )),
        (Some(wanted), _) => Ok(wanted),
        (None, Some(home)) => Ok(registries::get(db, home).await?),
        (None, None) => registries::find_by_slug(db, registries::DEFAULT_SLUG)
            .await?
            .ok_or_else(|| {
                ApiError::not_found(
                    "There is no registry to copy from; start weir with --upstream URL to name one",
                )
            }),
    }
}
