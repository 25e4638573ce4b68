//! Refuses what is blocked, before anybody is asked for it.
//!
//! One indexed row a miss of the shelf: whatever is made or lifted clears the package from it.

use weir_domain::{PackageName, Version};
use weir_store::blocks;

use crate::{
    error::{ApiError, ApiResult, Code},
    visit::Visit,
};

/// Goes on unless the package, or this version of it, is blocked.
///
/// # Errors
/// 451 with the reason.
pub(crate) async fn refuse_blocked(
    visit: &Visit,
    name: &PackageName,
    version: Option<&Version>,
) -> ApiResult<()> {
    let block = blocks::find(visit.running().reader(), name, version).await?;
    let Some(block) = block else {
        return Ok(());
    };
    let what = match &block.version {
        Some(version) => format!("{name}@{version}"),
        None => name.to_string(),
    };
    let sentence = format!("{what} was blocked, reason: {}", block.reason);
    Err(ApiError::new(Code::UnavailableForLegalReasons, sentence))
}
