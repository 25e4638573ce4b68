//! Begins a login.

use weir_store::{
    clock,
    web_logins::{self, NewWebLogin},
};

use super::model::WebLogin;
use crate::{
    error::ApiResult,
    sessions::{Opaque, user_agent},
    visit::Visit,
};

/// Notes who asks from where, and says where to go.
///
/// # Errors
/// If the database refuses.
pub(super) async fn create(visit: &Visit) -> ApiResult<WebLogin> {
    let (login, done) = (Opaque::generate(), Opaque::generate());
    let (login_hash, done_hash) = (login.hash(), done.hash());
    let (address, agent) = (visit.found.client.to_string(), user_agent(&visit.headers));
    let made = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let new = NewWebLogin {
                login: login_hash,
                done: done_hash,
                address: &address,
                user_agent: &agent,
            };
            web_logins::insert(tx, &new, now).await
        })
    });
    made.await?;
    let base = visit.base();
    Ok(WebLogin {
        login_url: format!("{base}/-/login/web?session={}", login.reveal()),
        done_url: format!("{base}/-/v1/login/done?session={}", done.reveal()),
    })
}
