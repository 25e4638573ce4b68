//! What is stored, for administrators: how much of it, whether it is right, and having it
//! looked at.
//!
//! The leader does all of this by itself; here it is asked for, as tasks whose logs say what was
//! found.

mod model;
mod show;
mod submit;

use std::collections::BTreeSet;

use poem_openapi::OpenApi;
use weir_domain::task::{CollectBlobs, TaskSpec, VerifyBlobs};

use self::model::{NewCollection, NewVerification, Storage, StorageTask};
use crate::{
    auth::Admin,
    error::ApiResult,
    payload::{Checked, NoStore, Wire},
    tags::Tag,
    visit::Visit,
};

/// `/-/admin/storage` and what is done about it.
#[derive(Debug)]
pub(crate) struct StorageApi;

#[OpenApi(tag = "Tag::Storage")]
impl StorageApi {
    /// Returns what is stored
    ///
    /// Blobs by state, the disks, and the blobs that were found damaged last.
    #[oai(
        path = "/-/admin/storage",
        method = "get",
        operation_id = "show_storage"
    )]
    async fn show(&self, visit: Visit, _admin: Admin) -> ApiResult<NoStore<Wire<Storage>>> {
        show::show(&visit).await.map(Wire).map(NoStore)
    }

    /// Has stored blobs read again
    ///
    /// What is damaged is out of use at once: its tarball is fetched, its document rendered
    /// anew, when somebody asks for it or, with `repair`, now.
    #[oai(
        path = "/-/admin/verify",
        method = "post",
        operation_id = "verify_blobs"
    )]
    async fn verify(
        &self,
        visit: Visit,
        admin: Admin,
        body: Checked<NewVerification>,
    ) -> ApiResult<NoStore<Wire<StorageTask, 201>>> {
        let packages: BTreeSet<_> = body.0.packages.into_iter().collect();
        let spec = TaskSpec::VerifyBlobs(VerifyBlobs {
            packages,
            repairs: body.0.repairs,
        });
        let task = submit::submit(&visit, &admin, spec).await?;
        Ok(NoStore(Wire(task)))
    }

    /// Has blobs deleted that nothing refers to
    ///
    /// They go once nothing has referred to them for `blob_grace_secs`.
    #[oai(
        path = "/-/admin/collect",
        method = "post",
        operation_id = "collect_blobs"
    )]
    async fn collect(
        &self,
        visit: Visit,
        admin: Admin,
        body: Checked<NewCollection>,
    ) -> ApiResult<NoStore<Wire<StorageTask, 201>>> {
        let is_dry = body.0.is_dry;
        let spec = TaskSpec::CollectBlobs(CollectBlobs { is_dry });
        let task = submit::submit(&visit, &admin, spec).await?;
        Ok(NoStore(Wire(task)))
    }
}
