//! Teams of organisations, as `npm team` and `npm access` ask: who is in them, what is bound to
//! them.
//!
//! Whoever belongs to the organisation sees them, its owners and administrators change them.

mod manage;
mod members;
mod model;
mod packages;

use poem_openapi::{OpenApi, param::Path};
use weir_domain::{OrgName, TeamName};
use weir_store::teams::{self, Team};

use self::model::{BoundPackage, NewBinding, NewTeam, TeamItem};
use crate::{
    auth::SignedIn,
    blocks::Done,
    error::{ApiError, ApiResult},
    names::{OrgParam, TeamParam},
    orgs::{NamedUser, Names, Standing, Words},
    payload::{Checked, NoStore, Wire},
    tags::Tag,
    visit::Visit,
};

/// `/-/org/{org}/team` and `/-/team…`.
#[derive(Debug)]
pub(crate) struct TeamsApi;

#[OpenApi(tag = "Tag::Teams")]
impl TeamsApi {
    /// Lists the teams of an organisation
    ///
    /// As `organisation:team`; for its members.
    #[oai(path = "/-/org/:org/team", method = "get", operation_id = "list_teams")]
    async fn list(
        &self,
        visit: Visit,
        _user: SignedIn,
        org: Path<OrgParam>,
    ) -> ApiResult<NoStore<Wire<Names>>> {
        manage::list(&visit, &org).await.map(Wire).map(NoStore)
    }

    /// Makes a team
    ///
    /// For owners and administrators of the organisation.
    #[oai(
        path = "/-/org/:org/team",
        method = "put",
        operation_id = "create_team"
    )]
    async fn create(
        &self,
        visit: Visit,
        _user: SignedIn,
        org: Path<OrgParam>,
        body: Checked<NewTeam>,
    ) -> ApiResult<NoStore<Wire<Done>>> {
        manage::create(&visit, &org, &body)
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Returns a team
    ///
    /// What it is for, and since when it is there; for members of the organisation.
    #[oai(
        path = "/-/team/:org/:team",
        method = "get",
        operation_id = "show_team"
    )]
    async fn show(
        &self,
        visit: Visit,
        _user: SignedIn,
        org: Path<OrgParam>,
        team: Path<TeamParam>,
    ) -> ApiResult<NoStore<Wire<TeamItem>>> {
        let seat = Seat::of_caller(&visit, (&org, &team)).await?;
        Ok(NoStore(Wire(TeamItem::from(&seat))))
    }

    /// Removes a team
    ///
    /// What was bound to it stays closed until it is said to be public.
    #[oai(
        path = "/-/team/:org/:team",
        method = "delete",
        operation_id = "remove_team"
    )]
    async fn remove(
        &self,
        visit: Visit,
        _user: SignedIn,
        org: Path<OrgParam>,
        team: Path<TeamParam>,
    ) -> ApiResult<NoStore<Wire<Done>>> {
        manage::remove(&visit, (&org, &team))
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Lists who is in a team
    ///
    /// By name; for members of the organisation.
    #[oai(
        path = "/-/team/:org/:team/user",
        method = "get",
        operation_id = "list_team_members"
    )]
    async fn members(
        &self,
        visit: Visit,
        _user: SignedIn,
        org: Path<OrgParam>,
        team: Path<TeamParam>,
    ) -> ApiResult<NoStore<Wire<Names>>> {
        members::list(&visit, (&org, &team))
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Adds a user to a team
    ///
    /// Who must belong to the organisation. For its owners and administrators.
    #[oai(
        path = "/-/team/:org/:team/user",
        method = "put",
        operation_id = "add_team_member"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn add_member(
        &self,
        visit: Visit,
        _user: SignedIn,
        org: Path<OrgParam>,
        team: Path<TeamParam>,
        body: Checked<NamedUser>,
    ) -> ApiResult<NoStore<Wire<Done>>> {
        members::add(&visit, (&org, &team), &body)
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Takes a user out of a team
    ///
    /// For owners and administrators of the organisation, and for the user.
    #[oai(
        path = "/-/team/:org/:team/user",
        method = "delete",
        operation_id = "remove_team_member"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn remove_member(
        &self,
        visit: Visit,
        _user: SignedIn,
        org: Path<OrgParam>,
        team: Path<TeamParam>,
        body: Checked<NamedUser>,
    ) -> ApiResult<NoStore<Wire<Done>>> {
        members::remove(&visit, (&org, &team), &body)
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Lists what is bound to a team
    ///
    /// Each package with what the team may do: `read` or `write`.
    #[oai(
        path = "/-/team/:org/:team/package",
        method = "get",
        operation_id = "list_team_packages"
    )]
    async fn packages(
        &self,
        visit: Visit,
        _user: SignedIn,
        org: Path<OrgParam>,
        team: Path<TeamParam>,
    ) -> ApiResult<NoStore<Wire<Words>>> {
        packages::list(&visit, (&org, &team))
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Binds a package to a team
    ///
    /// From then on only those read it who are in a team that it is bound to, unless it was said
    /// to be public. For owners and administrators of the organisation, in its own scope; an
    /// administrator of the service binds anything. It need not be mirrored.
    #[oai(
        path = "/-/team/:org/:team/package",
        method = "put",
        operation_id = "bind_package"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn bind(
        &self,
        visit: Visit,
        _user: SignedIn,
        org: Path<OrgParam>,
        team: Path<TeamParam>,
        body: Checked<NewBinding>,
    ) -> ApiResult<NoStore<Wire<Done>>> {
        packages::bind(&visit, (&org, &team), &body)
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Takes a package from a team
    ///
    /// It stays closed until it is said to be public.
    #[oai(
        path = "/-/team/:org/:team/package",
        method = "delete",
        operation_id = "release_package"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn release(
        &self,
        visit: Visit,
        _user: SignedIn,
        org: Path<OrgParam>,
        team: Path<TeamParam>,
        body: Checked<BoundPackage>,
    ) -> ApiResult<NoStore<Wire<Done>>> {
        packages::release(&visit, (&org, &team), &body)
            .await
            .map(Wire)
            .map(NoStore)
    }
}

/// A team that the caller may know of.
#[derive(Debug)]
struct Seat {
    standing: Standing,
    name: TeamName,
    team: Team,
}

impl Seat {
    /// Finds a team, and where the caller stands in its organisation.
    async fn of_caller(visit: &Visit, (org, team): (&OrgParam, &TeamParam)) -> ApiResult<Self> {
        let standing = Standing::of_caller(visit, org).await?;
        let name = team.to_read()?;
        let found = teams::find(visit.running().reader(), standing.org.id, name).await?;
        let spelt = spelt(&standing.name, name);
        Ok(Self {
            team: found.ok_or_else(|| ApiError::not_found(format!("There is no team {spelt}")))?,
            name: name.clone(),
            standing,
        })
    }

    /// Returns its name with its organisation's.
    fn spelt(&self) -> String {
        spelt(&self.standing.name, &self.name)
    }
}

fn spelt(org: &OrgName, team: &TeamName) -> String {
    format!("{org}:{team}")
}
