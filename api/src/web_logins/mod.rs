//! Web login: a program asks for it, its user confirms it in a browser, and the program
//! fetches a token.
//!
//! What npm 9 and later do by default (`npm login`, `npm login --auth-type=web`). The page is
//! the site's (`/-/login/web`). Whatever token the program still shows plays no part here: it
//! comes because that one holds no more.
//!
//! Source: npm-profile 12, `loginWeb`.

mod create;
mod fetch;
mod mint;
mod model;

use poem_openapi::{OpenApi, param::Query};

use self::model::{Minted, WebLogin};
pub(crate) use self::{
    mint::{Minting, Program, mint},
    model::LoginAnswer,
};
use crate::{
    auth::Caller,
    error::ApiResult,
    payload::{Asked, NoStore, Text, Wire},
    tags::Tag,
    visit::Visit,
};

/// Longest text that is looked at as a login; ours have 43 characters.
const MAX_CHARS: usize = 64;

/// `/-/v1/login`.
#[derive(Debug)]
pub(crate) struct WebLoginsApi;

#[OpenApi(tag = "Tag::Logins")]
impl WebLoginsApi {
    /// Begins a login that somebody confirms in a browser
    ///
    /// Show `loginUrl` to the user, and ask `doneUrl` until there is a token. Both are good for
    /// five minutes.
    #[oai(
        path = "/-/v1/login",
        method = "post",
        operation_id = "create_web_login"
    )]
    async fn create(&self, visit: Visit, _caller: Caller) -> ApiResult<NoStore<Wire<WebLogin>>> {
        create::create(&visit).await.map(Wire).map(NoStore)
    }

    /// Fetches the token of a login
    ///
    /// 202 until somebody confirms it; then, once, 200 with a token. 404 for one that is
    /// unknown, turned away, too old or fetched.
    #[oai(
        path = "/-/v1/login/done",
        method = "get",
        operation_id = "fetch_web_login"
    )]
    async fn fetch(
        &self,
        visit: Visit,
        _caller: Caller,
        /// The login, as `doneUrl` has it.
        session: Query<Asked<Text<MAX_CHARS>>>,
    ) -> ApiResult<NoStore<LoginAnswer>> {
        fetch::fetch(&visit, session.0).await.map(NoStore)
    }
}
