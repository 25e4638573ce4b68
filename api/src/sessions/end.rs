//! Signs somebody out, here or elsewhere.

use weir_domain::{SessionId, UserId};
use weir_store::{
    StoreError, Tx,
    audit::{self, Actor},
    clock, sessions,
};

use super::Cookie;
use crate::{error::ApiResult, visit::Visit};

/// Ends the session of the visit's browser, if it has one.
///
/// # Errors
/// If the database refuses.
pub(crate) async fn end(visit: &Visit) -> ApiResult<()> {
    let Some(key) = Cookie::Session.read(visit.base(), &visit.headers) else {
        return Ok(());
    };
    let (hash, by) = (key.hash(), visit.actor());
    let ended = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            match sessions::find_by_hash(&**tx, &hash, now).await? {
                Some(session) => {
                    let of = (session.user_id, session.id);
                    revoke(tx, of, by.known_as(session.user_id)).await.map(drop)
                }
                None => Ok(()),
            }
        })
    });
    Ok(ended.await?)
}

/// Ends a session of this user's; says whether there was one.
///
/// # Errors
/// If the database refuses.
pub(crate) async fn end_other(visit: &Visit, user: UserId, id: SessionId) -> ApiResult<bool> {
    let db = &visit.running().app.content.db;
    let by = visit.actor();
    let ended = db.write(move |tx| Box::pin(revoke(tx, (user, id), by)));
    Ok(ended.await?)
}

async fn revoke(tx: &Tx, (user, id): (UserId, SessionId), by: Actor) -> Result<bool, StoreError> {
    let now = clock::now(&**tx).await?;
    if !sessions::revoke(tx, user, id, now).await? {
        return Ok(false);
    }
    audit::insert(tx, &by.did("session.revoke", id.to_string(), "", now)).await?;
    Ok(true)
}
