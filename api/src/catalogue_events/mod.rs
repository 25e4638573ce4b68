//! Webhooks of Artifactory: what was uploaded or deleted there.
//!
//! An event proves nothing and may come twice, late or not at all: it is a hint to look at one
//! reference again, which an incremental synchronisation does a moment later. Who sends it shows
//! the source's secret, or signs the body with it; nothing in it is fresh by itself, so a
//! replayed one causes a look and no more.
//!
//! Source: what `JFrog` says of its webhooks (`X-JFrog-Event-Auth`).

mod layout;
mod signed;
mod take;

use poem_openapi::{Object, OpenApi, param::Path, types::Example};
use serde::Serialize;

use self::signed::{EventAuth, EventBody};
use crate::{
    error::ApiResult,
    names::RegistryParam,
    payload::{NoStore, Wire},
    tags::Tag,
    visit::Visit,
};

/// `/-/registry/{registry_id}/events`.
#[derive(Debug)]
pub(crate) struct CatalogueEventsApi;

#[OpenApi(tag = "Tag::Registries")]
impl CatalogueEventsApi {
    /// Takes an event of a source of the catalogue
    ///
    /// A webhook of Artifactory for the domain `artifact`, with the secret that was given to the
    /// registry: in plain, or used for signing. Events of other repositories are passed over.
    #[oai(
        path = "/-/registry/:registry_id/events",
        method = "post",
        operation_id = "take_catalogue_event"
    )]
    async fn take(
        &self,
        visit: Visit,
        auth: EventAuth,
        registry_id: Path<RegistryParam>,
        body: EventBody,
    ) -> ApiResult<NoStore<Wire<TakenEvent>>> {
        let references = take::take(&visit, &registry_id, &auth, &body).await?;
        Ok(NoStore(Wire(TakenEvent {
            ok: true,
            references,
        })))
    }
}

/// What became of an event.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct TakenEvent {
    /// Always true.
    ok: bool,
    /// What will be looked at again because of it.
    references: Vec<String>,
}

impl Example for TakenEvent {
    fn example() -> Self {
        Self {
            ok: true,
            references: vec!["sht30/0.0.5@caisong123".to_owned()],
        }
    }
}
