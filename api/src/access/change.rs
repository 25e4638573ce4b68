//! Opens or closes a package, and notes who did.

use weir_domain::{OrgName, PackageName, org::Role};
use weir_store::{access, audit, clock, orgs};

use super::model::AccessChange;
use crate::{
    blocks::Done,
    error::{ApiError, ApiResult},
    names::no_such_package,
    packages::is_open_to,
    visit::Visit,
};

pub(super) async fn change(
    visit: &Visit,
    name: &PackageName,
    wanted: &AccessChange,
) -> ApiResult<Done> {
    if !manages(visit, name).await? {
        if !is_open_to(visit, &visit.caller, name).await? {
            return Err(no_such_package(name));
        }
        return Err(ApiError::forbidden(
            "Only an owner or administrator of the organisation of its scope may do this",
        ));
    }
    let Some(wanted) = wanted.access else {
        return Err(ApiError::invalid_field("access", "must be given"));
    };
    let (name, by) = (name.clone(), visit.actor());
    let changed = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            access::put(tx, &name, wanted, now).await?;
            let event = by.did("access.set", name.as_str(), wanted.as_str(), now);
            audit::insert(tx, &event).await
        })
    });
    changed.await?;
    Ok(Done::YES)
}

/// Says whether the caller manages the organisation that the package's scope is of.
async fn manages(visit: &Visit, name: &PackageName) -> ApiResult<bool> {
    if visit.caller.is_admin() {
        return Ok(true);
    }
    let org = name.scope().and_then(|scope| OrgName::parse(scope).ok());
    let (Some(org), Some(user)) = (org, visit.caller.user()) else {
        return Ok(false);
    };
    let db = visit.running().reader();
    let Some(org) = orgs::find(db, &org).await? else {
        return Ok(false);
    };
    let role = orgs::role_of(db, org.id, user.id).await?;
    Ok(role >= Some(Role::Admin))
}
