//! Signs somebody in.

use weir_domain::UserId;
use weir_store::{
    audit, clock,
    sessions::{self, NewSession},
};

use super::{Cookie, Opaque, user_agent};
use crate::{error::ApiResult, visit::Visit};

/// How somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// By name and password.
    Password,
    /// At GitHub.
    Github,
}

impl Way {
    /// Returns how it is written down.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Github => "github",
        }
    }
}

/// Begins a session in the visit's browser; one that it had there ends.
///
/// # Errors
/// If the database refuses.
pub(crate) async fn begin(visit: &Visit, user: UserId, way: Way) -> ApiResult<Opaque> {
    let key = Opaque::generate();
    let (hash, base) = (key.hash(), visit.base());
    let former = Cookie::Session.read(base, &visit.headers);
    let former = former.map(|former| former.hash());
    let (address, agent) = (visit.found.client.to_string(), user_agent(&visit.headers));
    let by = visit.actor().known_as(user);
    let begun = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            if let Some(former) = former
                && let Some(former) = sessions::find_by_hash(&**tx, &former, now).await?
            {
                sessions::revoke(tx, former.user_id, former.id, now).await?;
            }
            let new = NewSession {
                user,
                way: way.as_str(),
                address: &address,
                user_agent: &agent,
            };
            let id = sessions::insert(tx, &hash, &new, now).await?;
            let event = by.did("session.create", id.to_string(), way.as_str(), now);
            audit::insert(tx, &event).await
        })
    });
    begun.await?;
    Ok(key)
}
