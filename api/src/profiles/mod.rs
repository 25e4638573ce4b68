//! What users say of themselves, and with what they prove it: `npm profile`.
//!
//! One body changes all of it, as npm sends it: texts, the password, the second factor. What
//! changes how one signs in needs the password; whoever has a second factor needs that for every
//! change.
//!
//! Source: npm 6 to 12, and npm-profile, which they speak through.

mod model;
mod second_factor;
mod show;
mod update;

use poem_openapi::OpenApi;

pub(crate) use self::model::read_text;
use self::model::{Profile, ProfileChange};
use crate::{
    auth::SignedIn,
    blocks::Done,
    error::ApiResult,
    github,
    payload::{Checked, NoStore, Wire},
    tags::Tag,
    visit::Visit,
};

/// `/-/npm/v1/user`.
#[derive(Debug)]
pub(crate) struct ProfilesApi;

#[OpenApi(tag = "Tag::Accounts")]
impl ProfilesApi {
    /// Returns what the caller says of themselves
    ///
    /// `npm profile get`.
    #[oai(path = "/-/npm/v1/user", method = "get", operation_id = "show_profile")]
    async fn show(&self, visit: Visit, user: SignedIn) -> ApiResult<NoStore<Wire<Profile>>> {
        show::show(&visit, user.id).await.map(Wire).map(NoStore)
    }

    /// Changes what the caller says of themselves, the password or the second factor
    ///
    /// `npm profile set`, `enable-2fa` and `disable-2fa`. Texts that are absent stay, `null` clears
    /// them. A change of the second factor answers in `tfa`: the address for an authenticator app,
    /// then, once a code of it came back, the recovery codes.
    #[oai(
        path = "/-/npm/v1/user",
        method = "post",
        operation_id = "update_profile"
    )]
    async fn update(
        &self,
        visit: Visit,
        user: SignedIn,
        body: Checked<ProfileChange>,
    ) -> ApiResult<NoStore<Wire<Profile>>> {
        let updated = update::update(&visit, &user, body.0).await?;
        Ok(NoStore(Wire(updated)))
    }

    /// Unlinks the caller's account at GitHub
    ///
    /// It signs nobody in any more. 404 if none is linked, 409 for whoever has no password: they
    /// would have no way to sign in. Who has a second factor sends it as `npm-otp`.
    #[oai(
        path = "/-/npm/v1/user/github",
        method = "delete",
        operation_id = "unlink_github"
    )]
    async fn unlink_github(&self, visit: Visit, user: SignedIn) -> ApiResult<NoStore<Wire<Done>>> {
        github::unlink(&visit, &user, visit.one_time_password()).await?;
        Ok(NoStore(Wire(Done::YES)))
    }
}
