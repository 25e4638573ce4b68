//! Makes a scope, and notes who did.

use weir_store::{StoreError, audit, clock, registries, scopes};

use super::model::{NewScope, ScopeItem};
use crate::{
    error::{ApiError, ApiResult, Code},
    payload::Violations,
    registries::no_such_registry,
    visit::Visit,
};

/// Makes what is wanted.
///
/// # Errors
/// 404 for a registry that is not there, 409 if there is such a scope.
pub(super) async fn create(visit: &Visit, new: NewScope) -> ApiResult<ScopeItem> {
    let mut wrong = Violations::default();
    if new.registry.is_some() == new.is_private {
        wrong.add("registryId", "must be given, unless the scope is private");
    }
    let name = wrong.none_or(new.name.unwrap_or_default())?;
    let db = &visit.running().app.content.db;
    let registry = match &new.registry {
        Some(word) => {
            let found = registries::find_by_word(db.read(), word).await?;
            Some(found.ok_or_else(no_such_registry)?)
        }
        None => None,
    };
    if registry.as_ref().is_some_and(|one| one.kind.is_catalogue()) {
        let message = "is a source of the catalogue, not a registry of packages";
        return Err(ApiError::invalid_field("registryId", message));
    }
    let slug = registry.as_ref().map(|registry| registry.slug.clone());
    let (id, by, detail) = (
        registry.map(|registry| registry.id),
        visit.actor(),
        slug.clone().unwrap_or_else(|| "private".to_owned()),
    );
    let made = db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let scope = scopes::insert(tx, &name, id, now).await?;
            let event = by.did("scope.create", scope.name.as_str(), detail, now);
            audit::insert(tx, &event).await?;
            Ok(scope)
        })
    });
    match made.await {
        Ok(scope) => Ok(ScopeItem::new(&scope, slug)),
        Err(StoreError::AlreadyExists(_)) => Err(ApiError::new(
            Code::Conflict,
            "There is such a scope already",
        )),
        Err(error) => Err(error.into()),
    }
}
