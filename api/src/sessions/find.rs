//! Finds the session that a request's cookie speaks of.

use http::{Method, header, request::Parts};
use weir_store::{
    clock,
    sessions::{self, Session},
};

use super::{CSRF_HEADER, Cookie, csrf, is_same};
use crate::{
    app::Running,
    auth::{Caller, Credential, Restrictions, User},
    error::{ApiError, ApiResult},
    site,
};

/// Returns who a request's cookie says is asking; nobody if it brings none, or one that no
/// longer holds. `path` is the request's, without the prefix of its base.
///
/// # Errors
/// 403 for whoever would change something and does not show that they come from our pages.
pub(crate) async fn find(
    running: &Running,
    parts: &Parts,
    path: &str,
) -> ApiResult<Option<Caller>> {
    if !parts.headers.contains_key(header::COOKIE) {
        return Ok(None);
    }
    let (base, _) = running.bases.of_request(&parts.uri, &parts.headers);
    let Some(key) = Cookie::Session.read(running.bases.get(base), &parts.headers) else {
        return Ok(None);
    };
    let now = running.now();
    let Some(session) = sessions::find_by_hash(running.reader(), &key.hash(), now).await? else {
        return Ok(None);
    };
    let reads = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    // A page's form is looked at where it is read.
    if !reads && !site::is_page(path) {
        let shown = parts.headers.get(CSRF_HEADER);
        let shown = shown.and_then(|value| value.to_str().ok());
        if !shown.is_some_and(|shown| is_same(shown, &csrf(&key))) {
            return Err(ApiError::forbidden(
                "A browser's session changes something only with its CSRF token",
            ));
        }
    }
    if now.since(session.used_at) >= sessions::STEP {
        let id = session.id;
        let touched = running.app.content.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                sessions::touch(tx, id, now).await
            })
        });
        touched.await?;
    }
    Ok(Some(caller(session)))
}

/// A session is its user, with all that they may.
fn caller(session: Session) -> Caller {
    Caller::from(User {
        id: session.user_id,
        name: session.user_name,
        is_admin: session.is_admin,
        credential: Credential::Session(session.id),
        proved_at: Some(session.created_at),
        restrictions: Restrictions::default(),
    })
}
