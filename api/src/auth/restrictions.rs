//! What credentials may not, of what their user may: the one table.
//!
//! Two restrictions hold wherever credentials are shown: until when, and from where. The others
//! depend on what the route is about ([`Kind`]). A limited token is outside its limits what no
//! token is: it reads what anybody may, so that installing works, and changes nothing.

use std::net::IpAddr;

use weir_domain::{
    PackageName, Timestamp,
    token::{Cidr, Grant},
};

use super::subject::{Kind, Subject};
use crate::error::{ApiError, ApiResult};

/// What credentials may not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Restrictions {
    /// Whether they only read.
    pub(crate) is_readonly: bool,
    /// Whether they are for machines, which have no business with accounts.
    pub(crate) is_automation: bool,
    /// When they stop holding.
    pub(crate) expires_at: Option<Timestamp>,
    /// Where they hold; anywhere if empty.
    pub(crate) cidrs: Vec<Cidr>,
    /// What they are limited to, if they are.
    pub(crate) grant: Option<Grant>,
}

/// What comes of a request, as far as its credentials go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It goes on as its user's.
    Allowed,
    /// It goes on as anybody's.
    AsNobody,
    /// It does not, and why.
    Refused(&'static str),
}

const READONLY: &str = "This token may only read";
const AUTOMATION: &str = "This token is for automation: it changes no account and no settings";
const PACKAGE: &str = "This token may not change this package";
const ORG: &str = "This token may not do this to this organisation";
const LIMITED: &str = "This token is limited to packages and organisations";

impl Restrictions {
    /// Checks what holds wherever they are shown.
    ///
    /// # Errors
    /// 401 if it is too late, or from elsewhere.
    pub(crate) fn hold(&self, now: Timestamp, client: IpAddr) -> ApiResult<()> {
        if self.expires_at.is_some_and(|end| end <= now) {
            return Err(super::invalid());
        }
        let is_home = |cidr: &Cidr| cidr.contains(client);
        if !self.cidrs.is_empty() && !self.cidrs.iter().any(is_home) {
            let sentence = "The token may not be used from this address";
            let refused = ApiError::unauthorized(sentence);
            return Err(refused.with_header(http::header::WWW_AUTHENTICATE, "ipaddress"));
        }
        Ok(())
    }

    /// Judges a request to a route of this kind, about the thing of this name.
    pub(super) fn judge(&self, kind: Kind, name: Option<&str>) -> Verdict {
        let Kind { subject, is_write } = kind;
        if self.is_readonly && is_write {
            return Verdict::Refused(READONLY);
        }
        let is_setting = matches!(
            subject,
            Subject::Account | Subject::Org | Subject::Administration
        );
        if self.is_automation && is_write && is_setting {
            return Verdict::Refused(AUTOMATION);
        }
        match &self.grant {
            Some(grant) => limited(grant, kind, name.unwrap_or_default()),
            None => Verdict::Allowed,
        }
    }
}

fn limited(grant: &Grant, Kind { subject, is_write }: Kind, name: &str) -> Verdict {
    let permission = match subject {
        Subject::Package => package(name).map(|name| grant.on_package(&name)),
        Subject::Org => Some(grant.on_org(name)),
        _ => None,
    };
    let permission = permission.unwrap_or_default();
    let may = if is_write {
        permission.may_write()
    } else {
        permission.may_read()
    };
    match subject {
        Subject::Open => Verdict::Allowed,
        Subject::Package | Subject::Org if may => Verdict::Allowed,
        Subject::Package if is_write => Verdict::Refused(PACKAGE),
        Subject::Org => Verdict::Refused(ORG),
        Subject::Package => Verdict::AsNobody,
        Subject::Many | Subject::Tasks if !is_write => Verdict::AsNobody,
        Subject::Many | Subject::Tasks | Subject::Account | Subject::Administration => {
            Verdict::Refused(LIMITED)
        }
    }
}

/// Reads what a path names: a package, or one version of it.
fn package(text: &str) -> Option<PackageName> {
    let is_version = |name: &str| !name.is_empty() && name != "@";
    let (name, _) = text
        .rsplit_once('@')
        .filter(|(name, _)| is_version(name))
        .unwrap_or((text, ""));
    PackageName::parse(name).ok()
}

#[cfg(test)]
mod tests;
