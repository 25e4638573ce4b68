//! Tickets: for a minute and once, one task's log without other credentials.
//!
//! A browser's `EventSource` and a link in a page carry no headers, and credentials in an address
//! are written down on the way. A ticket may be: it is of no use afterwards. Whoever may read the
//! log makes one, and it stands for them; only its digest is kept.

mod create;
mod model;
mod reader;

use poem_openapi::{OpenApi, param::Path};

use self::model::LogTicket;
pub(crate) use self::reader::reader;
use crate::{
    auth::Caller,
    error::ApiResult,
    names::TaskParam,
    payload::{NoStore, Wire},
    tags::Tag,
    visit::Visit,
};

/// Longest text that is looked at as a ticket; ours have 43 characters.
pub(crate) const MAX_CHARS: usize = 64;

/// `/syncs/{task_id}/ticket`.
#[derive(Debug)]
pub(crate) struct LogTicketsApi;

#[OpenApi(tag = "Tag::Tasks")]
impl LogTicketsApi {
    /// Makes a ticket to read a task's log with
    ///
    /// It works once, within 60 seconds, at this task's log (`?ticket=`), and stands for who made
    /// it. For browsers, whose `EventSource` sends no credentials of yours.
    #[oai(
        path = "/syncs/:task_id/ticket",
        method = "post",
        operation_id = "create_log_ticket"
    )]
    async fn create(
        &self,
        visit: Visit,
        caller: Caller,
        task_id: Path<TaskParam>,
    ) -> ApiResult<NoStore<Wire<LogTicket, 201>>> {
        create::create(&visit, &caller, task_id.to_read()?)
            .await
            .map(Wire)
            .map(NoStore)
    }
}
