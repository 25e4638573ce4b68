//! Drills, for administrators: tasks that only write lines, to see that a deployment works
//! from the wish to the log, and how fast it is.

mod create;
mod model;

use poem_openapi::OpenApi;

use self::model::{Drills, NewDrills};
use crate::{
    auth::Admin,
    error::ApiResult,
    payload::{Checked, NoStore, Wire},
    tags::Tag,
    visit::Visit,
};

/// `/-/admin/drills`.
#[derive(Debug)]
pub(crate) struct DrillsApi;

#[OpenApi(tag = "Tag::Drills")]
impl DrillsApi {
    /// Submits drills
    ///
    /// Each is a task of the kind `drill`; watch them as any other task.
    #[oai(
        path = "/-/admin/drills",
        method = "post",
        operation_id = "create_drills"
    )]
    async fn create(
        &self,
        visit: Visit,
        admin: Admin,
        body: Checked<NewDrills>,
    ) -> ApiResult<NoStore<Wire<Drills, 201>>> {
        let ids = create::create(&visit, &admin, &body.0).await?;
        Ok(NoStore(Wire(Drills { ok: true, ids })))
    }
}
