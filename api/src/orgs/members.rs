//! Who belongs to an organisation: listing, admitting, letting go.

use weir_domain::{OrgId, OrgName, Timestamp, UserId, org::Role};
use weir_store::{StoreError, Tx, audit, clock, orgs, users::User};

use super::{
    model::{NamedUser, NewMember, OrgMembership, OrgSize, Words},
    standing::{Standing, absent, find_user},
};
use crate::{
    blocks::Done,
    error::{ApiError, ApiResult, Code},
    names::OrgParam,
    visit::Visit,
};

pub(super) async fn list(visit: &Visit, org: &OrgParam) -> ApiResult<Words> {
    let standing = Standing::of_caller(visit, org).await?;
    let members = orgs::members(visit.running().reader(), standing.org.id).await?;
    let words = members.into_iter();
    Ok(words
        .map(|member| (member.name, member.role.as_str()))
        .collect())
}

pub(super) async fn set(
    visit: &Visit,
    org: &OrgParam,
    new: &NewMember,
) -> ApiResult<OrgMembership> {
    let (name, role) = (org.to_read()?.clone(), new.role);
    let is_there = orgs::find(visit.running().reader(), &name).await?.is_some();
    let standing = if is_there || !visit.caller.is_admin() {
        Some(Standing::of_caller(visit, org).await?)
    } else {
        None
    };
    if let Some(standing) = &standing {
        standing.manages()?;
        standing.has_say(Some(role))?;
    }
    let user = find_user(visit, new.user.as_deref()).await?;
    if let Some(standing) = &standing {
        standing.has_say(role_of(visit, standing, &user).await?)?;
    }
    let (by, target, member) = (visit.actor(), name.clone(), user.id);
    let detail = format!("{} {}", user.name, role.as_str());
    let may_orphan = role == Role::Owner || visit.caller.is_admin();
    let set = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let org = ensure(tx, &target, &by, now).await?;
            if !may_orphan && is_last_owner(tx, org, member).await? {
                return Ok(None);
            }
            orgs::put_member(tx, org, (member, role), now).await?;
            let event = by.did("org.set_member", target.as_str(), detail, now);
            audit::insert(tx, &event).await?;
            Ok(Some(orgs::members(&**tx, org).await?.len()))
        })
    });
    let set = set.await.map_err(|error| match error {
        StoreError::NotFound { .. } => absent(&name),
        error => error.into(),
    });
    let size = set?.ok_or_else(|| last_owner(&user, &name))?;
    Ok(OrgMembership {
        org: OrgSize {
            name: name.to_string(),
            size: size as u64,
        },
        user: user.name,
        role: role.as_str().to_owned(),
    })
}

/// Returns the organisation, made if it is not there.
async fn ensure(
    tx: &Tx,
    name: &OrgName,
    by: &audit::Actor,
    now: Timestamp,
) -> Result<OrgId, StoreError> {
    if let Some(org) = orgs::find(&**tx, name).await? {
        return Ok(org.id);
    }
    let org = orgs::insert(tx, name, None, now).await?;
    let event = by.clone().did("org.create", name.as_str(), "", now);
    audit::insert(tx, &event).await?;
    Ok(org)
}

pub(super) async fn remove(visit: &Visit, org: &OrgParam, who: &NamedUser) -> ApiResult<Done> {
    let standing = Standing::of_caller(visit, org).await?;
    let user = find_user(visit, who.user.as_deref()).await?;
    let is_self = visit.caller.user().is_some_and(|me| me.id == user.id);
    if !is_self {
        standing.manages()?;
        standing.has_say(role_of(visit, &standing, &user).await?)?;
    }
    let by = visit.actor();
    let (id, name) = (standing.org.id, standing.name.clone());
    let (member, detail) = (user.id, user.name.clone());
    let may_orphan = visit.caller.is_admin();
    let removed = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            if !may_orphan && is_last_owner(tx, id, member).await? {
                return Ok(None);
            }
            let was = orgs::remove_member(tx, id, member).await?;
            if was {
                let event = by.did("org.remove_member", name.as_str(), detail, now);
                audit::insert(tx, &event).await?;
            }
            Ok(Some(was))
        })
    });
    let was = removed.await?;
    if was.ok_or_else(|| last_owner(&user, &standing.name))? {
        return Ok(Done::YES);
    }
    let sentence = format!("{} does not belong to {}", user.name, standing.name);
    Err(ApiError::not_found(sentence))
}

/// Says whether nobody else owns the organisation that this user owns.
async fn is_last_owner(tx: &Tx, org: OrgId, user: UserId) -> Result<bool, StoreError> {
    let has_other = orgs::has_other_owner(tx, org, user).await?;
    Ok(!has_other && orgs::role_of(&**tx, org, user).await? == Some(Role::Owner))
}

fn last_owner(user: &User, org: &OrgName) -> ApiError {
    let sentence = format!(
        "{} is the last owner of {org}: make somebody else an owner first",
        user.name
    );
    ApiError::new(Code::Conflict, sentence)
}

async fn role_of(visit: &Visit, standing: &Standing, user: &User) -> ApiResult<Option<Role>> {
    Ok(orgs::role_of(visit.running().reader(), standing.org.id, user.id).await?)
}
