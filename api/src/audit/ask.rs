//! Asks the upstream for the advisories about some versions.

use weir_domain::PackageName;
use weir_store::{packages, registries, scopes};
use weir_upstream::UpstreamError;

use super::{report::Advisories, tree::Wanted};
use crate::{
    error::{ApiError, ApiResult, Code},
    visit::Visit,
};

/// Returns what the upstream knows about `wanted`.
///
/// # Errors
/// 404 if there is nobody to ask, 502 if who was asked does not answer.
pub(super) async fn ask(visit: &Visit, wanted: Wanted) -> ApiResult<Advisories> {
    let running = visit.running();
    let db = running.reader();
    let nobody = || ApiError::not_found("There is no upstream to ask for advisories");
    if !running.app.settings.sync_mode.asks_upstream() {
        return Err(nobody());
    }
    let registry = registries::find_by_slug(db, registries::DEFAULT_SLUG).await?;
    let registry = registry.ok_or_else(nobody)?;
    let mut wanted = public(wanted, &scopes::kept_from(db, registry.id).await?);
    let names: Vec<_> = wanted.0.keys().map(String::as_str).collect();
    let foreign = packages::foreign_to(db, registry.id, &names).await?;
    wanted.0.retain(|name, _| !foreign.contains(name));
    if wanted.0.is_empty() {
        return Ok(Advisories::default());
    }
    let wanted = serde_json::to_vec(&wanted.0).map_err(ApiError::internal)?;
    let upstream = running.app.content.npm(&registry).await?;
    let said = upstream.advisories(wanted.into()).await;
    let said = said.map_err(|error| match error {
        UpstreamError::NotFound { .. } => {
            ApiError::not_found("The upstream knows of no advisories")
        }
        error => unanswered(error),
    })?;
    serde_json::from_slice(&said).map_err(unanswered)
}

fn unanswered(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ApiError {
    let sentence = "The upstream could not be asked for advisories";
    ApiError::new(Code::BadGateway, sentence).with_cause(error)
}

/// Leaves out what this upstream must not hear: names of private scopes, and of others'.
fn public(mut wanted: Wanted, private: &[String]) -> Wanted {
    wanted.0.retain(|name, _| {
        let name = PackageName::parse(name);
        name.is_ok_and(|name| !scopes::covers(private, &name))
    });
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_names_and_what_is_no_name_stay_here() {
        let names = ["a", "@open/b", "@secret/c", "../d"];
        let wanted = names.map(|name| (name.to_owned(), vec!["1.0.0".to_owned()]));
        let told = public(Wanted(wanted.into()), &["@secret".to_owned()]);
        assert_eq!(told.0.keys().collect::<Vec<_>>(), ["@open/b", "a"]);
    }
}
