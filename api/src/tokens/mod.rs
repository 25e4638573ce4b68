//! Bearer tokens of the caller: made, listed, revoked.
//!
//! Two surfaces on one table: npm's routes and the catalogue's. Of a token only the SHA-256 is
//! kept, so its text is in the answer that made it and nowhere else. What a token may is judged
//! in [`crate::auth`]; here is only what it may be given ([`wanted`]): no more than who makes it
//! has.

mod catalogue;
mod create;
mod list;
mod model;
mod revoke;
mod wanted;

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};

pub(crate) use self::create::{confirm, has_just_proved};
use self::{
    catalogue::{ApiToken, ApiTokens, MadeApiToken, NewApiToken, RevokedApiToken},
    model::{NewNpmToken, NpmToken, NpmTokens, RevokedNpmToken},
};
use crate::{
    auth::SignedIn,
    error::ApiResult,
    names::{TokenKey, TokenParam},
    payload::{Asked, Checked, NoStore, Number, Wire},
    tags::Tag,
    visit::Visit,
};

/// Most tokens of one page.
const MAX_PAGE: u64 = 1_000;
/// Last page that is looked for.
const LAST_PAGE: u64 = 1_000_000;

/// `/-/npm/v1/tokens`.
#[derive(Debug)]
pub(crate) struct TokensApi;

#[OpenApi(tag = "Tag::Tokens")]
impl TokensApi {
    /// Makes a token, as npm asks for it
    ///
    /// The caller's password is required, unless it was proved just now: in this request, or by
    /// signing in to the site within five minutes. Who has a second factor sends it as `npm-otp`.
    /// The text is in this answer only. Old bodies
    /// and those of npm 11 are understood; a token with packages, scopes, organisations or a
    /// permission is limited to them, whether they exist or not, and carries no admin rights.
    #[oai(
        path = "/-/npm/v1/tokens",
        method = "post",
        operation_id = "create_npm_token"
    )]
    async fn create(
        &self,
        visit: Visit,
        user: SignedIn,
        body: Checked<NewNpmToken>,
    ) -> ApiResult<NoStore<Wire<NpmToken>>> {
        let password = body.0.password.clone();
        let granted = create::grant(&visit, &user, body.0.into())?;
        create::prove(&visit, &user, password.as_deref()).await?;
        let made = create::create(&visit, &user, granted).await?;
        Ok(NoStore(Wire(made.into())))
    }

    /// Lists the caller's tokens, newest first
    ///
    /// Texts are masked. `urls.next` is where the list goes on, if it does.
    #[oai(
        path = "/-/npm/v1/tokens",
        method = "get",
        operation_id = "list_npm_tokens"
    )]
    async fn list(
        &self,
        visit: Visit,
        user: SignedIn,
        /// Which page; the first is 0
        page: Query<Asked<Number<0, LAST_PAGE>>>,
        /// How many tokens a page has
        #[oai(name = "perPage")]
        per_page: Query<Asked<Number<1, MAX_PAGE>>>,
    ) -> ApiResult<NoStore<Wire<NpmTokens>>> {
        let page = list::Page::new(page.0, per_page.0)?;
        list::npm(&visit, &user, page).await.map(Wire).map(NoStore)
    }

    /// Revokes one of the caller's tokens
    ///
    /// By its key, by six or more characters that only its key begins with, or by its text. It
    /// is refused everywhere within a second.
    #[oai(
        path = "/-/npm/v1/tokens/token/:token_key",
        method = "delete",
        operation_id = "revoke_npm_token"
    )]
    async fn revoke(
        &self,
        visit: Visit,
        user: SignedIn,
        token_key: Path<TokenKey>,
    ) -> ApiResult<NoStore<Wire<RevokedNpmToken>>> {
        let token = revoke::find(&visit, &user, &token_key.0.0).await?;
        revoke::revoke(&visit, &user, token).await?;
        Ok(NoStore(Wire(RevokedNpmToken { ok: true })))
    }
}

/// `/api/v1/tokens`.
#[derive(Debug)]
pub(crate) struct CatalogueTokensApi;

#[OpenApi(tag = "Tag::Tokens")]
impl CatalogueTokensApi {
    /// Makes a token
    ///
    /// Needs a session of the site, or a token that is not read-only; the new one never outlives
    /// the one that made it. Who has a second factor sends it as `npm-otp`. The text is in this
    /// answer only.
    #[oai(
        path = "/api/v1/tokens",
        method = "post",
        operation_id = "create_token"
    )]
    async fn create(
        &self,
        visit: Visit,
        user: SignedIn,
        body: Checked<NewApiToken>,
    ) -> ApiResult<NoStore<Wire<MadeApiToken>>> {
        let granted = create::grant(&visit, &user, body.0.into())?;
        confirm(&visit, &user, visit.one_time_password()).await?;
        let made = create::create(&visit, &user, granted).await?;
        Ok(NoStore(Wire(made.into())))
    }

    /// Lists the caller's tokens
    ///
    /// Newest first, at most a thousand, without their texts.
    #[oai(path = "/api/v1/tokens", method = "get", operation_id = "list_tokens")]
    async fn list(&self, visit: Visit, user: SignedIn) -> ApiResult<NoStore<Wire<ApiTokens>>> {
        let data = list::all(&visit, &user).await?;
        let data = data.into_iter().map(ApiToken::from).collect();
        Ok(NoStore(Wire(ApiTokens { data })))
    }

    /// Revokes one of the caller's tokens, by its identifier
    ///
    /// It is refused everywhere within a second.
    #[oai(
        path = "/api/v1/tokens/:token_id",
        method = "delete",
        operation_id = "revoke_token"
    )]
    async fn revoke(
        &self,
        visit: Visit,
        user: SignedIn,
        token_id: Path<TokenParam>,
    ) -> ApiResult<NoStore<Wire<RevokedApiToken>>> {
        let token = token_id.to_read()?;
        let revoked_at = revoke::revoke(&visit, &user, token).await?;
        Ok(NoStore(Wire(RevokedApiToken::new(token, revoked_at))))
    }
}
