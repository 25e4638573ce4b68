//! Makes a ticket.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::RngCore;
use weir_domain::{Digest, TaskId};
use weir_store::{clock, log_tickets};

use super::model::LogTicket;
use crate::{
    auth::{Caller, User},
    error::ApiResult,
    payload::Instant,
    tasks,
    visit::Visit,
};

/// Makes a ticket for whoever may read the task's log.
///
/// # Errors
/// 404 for whoever may not.
pub(super) async fn create(visit: &Visit, caller: &Caller, id: TaskId) -> ApiResult<LogTicket> {
    let task = tasks::find_visible(visit, caller, id).await?.id;
    let mut random = [0_u8; 32];
    rand::rng().fill_bytes(&mut random);
    let ticket = URL_SAFE_NO_PAD.encode(random);
    let (hash, reader) = (
        Digest::of(ticket.as_bytes()),
        caller.user().and_then(User::token),
    );
    let made = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            log_tickets::insert(tx, &hash, (task, reader), now).await
        })
    });
    let expires_at = made.await?;
    Ok(LogTicket {
        ok: true,
        log_url: format!("{}/syncs/{task}/log?ticket={ticket}", visit.base()),
        ticket,
        expires_at: Instant(expires_at),
    })
}
