//! Who may read and publish packages, as `npm access` asks.
//!
//! What a package is closed by is in `weir_store::access`; who is let in, at every read, in
//! [`crate::packages::admit`].

mod change;
mod list;
mod model;

use poem_openapi::{OpenApi, param::Path};

use self::model::{AccessChange, Visibility};
use crate::{
    auth::{Caller, SignedIn},
    blocks::Done,
    error::ApiResult,
    names::{Fullname, OrgParam, UserParam},
    orgs::Words,
    payload::{Checked, NoStore, Wire},
    tags::Tag,
    visit::Visit,
};

/// `/-/package/{fullname}/{access, collaborators, visibility}` and what is bound to whom.
#[derive(Debug)]
pub(crate) struct AccessApi;

#[OpenApi(tag = "Tag::Access")]
impl AccessApi {
    /// Opens or closes a package
    ///
    /// A `restricted` one is read by members of the teams that it is bound to, and looks to
    /// everybody else as one that is not there; on every process within a second. For owners and
    /// administrators of the organisation of its scope, and of the service. It need not be
    /// mirrored.
    #[oai(
        path = "/-/package/:fullname/access",
        method = "post",
        operation_id = "change_access"
    )]
    async fn change(
        &self,
        visit: Visit,
        _user: SignedIn,
        fullname: Path<Fullname>,
        body: Checked<AccessChange>,
    ) -> ApiResult<NoStore<Wire<Done>>> {
        change::change(&visit, fullname.to_write()?, &body)
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Says whether everybody may read a package
    ///
    /// Asked by whom it is closed to, it is not there.
    #[oai(
        path = "/-/package/:fullname/visibility",
        method = "get",
        operation_id = "show_visibility"
    )]
    async fn visibility(
        &self,
        visit: Visit,
        _caller: Caller,
        fullname: Path<Fullname>,
    ) -> ApiResult<NoStore<Wire<Visibility>>> {
        list::visibility(&visit, fullname.to_read()?)
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Lists who may do something with a package, by their teams
    ///
    /// Each user with `read` or `write`.
    #[oai(
        path = "/-/package/:fullname/collaborators",
        method = "get",
        operation_id = "list_collaborators"
    )]
    async fn collaborators(
        &self,
        visit: Visit,
        _user: SignedIn,
        fullname: Path<Fullname>,
    ) -> ApiResult<NoStore<Wire<Words>>> {
        list::collaborators(&visit, fullname.to_read()?)
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Lists what is bound to teams of an organisation
    ///
    /// Each package with the most that one of them may do; for members of the organisation.
    #[oai(
        path = "/-/org/:org/package",
        method = "get",
        operation_id = "list_org_packages"
    )]
    async fn of_org(
        &self,
        visit: Visit,
        _user: SignedIn,
        org: Path<OrgParam>,
    ) -> ApiResult<NoStore<Wire<Words>>> {
        list::of_org(&visit, &org).await.map(Wire).map(NoStore)
    }

    /// Lists what a user may do by their teams
    ///
    /// Each package with `read` or `write`; for the user, and for administrators.
    #[oai(
        path = "/-/user/:user/package",
        method = "get",
        operation_id = "list_user_packages"
    )]
    async fn of_user(
        &self,
        visit: Visit,
        _user: SignedIn,
        user: Path<UserParam>,
    ) -> ApiResult<NoStore<Wire<Words>>> {
        list::of_user(&visit, &user).await.map(Wire).map(NoStore)
    }
}
