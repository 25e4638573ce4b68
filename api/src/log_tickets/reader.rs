//! Who reads a log: whoever made the ticket that was brought, else the caller.

use weir_domain::{Digest, TaskId};
use weir_store::{
    clock,
    log_tickets::{self, Used},
    tokens,
};

use super::MAX_CHARS;
use crate::{
    auth::{self, Caller},
    error::{ApiError, ApiResult},
    payload::{Asked, Text, Violations},
    visit::Visit,
};

/// Returns who reads the task's log, and uses the ticket up if one was brought.
///
/// # Errors
/// 401 for a ticket that is wrong, used, too old, another task's, or whose maker's token is no
/// more: they all look alike.
pub(crate) async fn reader(
    visit: &Visit,
    caller: Caller,
    task: TaskId,
    ticket: Asked<Text<MAX_CHARS>>,
) -> ApiResult<Caller> {
    let mut wrong = Violations::default();
    let ticket = ticket.take("ticket", &mut wrong);
    if wrong.into_list().pop().is_some() {
        return Err(refused());
    }
    let Some(Text(ticket)) = ticket else {
        return Ok(caller);
    };
    let hash = Digest::of(ticket.as_bytes());
    let db = &visit.running().app.content.db;
    let used = db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            log_tickets::take(tx, &hash, task, now).await
        })
    });
    let Some(Used { reader }) = used.await? else {
        return Err(refused());
    };
    let Some(reader) = reader else {
        // Made by a stranger or in the site's session, which a browser shows by itself.
        return Ok(caller);
    };
    let token = tokens::find(db.read(), reader).await?;
    let token = token.ok_or_else(refused)?;
    auth::of_token(visit.running(), token, visit.found.client).map_err(|_| refused())
}

fn refused() -> ApiError {
    ApiError::unauthorized("The ticket is unknown, used, or too old; ask for another one")
}
