//! Says who may do what with which package.

use weir_domain::PackageName;
use weir_store::{access, packages, users};

use super::model::Visibility;
use crate::{
    error::{ApiError, ApiResult},
    names::{OrgParam, UserParam, no_such_package},
    orgs::{Standing, Words},
    packages::is_open_to,
    visit::Visit,
};

pub(super) async fn visibility(visit: &Visit, name: &PackageName) -> ApiResult<Visibility> {
    let policy = access::policy(visit.running().reader(), name, None).await?;
    let is_known = policy.is_restricted || is_mirrored(visit, name).await?;
    if !is_known || !is_open_to(visit, &visit.caller, name).await? {
        return Err(no_such_package(name));
    }
    Ok(Visibility {
        public: !policy.is_restricted,
    })
}

pub(super) async fn collaborators(visit: &Visit, name: &PackageName) -> ApiResult<Words> {
    if !is_open_to(visit, &visit.caller, name).await? {
        return Err(no_such_package(name));
    }
    let grants = access::collaborators(visit.running().reader(), name).await?;
    if grants.is_empty() && !is_mirrored(visit, name).await? {
        return Err(no_such_package(name));
    }
    Ok(Words::from(grants))
}

async fn is_mirrored(visit: &Visit, name: &PackageName) -> ApiResult<bool> {
    let place = packages::find_place(visit.running().reader(), name).await?;
    Ok(place.is_some_and(|place| place.revision > 0))
}

pub(super) async fn of_org(visit: &Visit, org: &OrgParam) -> ApiResult<Words> {
    let standing = Standing::of_caller(visit, org).await?;
    let grants = access::of_org(visit.running().reader(), standing.org.id).await?;
    Ok(Words::from(grants))
}

pub(super) async fn of_user(visit: &Visit, user: &UserParam) -> ApiResult<Words> {
    let db = visit.running().reader();
    let found = users::find_by_name(db, user.to_read()?.as_str()).await?;
    let me = visit.caller.user().map(|me| me.id);
    let is_shown = |id| visit.caller.is_admin() || me == Some(id);
    let user = found.filter(|user| is_shown(user.id));
    let absent = || ApiError::not_found("There is no user of that name, or none that you are");
    let grants = access::of_user(db, user.ok_or_else(absent)?.id).await?;
    Ok(Words::from(grants))
}
