//! Makes and removes organisations.

use weir_domain::org::Role;
use weir_store::{StoreError, audit, clock, orgs};

use super::{Standing, model::NewOrg};
use crate::{
    auth::Admin,
    blocks::Done,
    error::{ApiError, ApiResult, Code},
    names::OrgParam,
    visit::Visit,
};

pub(super) async fn create(visit: &Visit, admin: &Admin, new: &NewOrg) -> ApiResult<Done> {
    let Some(name) = new.name.clone() else {
        return Err(ApiError::invalid_field("name", "must be given"));
    };
    let taken = ApiError::new(
        Code::Conflict,
        format!("There is an organisation {name} already"),
    );
    let (description, by, owner) = (new.description.clone(), visit.actor(), admin.id);
    let made = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let org = orgs::insert(tx, &name, description.as_deref(), now).await?;
            orgs::put_member(tx, org, (owner, Role::Owner), now).await?;
            audit::insert(tx, &by.did("org.create", name.as_str(), "", now)).await
        })
    });
    match made.await {
        Ok(()) => Ok(Done::YES),
        Err(StoreError::AlreadyExists(_)) => Err(taken),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn remove(visit: &Visit, org: &OrgParam) -> ApiResult<Done> {
    let standing = Standing::of_caller(visit, org).await?;
    let by = visit.actor();
    let removed = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            orgs::remove(tx, standing.org.id).await?;
            audit::insert(tx, &by.did("org.remove", standing.name.as_str(), "", now)).await
        })
    });
    removed.await?;
    Ok(Done::YES)
}
