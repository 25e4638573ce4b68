//! Who is in a team: listing, adding, taking out.

use weir_store::{audit, clock, orgs, teams};

use super::Seat;
use crate::{
    blocks::Done,
    error::{ApiError, ApiResult},
    names::{OrgParam, TeamParam},
    orgs::{NamedUser, Names, find_user},
    visit::Visit,
};

pub(super) async fn list(visit: &Visit, team: (&OrgParam, &TeamParam)) -> ApiResult<Names> {
    let seat = Seat::of_caller(visit, team).await?;
    let names = teams::members(visit.running().reader(), seat.team.id).await?;
    Ok(Names(names))
}

pub(super) async fn add(
    visit: &Visit,
    team: (&OrgParam, &TeamParam),
    who: &NamedUser,
) -> ApiResult<Done> {
    let seat = Seat::of_caller(visit, team).await?;
    seat.standing.manages()?;
    let user = find_user(visit, who.user.as_deref()).await?;
    let (db, org) = (visit.running().reader(), seat.standing.org.id);
    if orgs::role_of(db, org, user.id).await?.is_none() {
        return Err(ApiError::forbidden(format!(
            "{} must belong to {} before joining a team of it",
            user.name, seat.standing.name
        )));
    }
    let by = visit.actor();
    let added = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            teams::put_member(tx, seat.team.id, user.id, now).await?;
            let event = by.did("team.add_member", seat.spelt(), user.name, now);
            audit::insert(tx, &event).await
        })
    });
    added.await?;
    Ok(Done::YES)
}

pub(super) async fn remove(
    visit: &Visit,
    team: (&OrgParam, &TeamParam),
    who: &NamedUser,
) -> ApiResult<Done> {
    let seat = Seat::of_caller(visit, team).await?;
    let user = find_user(visit, who.user.as_deref()).await?;
    if visit.caller.user().is_none_or(|me| me.id != user.id) {
        seat.standing.manages()?;
    }
    let absent = format!("{} is not in {}", user.name, seat.spelt());
    let by = visit.actor();
    let removed = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let was = teams::remove_member(tx, seat.team.id, user.id).await?;
            if was {
                let event = by.did("team.remove_member", seat.spelt(), user.name, now);
                audit::insert(tx, &event).await?;
            }
            Ok(was)
        })
    });
    if removed.await? {
        Ok(Done::YES)
    } else {
        Err(ApiError::not_found(absent))
    }
}
