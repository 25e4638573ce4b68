//! The audit trail, for administrators: who did what to what, from where, with which token.
//!
//! Whatever changes what others get writes its row in its own transaction
//! (`weir_store::audit`); here it is only read.

mod list;
mod model;

use poem_openapi::{OpenApi, param::Query};
use weir_domain::Timestamp;

use self::{list::Asking, model::TrailPage};
use crate::{
    auth::Admin,
    error::ApiResult,
    payload::{Asked, NoStore, Number, Text, Wire},
    tags::Tag,
    visit::Visit,
};

/// `/-/admin/audit`.
#[derive(Debug)]
pub(crate) struct TrailApi;

#[OpenApi(tag = "Tag::Trail")]
impl TrailApi {
    /// Lists what was changed and by whom, newest first
    ///
    /// Blocks, tokens, users, organisations, queues, storage: whatever decides what others get.
    #[oai(
        path = "/-/admin/audit",
        method = "get",
        operation_id = "list_audit_events"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a filter of the list")]
    async fn list(
        &self,
        visit: Visit,
        _admin: Admin,
        /// Only what this user did; name or id.
        user: Query<Asked<Text<100>>>,
        /// Only this action (`block.set`), or all that is done to such things (`block`).
        action: Query<Asked<Text<100>>>,
        /// Only what was done to this.
        target: Query<Asked<Text<512>>>,
        /// Only what was done at this instant or later.
        since: Query<Asked<Timestamp>>,
        /// Only what was done before this instant.
        until: Query<Asked<Timestamp>>,
        /// How many, at most; 50 if absent.
        limit: Query<Asked<Number<1, { list::MOST }>>>,
        /// Where the previous page ended.
        cursor: Query<Asked<Text<64>>>,
    ) -> ApiResult<NoStore<Wire<TrailPage>>> {
        let asking = Asking {
            user: user.0,
            action: action.0,
            target: target.0,
            since: since.0,
            until: until.0,
            limit: limit.0,
            cursor: cursor.0,
        };
        list::list(&visit, asking).await.map(Wire).map(NoStore)
    }
}
