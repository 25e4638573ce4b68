//! Users, for administrators: making them, keeping them out, giving them a new password.
//!
//! Nobody is deleted: whoever may no longer come in is disabled, and with them their tokens.

mod create;
mod list;
mod model;
mod update;

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};

use self::model::{NewAccount, UserChange, UserItem, UserPage};
use crate::{
    auth::Admin,
    error::ApiResult,
    names::UserParam,
    payload::{Asked, Checked, NoStore, Number, Text, Wire},
    tags::Tag,
    visit::Visit,
};

/// `/-/admin/users`.
#[derive(Debug)]
pub(crate) struct UsersApi;

#[OpenApi(tag = "Tag::Users")]
impl UsersApi {
    /// Lists users by their names
    ///
    /// Disabled ones too.
    #[oai(path = "/-/admin/users", method = "get", operation_id = "list_users")]
    async fn list(
        &self,
        visit: Visit,
        _admin: Admin,
        /// Most users of the page; 100 unless given.
        limit: Query<Asked<Number<1, 100>>>,
        /// `nextCursor` of the page before.
        cursor: Query<Asked<Text<200>>>,
    ) -> ApiResult<NoStore<Wire<UserPage>>> {
        let page = list::list(&visit, limit.0, cursor.0).await?;
        Ok(NoStore(Wire(page)))
    }

    /// Makes a user
    ///
    /// Whether anybody may register or not. Without a password, nobody signs in with one.
    #[oai(path = "/-/admin/users", method = "post", operation_id = "create_user")]
    async fn create(
        &self,
        visit: Visit,
        _admin: Admin,
        body: Checked<NewAccount>,
    ) -> ApiResult<NoStore<Wire<UserItem, 201>>> {
        let made = create::create(&visit, body.0).await?;
        Ok(NoStore(Wire(made)))
    }

    /// Changes what a user is and may
    ///
    /// A disabled user's password, tokens and sessions hold no more, on any process within a
    /// second. Nobody disables or demotes themselves, or takes their own second factor away here.
    #[oai(
        path = "/-/admin/users/:user",
        method = "patch",
        operation_id = "update_user"
    )]
    async fn update(
        &self,
        visit: Visit,
        admin: Admin,
        user: Path<UserParam>,
        body: Checked<UserChange>,
    ) -> ApiResult<NoStore<Wire<UserItem>>> {
        let updated = update::update(&visit, &admin, &user, body.0).await?;
        Ok(NoStore(Wire(updated)))
    }
}
