//! Lists the dist-tags of a package.

use weir_domain::PackageName;
use weir_store::packages::{self, Package};

use super::{answers::DistTags, blocked::refuse_blocked};
use crate::{error::ApiResult, names::no_such_package, pull, visit::Visit};

pub(super) async fn list(visit: &Visit, name: &PackageName) -> ApiResult<DistTags> {
    refuse_blocked(visit, name, None).await?;
    let mut package = find(visit, name).await?;
    if package.is_none() {
        pull::renew(visit, name).await?;
        package = find(visit, name).await?;
    }
    package
        .map(|package| DistTags(package.head.dist_tags))
        .ok_or_else(|| no_such_package(name))
}

async fn find(visit: &Visit, name: &PackageName) -> ApiResult<Option<Package>> {
    let package = packages::find(visit.running().reader(), name).await?;
    Ok(package.filter(|package| package.revision > 0))
}
