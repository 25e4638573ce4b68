//! Signs somebody out, here or elsewhere.

use weir_domain::{SessionId, UserId};
use weir_store::{StoreError, Tx, audit, clock, sessions};

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
    let hash = key.hash();
    let ended = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            match sessions::find_by_hash(&**tx, &hash, now).await? {
                Some(session) => revoke(tx, session.user_id, session.id).await.map(drop),
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
    let ended = db.write(move |tx| Box::pin(revoke(tx, user, id)));
    Ok(ended.await?)
}

async fn revoke(tx: &Tx, user: UserId, id: SessionId) -> Result<bool, StoreError> {
    if !sessions::revoke(tx, user, id).await? {
        return Ok(false);
    }
    let event = audit::Event {
        at: clock::now(&**tx).await?,
        user: Some(user),
        action: "session.revoke".to_owned(),
        target: id.to_string(),
        detail: String::new(),
    };
    audit::insert(tx, &event).await?;
    Ok(true)
}
