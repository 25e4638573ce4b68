//! Makes a scope, and notes who did.

use weir_domain::Registry;
use weir_store::{StoreError, Tx, audit, clock, registries, scopes};

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
    let by = visit.actor();
    let made = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let registry = match home(tx, new.registry.as_deref()).await? {
                Ok(registry) => registry,
                Err(refused) => return Ok(Err(refused)),
            };
            let now = clock::now(&**tx).await?;
            let (id, slug) = registry.map(|one| (one.id, one.slug)).unzip();
            let scope = scopes::insert(tx, &name, id, now).await?;
            let detail = slug.clone().unwrap_or_else(|| "private".to_owned());
            let event = by.did("scope.create", scope.name.as_str(), detail, now);
            audit::insert(tx, &event).await?;
            Ok(Ok(ScopeItem::new(&scope, slug)))
        })
    });
    made.await.map_err(taken)?
}

/// Returns where the packages of a scope are to come from, which stays until the transaction ends.
async fn home(
    tx: &Tx,
    word: Option<&str>,
) -> Result<Result<Option<Registry>, ApiError>, StoreError> {
    let Some(word) = word else {
        return Ok(Ok(None));
    };
    let Some(meant) = registries::find_by_word(&**tx, word).await? else {
        return Ok(Err(no_such_registry()));
    };
    Ok(match registries::hold(tx, meant.id).await {
        Ok(registry) if registry.kind.is_catalogue() => {
            let message = "is a source of the catalogue, not a registry of packages";
            Err(ApiError::invalid_field("registryId", message))
        }
        Ok(registry) => Ok(Some(registry)),
        // It went between the two statements.
        Err(StoreError::NotFound { .. }) => Err(no_such_registry()),
        Err(error) => return Err(error),
    })
}

fn taken(error: StoreError) -> ApiError {
    match error {
        StoreError::AlreadyExists(_) => {
            ApiError::new(Code::Conflict, "There is such a scope already")
        }
        other => other.into(),
    }
}
