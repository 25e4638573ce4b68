//! Where somebody stands in an organisation: what they may know and do there.

use weir_domain::{OrgName, org::Role};
use weir_store::{
    orgs::{self, Org},
    users::{self, User},
};

use crate::{
    error::{ApiError, ApiResult},
    names::OrgParam,
    visit::Visit,
};

/// An organisation that the caller may know of.
#[derive(Debug)]
pub(crate) struct Standing {
    /// Its name.
    pub(crate) name: OrgName,
    /// The organisation.
    pub(crate) org: Org,
    /// What the caller may do; an administrator of the service may what owners may.
    pub(crate) role: Role,
}

impl Standing {
    /// Finds out where the caller stands.
    ///
    /// # Errors
    /// 404 if there is no such organisation, or they do not belong to it.
    pub(crate) async fn of_caller(visit: &Visit, org: &OrgParam) -> ApiResult<Self> {
        let name = org.to_read()?;
        let absent = || absent(name);
        let db = visit.running().reader();
        let org = orgs::find(db, name).await?.ok_or_else(absent)?;
        let role = match visit.caller.user() {
            Some(user) if user.is_admin => Some(Role::Owner),
            Some(user) => orgs::role_of(db, org.id, user.id).await?,
            None => None,
        };
        Ok(Self {
            name: name.clone(),
            role: role.ok_or_else(absent)?,
            org,
        })
    }

    /// Goes on if the caller manages the organisation.
    ///
    /// # Errors
    /// 403 if they only belong to it.
    pub(crate) fn manages(&self) -> ApiResult<()> {
        if self.role >= Role::Admin {
            return Ok(());
        }
        Err(ApiError::forbidden(format!(
            "Only an owner or administrator of {} may do this",
            self.name
        )))
    }

    /// Goes on if the caller has a say over somebody of this role: nobody has over those above.
    ///
    /// # Errors
    /// 403 for what only an owner may.
    pub(crate) fn has_say(&self, over: Option<Role>) -> ApiResult<()> {
        if over <= Some(self.role) {
            return Ok(());
        }
        Err(ApiError::forbidden(format!(
            "Only an owner of {} may do this to an owner",
            self.name
        )))
    }
}

/// The error for an organisation that is not there, or that the caller may not know of.
pub(super) fn absent(name: &OrgName) -> ApiError {
    ApiError::not_found(format!("There is no organisation {name}"))
}

/// Returns the user that a request names.
///
/// # Errors
/// 422 if it names none, 404 if there is none of that name.
pub(crate) async fn find_user(visit: &Visit, name: Option<&str>) -> ApiResult<User> {
    let name = name.map(|name| name.strip_prefix('@').unwrap_or(name));
    let name = name.filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| ApiError::invalid_field("user", "must be given"))?;
    let found = users::find_by_name(visit.running().reader(), name).await?;
    let shown = weir_domain::text::printable(name, 100);
    found.ok_or_else(|| ApiError::not_found(format!("There is no user {shown}")))
}
