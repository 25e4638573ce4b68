//! Signing in and out as package managers do it: a user's document is put, a token comes back.
//!
//! The routes are those of a `CouchDB` that once was the registry. A name and a right password are
//! a login; a name nobody has, with an e-mail address, is a registration, where the operator lets
//! anybody register. A document whose address differs is a conflict, which old clients solve by
//! reading it and putting it again under its revision.
//!
//! Source: the mirror document's section User Management; npm 6 to 12, pnpm, Yarn.

mod enter;
mod leave;
mod model;
mod revise;
mod show;

use poem_openapi::{OpenApi, param::Path};

use self::model::{CouchUser, Left, LogIn, LoggedIn};
pub(crate) use self::{
    enter::{note, taken},
    model::{email_address, password, read_password},
};
use crate::{
    auth::{Caller, SignedIn},
    error::ApiResult,
    names::{CouchId, PathSecret, Revision},
    payload::{Checked, NoStore, Wire},
    tags::Tag,
    visit::Visit,
};

/// `/-/user/…`.
#[derive(Debug)]
pub(crate) struct LoginsApi;

#[OpenApi(tag = "Tag::Accounts")]
impl LoginsApi {
    /// Signs in, or makes a new user
    ///
    /// With the right password it is a login; an unknown name with an e-mail address is a
    /// registration, if the server lets anybody register. What is shown as credentials does not
    /// matter here. Who has a second factor sends it as `npm-otp`.
    #[oai(path = "/-/user/:couch_id", method = "put", operation_id = "log_in")]
    async fn enter(
        &self,
        visit: Visit,
        _caller: Caller,
        couch_id: Path<CouchId>,
        body: Checked<LogIn>,
    ) -> ApiResult<NoStore<Wire<LoggedIn, 201>>> {
        let entered = enter::enter(&visit, &couch_id, &body).await?;
        Ok(NoStore(Wire(entered)))
    }

    /// Returns what is known of a user
    ///
    /// The e-mail address only to users (`npm owner` asks this).
    #[oai(path = "/-/user/:couch_id", method = "get", operation_id = "show_user")]
    async fn show(
        &self,
        visit: Visit,
        caller: Caller,
        couch_id: Path<CouchId>,
    ) -> ApiResult<NoStore<Wire<CouchUser>>> {
        let shown = show::show(&visit, &caller, &couch_id).await?;
        Ok(NoStore(Wire(shown)))
    }

    /// Signs in and changes the e-mail address
    ///
    /// What old clients do after a conflict. The password is that of `Basic` credentials, else the
    /// body's; where both are given and differ, the body's is the new one.
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    #[oai(
        path = "/-/user/:couch_id/-rev/:rev",
        method = "put",
        operation_id = "revise_user"
    )]
    async fn revise(
        &self,
        visit: Visit,
        _caller: Caller,
        couch_id: Path<CouchId>,
        rev: Path<Revision>,
        body: Checked<LogIn>,
    ) -> ApiResult<NoStore<Wire<LoggedIn, 201>>> {
        let revised = revise::revise(&visit, &couch_id, &rev, &body).await?;
        Ok(NoStore(Wire(revised)))
    }

    /// Signs out
    ///
    /// The token works no more, on any process. It is one of the caller's own; administrators may
    /// take any away whose text they know.
    #[oai(
        path = "/-/user/token/:token",
        method = "delete",
        operation_id = "log_out"
    )]
    async fn leave(
        &self,
        visit: Visit,
        user: SignedIn,
        token: Path<PathSecret>,
    ) -> ApiResult<NoStore<Wire<Left>>> {
        let left = leave::leave(&visit, &user, &token).await?;
        Ok(NoStore(Wire(left)))
    }
}
