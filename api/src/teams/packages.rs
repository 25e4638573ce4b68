//! What is bound to a team: listing, binding, releasing.
//!
//! A binding closes a package to everybody else. So nobody but an administrator of the service
//! binds what is not of their organisation's own scope.

use weir_domain::PackageName;
use weir_store::{access, audit, clock, teams};

use super::{
    Seat,
    model::{BoundPackage, NewBinding},
};
use crate::{
    blocks::Done,
    error::{ApiError, ApiResult},
    names::{OrgParam, TeamParam},
    orgs::Words,
    visit::Visit,
};

pub(super) async fn list(visit: &Visit, team: (&OrgParam, &TeamParam)) -> ApiResult<Words> {
    let seat = Seat::of_caller(visit, team).await?;
    let grants = access::of_team(visit.running().reader(), seat.team.id).await?;
    Ok(Words::from(grants))
}

/// Returns the package, if the caller may bind it to a team of this organisation.
fn own<'n>(
    visit: &Visit,
    seat: &Seat,
    package: Option<&'n PackageName>,
) -> ApiResult<&'n PackageName> {
    seat.standing.manages()?;
    let package = package.ok_or_else(|| ApiError::invalid_field("package", "must be given"))?;
    let org = seat.standing.name.as_str();
    if visit.caller.is_admin() || package.scope() == Some(org) {
        return Ok(package);
    }
    Err(ApiError::forbidden(format!(
        "Only packages of @{org} belong to {org}; an administrator binds others"
    )))
}

pub(super) async fn bind(
    visit: &Visit,
    team: (&OrgParam, &TeamParam),
    new: &NewBinding,
) -> ApiResult<Done> {
    let seat = Seat::of_caller(visit, team).await?;
    let package = own(visit, &seat, new.package.as_ref())?.clone();
    let (permission, by) = (new.permission, visit.actor());
    let bound = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            teams::bind(tx, seat.team.id, (&package, permission), now).await?;
            let detail = format!("{package} {}", permission.as_str());
            audit::insert(tx, &by.did("team.bind", seat.spelt(), detail, now)).await
        })
    });
    bound.await?;
    Ok(Done::YES)
}

pub(super) async fn release(
    visit: &Visit,
    team: (&OrgParam, &TeamParam),
    bound: &BoundPackage,
) -> ApiResult<Done> {
    let seat = Seat::of_caller(visit, team).await?;
    let package = own(visit, &seat, bound.package.as_ref())?.clone();
    let absent = format!("{package} is not bound to {}", seat.spelt());
    let by = visit.actor();
    let released = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let was = teams::release(tx, seat.team.id, &package).await?;
            if was {
                let event = by.did("team.release", seat.spelt(), package.as_str(), now);
                audit::insert(tx, &event).await?;
            }
            Ok(was)
        })
    });
    if released.await? {
        Ok(Done::YES)
    } else {
        Err(ApiError::not_found(absent))
    }
}
