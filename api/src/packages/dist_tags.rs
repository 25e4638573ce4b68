//! Lists the dist-tags of a package.

use weir_domain::PackageName;
use weir_store::packages;

use super::answers::DistTags;
use crate::{error::ApiResult, names::no_such_package, visit::Visit};

pub(super) async fn list(visit: &Visit, name: &PackageName) -> ApiResult<DistTags> {
    let package = packages::find(visit.running().reader(), name).await?;
    package
        .filter(|package| package.revision > 0)
        .map(|package| DistTags(package.head.dist_tags))
        .ok_or_else(|| no_such_package(name))
}
