//! Lists, makes and removes teams.

use weir_store::{StoreError, audit, clock, teams};

use super::{Seat, model::NewTeam, spelt};
use crate::{
    blocks::Done,
    error::{ApiError, ApiResult, Code},
    names::{OrgParam, TeamParam},
    orgs::{Names, Standing},
    visit::Visit,
};

pub(super) async fn list(visit: &Visit, org: &OrgParam) -> ApiResult<Names> {
    let standing = Standing::of_caller(visit, org).await?;
    let names = teams::list(visit.running().reader(), standing.org.id).await?;
    let names = names.into_iter();
    let names = names.map(|name| format!("{}:{name}", standing.name));
    Ok(Names(names.collect()))
}

pub(super) async fn create(visit: &Visit, org: &OrgParam, new: &NewTeam) -> ApiResult<Done> {
    let standing = Standing::of_caller(visit, org).await?;
    standing.manages()?;
    let Some(name) = new.name.clone() else {
        return Err(ApiError::invalid_field("name", "must be given"));
    };
    let (target, org) = (spelt(&standing.name, &name), standing.org.id);
    let taken = ApiError::new(Code::Conflict, format!("There is a team {target} already"));
    let (description, by) = (new.description.clone(), visit.actor());
    let made = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            teams::insert(tx, org, (&name, description.as_deref()), now).await?;
            audit::insert(tx, &by.did("team.create", target, "", now)).await
        })
    });
    match made.await {
        Ok(()) => Ok(Done::YES),
        Err(StoreError::AlreadyExists(_)) => Err(taken),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn remove(visit: &Visit, team: (&OrgParam, &TeamParam)) -> ApiResult<Done> {
    let seat = Seat::of_caller(visit, team).await?;
    seat.standing.manages()?;
    let by = visit.actor();
    let removed = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            teams::remove(tx, seat.team.id).await?;
            audit::insert(tx, &by.did("team.remove", seat.spelt(), "", now)).await
        })
    });
    removed.await?;
    Ok(Done::YES)
}
