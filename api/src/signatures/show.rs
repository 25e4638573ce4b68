//! Finds whom to ask, and passes on what it says.

use weir_domain::{Registry, RegistryId};
use weir_store::{packages, registries, scopes, versions};
use weir_upstream::Statement;

use super::answer::StatementAnswer;
use crate::{
    error::{ApiError, ApiResult},
    names::VersionedName,
    packages::{Audience, For, admit},
    visit::Visit,
};

pub(super) async fn keys(visit: &Visit) -> ApiResult<For<StatementAnswer>> {
    let db = visit.running().reader();
    let registry = registries::find_by_slug(db, registries::DEFAULT_SLUG).await?;
    let registry = registry.ok_or_else(|| ApiError::not_found("There is no registry to ask"))?;
    let answer = answer(visit, &registry, &Statement::Keys).await?;
    Ok(For(Audience::Everybody, answer))
}

pub(super) async fn attestations(
    visit: &Visit,
    asked: &VersionedName,
) -> ApiResult<For<StatementAnswer>> {
    let (name, version) = asked.to_read()?;
    let absent = || ApiError::not_found(format!("There are no attestations of {name}@{version}"));
    let audience = admit(visit, (name, Some(version)), absent).await?;
    let db = visit.running().reader();
    if scopes::covers(&scopes::private(db).await?, name) {
        return Err(absent());
    }
    // Only what is mirrored is asked about: no other name is told to an upstream.
    let place = packages::find_place(db, name).await?.ok_or_else(absent)?;
    let manifest = versions::find_manifest(db, place.id, place.revision, version).await?;
    let registry: Option<RegistryId> = place.registry.filter(|_| manifest.is_some());
    let registry = registries::get(db, registry.ok_or_else(absent)?).await?;
    let statement = Statement::Attestations(name.clone(), version.clone());
    let answer = answer(visit, &registry, &statement).await?;
    Ok(For(audience, answer))
}

async fn answer(
    visit: &Visit,
    registry: &Registry,
    statement: &Statement,
) -> ApiResult<StatementAnswer> {
    let running = visit.running();
    let content = &running.app.content;
    let known = content.known_statement(registry, statement).await?;
    let said = if let Some(known) = known {
        known
    } else {
        let _turn = running.asking.turn(&statement.path()).await;
        content.statement(registry, statement).await?
    };
    let absent = || ApiError::not_found("The upstream has no such document");
    said.map(StatementAnswer).ok_or_else(absent)
}
