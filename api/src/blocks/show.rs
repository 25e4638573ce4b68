//! Says what is blocked of a package; of one that is closed to the caller, nothing.

use weir_domain::{PackageName, Version};
use weir_store::blocks::{self, Block};

use super::model::BlockStatus;
use crate::{
    error::{ApiError, ApiResult},
    names::Fullname,
    packages::is_open_to,
    visit::Visit,
};

/// The error for what is no version of anything.
pub(super) fn no_such_version(fullname: &Fullname) -> ApiError {
    match fullname.to_read() {
        Ok(name) => ApiError::not_found(format!("There is no such version of {name}")),
        Err(error) => error,
    }
}

pub(super) async fn show(
    visit: &Visit,
    (name, version): (&PackageName, Option<&Version>),
) -> ApiResult<BlockStatus> {
    let mut blocks = Vec::new();
    if is_open_to(visit, &visit.caller, name).await? {
        blocks = blocks::list(visit.running().reader(), name).await?;
    }
    let Some(version) = version else {
        return Ok(BlockStatus::of(blocks, Option::is_none));
    };
    let is_about = |block: &Block| block.version.as_ref().is_none_or(|one| one == version);
    blocks.retain(is_about);
    Ok(BlockStatus::of(blocks, |_| true))
}
