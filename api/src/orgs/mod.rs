//! Organisations and who belongs to them, as `npm org` asks.
//!
//! Administrators of the service make them; their owners and administrators see to the rest.
//! To whoever does not belong to one it looks as one that is not there.

mod manage;
mod members;
mod model;
mod standing;

use poem_openapi::{OpenApi, param::Path};

use self::model::{NewMember, NewOrg, OrgItem, OrgMembership};
pub(crate) use self::{
    model::{MAX_DESCRIPTION_CHARS, NamedUser, Names, Words, group_name},
    standing::{Standing, find_user},
};
use crate::{
    auth::{Admin, SignedIn},
    blocks::Done,
    error::ApiResult,
    names::OrgParam,
    payload::{Checked, NoStore, Wire},
    tags::Tag,
    visit::Visit,
};

/// `/-/org…`.
#[derive(Debug)]
pub(crate) struct OrgsApi;

#[OpenApi(tag = "Tag::Orgs")]
impl OrgsApi {
    /// Makes an organisation
    ///
    /// Whoever makes it owns it.
    #[oai(path = "/-/org", method = "put", operation_id = "create_org")]
    async fn create(
        &self,
        visit: Visit,
        admin: Admin,
        body: Checked<NewOrg>,
    ) -> ApiResult<NoStore<Wire<Done>>> {
        manage::create(&visit, &admin, &body)
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Returns an organisation
    ///
    /// What it is for, and since when it is there; for its members.
    #[oai(path = "/-/org/:org", method = "get", operation_id = "show_org")]
    async fn show(
        &self,
        visit: Visit,
        _user: SignedIn,
        org: Path<OrgParam>,
    ) -> ApiResult<NoStore<Wire<OrgItem>>> {
        let standing = Standing::of_caller(&visit, &org).await?;
        Ok(NoStore(Wire(OrgItem::from(&standing))))
    }

    /// Removes an organisation, with its teams
    ///
    /// What was bound to its teams stays closed until it is said to be public.
    #[oai(path = "/-/org/:org", method = "delete", operation_id = "remove_org")]
    async fn remove(
        &self,
        visit: Visit,
        _admin: Admin,
        org: Path<OrgParam>,
    ) -> ApiResult<NoStore<Wire<Done>>> {
        manage::remove(&visit, &org).await.map(Wire).map(NoStore)
    }

    /// Lists who belongs to an organisation
    ///
    /// Each user with their role: `developer`, `admin` or `owner`; for its members.
    #[oai(
        path = "/-/org/:org/user",
        method = "get",
        operation_id = "list_org_members"
    )]
    async fn members(
        &self,
        visit: Visit,
        _user: SignedIn,
        org: Path<OrgParam>,
    ) -> ApiResult<NoStore<Wire<Words>>> {
        members::list(&visit, &org).await.map(Wire).map(NoStore)
    }

    /// Makes a user a member of an organisation, or gives them another role
    ///
    /// For its owners and administrators; these have no say over owners. Its last owner stays one
    /// until somebody else is, or an administrator of the service says otherwise: 409. If an administrator of
    /// the service names an organisation that is not there, it is made.
    #[oai(
        path = "/-/org/:org/user",
        method = "put",
        operation_id = "set_org_member"
    )]
    async fn set_member(
        &self,
        visit: Visit,
        _user: SignedIn,
        org: Path<OrgParam>,
        body: Checked<NewMember>,
    ) -> ApiResult<NoStore<Wire<OrgMembership>>> {
        members::set(&visit, &org, &body)
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Has a user belong to an organisation and its teams no more
    ///
    /// For its owners and administrators, and for the user. Its last owner stays: 409, but where an
    /// administrator of the service asks.
    #[oai(
        path = "/-/org/:org/user",
        method = "delete",
        operation_id = "remove_org_member"
    )]
    async fn remove_member(
        &self,
        visit: Visit,
        _user: SignedIn,
        org: Path<OrgParam>,
        body: Checked<NamedUser>,
    ) -> ApiResult<NoStore<Wire<Done>>> {
        members::remove(&visit, &org, &body)
            .await
            .map(Wire)
            .map(NoStore)
    }
}
