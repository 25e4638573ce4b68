//! Lists the dist-tags of a package.

use weir_domain::PackageName;
use weir_store::packages::{self, Package};

use super::{
    admit::{For, admit},
    answers::DistTags,
};
use crate::{error::ApiResult, names::no_such_package, payload::Wire, pull, visit::Visit};

pub(super) async fn list(visit: &Visit, name: &PackageName) -> ApiResult<For<Wire<DistTags>>> {
    let audience = admit(visit, (name, None), || no_such_package(name)).await?;
    let mut package = find(visit, name).await?;
    if package.is_none() {
        pull::renew(visit, name).await?;
        package = find(visit, name).await?;
    }
    package
        .map(|package| For(audience, Wire(DistTags(package.head.dist_tags))))
        .ok_or_else(|| no_such_package(name))
}

async fn find(visit: &Visit, name: &PackageName) -> ApiResult<Option<Package>> {
    let package = packages::find(visit.running().reader(), name).await?;
    Ok(package.filter(|package| package.revision > 0))
}
