//! Scopes: which registry the packages of a scope come from, and which are private to this
//! mirror.
//!
//! For administrators: what scopes there are says much of a house. A scope is made and forgotten,
//! never moved, so that no package changes its registry unseen.

mod create;
mod list;
mod model;

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use weir_store::{audit, clock, registries, scopes};

use self::model::{NewScope, ScopeItem, ScopePage};
use crate::{
    auth::Admin,
    blocks::Done,
    error::{ApiError, ApiResult},
    names::{RegistryParam, ScopeParam},
    payload::{Asked, Checked, NoStore, Number, Wire},
    registries::{LAST_PAGE, no_such_registry},
    tags::Tag,
    visit::Visit,
};

/// `/-/scope…` and `/-/registry/{registry_id}/scopes`.
#[derive(Debug)]
pub(crate) struct ScopesApi;

#[OpenApi(tag = "Tag::Registries")]
impl ScopesApi {
    /// Lists all scopes by their names
    ///
    /// Private ones have no registry.
    #[oai(path = "/-/scope", method = "get", operation_id = "list_scopes")]
    async fn list(
        &self,
        visit: Visit,
        _admin: Admin,
        /// Most scopes of the page; 20 unless given.
        #[oai(name = "pageSize")]
        page_size: Query<Asked<Number<1, 100>>>,
        /// Which page, from 0.
        #[oai(name = "pageIndex")]
        page_index: Query<Asked<Number<0, LAST_PAGE>>>,
    ) -> ApiResult<NoStore<Wire<ScopePage>>> {
        let page = list::list(&visit, None, (page_size.0, page_index.0)).await?;
        Ok(NoStore(Wire(page)))
    }

    /// Lists the scopes of a registry by their names
    ///
    /// Packages of these come from it, unless they are mirrored from elsewhere already.
    #[oai(
        path = "/-/registry/:registry_id/scopes",
        method = "get",
        operation_id = "list_registry_scopes"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn list_of(
        &self,
        visit: Visit,
        _admin: Admin,
        registry_id: Path<RegistryParam>,
        /// Most scopes of the page; 20 unless given.
        #[oai(name = "pageSize")]
        page_size: Query<Asked<Number<1, 100>>>,
        /// Which page, from 0.
        #[oai(name = "pageIndex")]
        page_index: Query<Asked<Number<0, LAST_PAGE>>>,
    ) -> ApiResult<NoStore<Wire<ScopePage>>> {
        let db = visit.running().reader();
        let registry = registries::find_by_word(db, &registry_id.0.0).await?;
        let registry = registry.ok_or_else(no_such_registry)?;
        let part = (page_size.0, page_index.0);
        let page = list::list(&visit, Some(registry.id), part).await?;
        Ok(NoStore(Wire(page)))
    }

    /// Makes a scope
    ///
    /// New packages of it come from its registry, also as dependencies of others; no other
    /// registry hears of them. A private one's names are told to nobody.
    #[oai(path = "/-/scope", method = "post", operation_id = "create_scope")]
    async fn create(
        &self,
        visit: Visit,
        _admin: Admin,
        body: Checked<NewScope>,
    ) -> ApiResult<NoStore<Wire<ScopeItem>>> {
        create::create(&visit, body.0).await.map(Wire).map(NoStore)
    }

    /// Forgets a scope
    ///
    /// New packages of it come from `default` from then on. Mirrored ones stay where they are.
    #[oai(
        path = "/-/scope/:scope_id",
        method = "delete",
        operation_id = "remove_scope"
    )]
    async fn remove(
        &self,
        visit: Visit,
        _admin: Admin,
        scope_id: Path<ScopeParam>,
    ) -> ApiResult<NoStore<Wire<Done>>> {
        let db = &visit.running().app.content.db;
        let absent = || ApiError::not_found("There is no such scope");
        let scope = scopes::find(db.read(), &scope_id.0.0).await?;
        let scope = scope.ok_or_else(absent)?;
        let by = visit.actor();
        let removed = db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let was_there = scopes::remove(tx, scope.id, now).await?;
                if was_there {
                    audit::insert(tx, &by.did("scope.remove", scope.name, "", now)).await?;
                }
                Ok(was_there)
            })
        });
        let done = removed.await?.then_some(NoStore(Wire(Done::YES)));
        done.ok_or_else(absent)
    }
}
