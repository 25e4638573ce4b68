//! Returns what a user says of themselves.

use weir_domain::UserId;
use weir_store::users::{self, otp};

use super::model::{Profile, Tfa};
use crate::{error::ApiResult, visit::Visit};

/// Returns a profile.
///
/// # Errors
/// If the database cannot be asked.
pub(super) async fn show(visit: &Visit, id: UserId) -> ApiResult<Profile> {
    let db = visit.running().reader();
    let user = users::get(db, id).await?;
    let otp = otp::find(db, id).await?;
    Ok(Profile::new(user, Tfa::of(otp.as_ref())))
}
