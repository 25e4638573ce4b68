//! Drills, for administrators: tasks that only write lines, to see that a deployment works
//! from the wish to the log, and how fast it is.

mod create;
mod model;

use poem_openapi::OpenApi;

use self::model::{Drills, NewDrills};
use crate::{
    auth::Admin,
    error::ApiResult,
    idempotency::{IdempotencyKey, Kept},
    payload::{Checked, NoStore},
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
        /// A name of your own for this request: asking again with it gives the same answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Checked<NewDrills>,
    ) -> ApiResult<NoStore<Kept<Drills, 201>>> {
        let Checked(new, how) = body;
        let asked = ("create_drills", "", &how.0[..]);
        let key = key.of((&visit, &admin.caller()), asked)?;
        create::create(&visit, &admin, key, new).await.map(NoStore)
    }
}
