//! Registries: where packages and the catalogue come from.
//!
//! Anybody may know which there are, as the mirror document says; how they are asked is for
//! administrators, and what proves to them who we are is for nobody: it is sealed when it comes
//! and never shown again. A source of the catalogue is a registry with settings of its own.

mod change;
mod create;
mod fields;
mod list;
mod model;
mod remove;
mod secrets;
mod settings;
mod update;
mod wanted;

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use weir_store::registries::{self, Entry};

pub(crate) use self::{
    list::{LAST_PAGE, Numbered, part_of},
    secrets::webhook_secret,
};
use self::{
    model::{MadeRegistry, RegistryItem, RegistryPage},
    wanted::{NewRegistry, RegistryChange},
};
use crate::{
    auth::{Admin, Caller},
    blocks::Done,
    error::{ApiError, ApiResult},
    names::RegistryParam,
    payload::{Asked, Checked, NoStore, Number, Switch, Violations, Wire},
    tags::Tag,
    visit::Visit,
};

/// `/-/registry…`.
#[derive(Debug)]
pub(crate) struct RegistriesApi;

#[OpenApi(tag = "Tag::Registries")]
impl RegistriesApi {
    /// Lists registries by their slugs
    ///
    /// Administrators also see how each is asked.
    #[oai(path = "/-/registry", method = "get", operation_id = "list_registries")]
    async fn list(
        &self,
        visit: Visit,
        caller: Caller,
        /// Most registries of the page; 20 unless given.
        #[oai(name = "pageSize")]
        page_size: Query<Asked<Number<1, 100>>>,
        /// Which page, from 0.
        #[oai(name = "pageIndex")]
        page_index: Query<Asked<Number<0, LAST_PAGE>>>,
    ) -> ApiResult<NoStore<Wire<RegistryPage>>> {
        let page = list::list(&visit, &caller, (page_size.0, page_index.0)).await?;
        Ok(NoStore(Wire(page)))
    }

    /// Returns a registry
    ///
    /// Its slug, its name and its id all mean it.
    #[oai(
        path = "/-/registry/:registry_id",
        method = "get",
        operation_id = "show_registry"
    )]
    async fn show(
        &self,
        visit: Visit,
        caller: Caller,
        registry_id: Path<RegistryParam>,
    ) -> ApiResult<NoStore<Wire<RegistryItem>>> {
        let entry = find(&visit, &registry_id).await?;
        list::item(&visit, &caller, entry)
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Makes a registry
    ///
    /// Of type `artifactory` and `conan` it is a source of the catalogue; all others are mirrored
    /// package by package. One on a private address needs `isInternal`.
    #[oai(
        path = "/-/registry",
        method = "post",
        operation_id = "create_registry"
    )]
    async fn create(
        &self,
        visit: Visit,
        _admin: Admin,
        body: Checked<NewRegistry>,
    ) -> ApiResult<NoStore<Wire<MadeRegistry>>> {
        create::create(&visit, body.0.0)
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Changes a registry
    ///
    /// What is absent stays; `null` takes away what may be missing. Another origin costs it its
    /// credentials, unless new ones come with it. What the configuration says of `default` is
    /// changed there: 409.
    #[oai(
        path = "/-/registry/:registry_id",
        method = "patch",
        operation_id = "update_registry"
    )]
    async fn update(
        &self,
        visit: Visit,
        _admin: Admin,
        registry_id: Path<RegistryParam>,
        body: Checked<RegistryChange>,
    ) -> ApiResult<NoStore<Wire<MadeRegistry>>> {
        let entry = find(&visit, &registry_id).await?;
        update::update(&visit, entry, body.0.0)
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Removes a registry
    ///
    /// Refused (409) while mirrored packages or scopes come from it, and of `default` while the
    /// configuration names it. What the catalogue has of it goes with it, which must be wanted:
    /// 409 without `force`.
    #[oai(
        path = "/-/registry/:registry_id",
        method = "delete",
        operation_id = "remove_registry"
    )]
    async fn remove(
        &self,
        visit: Visit,
        _admin: Admin,
        registry_id: Path<RegistryParam>,
        /// Also with what the catalogue has of it.
        force: Query<Asked<Switch>>,
    ) -> ApiResult<NoStore<Wire<Done>>> {
        let mut wrong = Violations::default();
        let force = force.0.take("force", &mut wrong);
        wrong.none_or(())?;
        let entry = find(&visit, &registry_id).await?;
        let is_forced = force.is_some_and(|force| force.0);
        remove::remove(&visit, entry.registry, is_forced).await?;
        Ok(NoStore(Wire(Done::YES)))
    }
}

/// Returns the registry that is meant.
///
/// # Errors
/// 404 if there is none.
async fn find(visit: &Visit, word: &RegistryParam) -> ApiResult<Entry> {
    let entry = registries::find_entry(visit.running().reader(), &word.0).await?;
    entry.ok_or_else(no_such_registry)
}

/// The error for a registry that is not there.
pub(crate) fn no_such_registry() -> ApiError {
    ApiError::not_found("There is no such registry")
}

/// Says whether it is the registry that the configuration brings to its values at every start.
fn is_configured(visit: &Visit, slug: &str) -> bool {
    visit.running().app.settings.has_upstream && slug == registries::DEFAULT_SLUG
}
