//! Who walks, what each may, and so what each gets.

use serde_json::{Value, json};
use weir_domain::{
    PackageName,
    token::{Grant, Permission},
};

use super::{PACKAGE, SCOPE, path_examples};
use crate::server::{ADMIN, ALICE};

/// Somebody who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    Stranger,
    User,
    /// Another user.
    Other,
    Admin,
    /// Shows a token that nobody has.
    Liar,
    /// The rest are tokens of the user's: one that has expired,
    Expired,
    /// from an address that it is not for,
    Foreign,
    /// from one that it is for,
    Home,
    /// that only reads,
    Reader,
    /// for automation,
    Machine,
    /// limited to the package that is asked for,
    Limited,
    /// to its scope,
    Scoped,
    /// to every package,
    Unlimited,
    /// to the package, for reading,
    Looker,
    /// to another package, that is there,
    Elsewhere,
    /// to another package and scope, that are not there.
    Unborn,
}

impl Caller {
    pub const ALL: [Self; 16] = [
        Self::Stranger,
        Self::User,
        Self::Other,
        Self::Admin,
        Self::Liar,
        Self::Expired,
        Self::Foreign,
        Self::Home,
        Self::Reader,
        Self::Machine,
        Self::Limited,
        Self::Scoped,
        Self::Unlimited,
        Self::Looker,
        Self::Elsewhere,
        Self::Unborn,
    ];

    pub fn token(self) -> Option<String> {
        match self {
            Self::Stranger => None,
            Self::User => Some(ALICE.to_owned()),
            Self::Admin => Some(ADMIN.to_owned()),
            other => Some(format!("npm_{other:?}-token-of-the-walk-0123456789")),
        }
    }

    /// Returns what a caller's token is limited to.
    pub fn grant(self) -> Option<Grant> {
        let of = |packages: &[&str], scopes: &[&str]| Grant {
            packages: packages.iter().map(|name| name_of(name)).collect(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            packages_permission: Permission::ReadWrite,
            ..Grant::default()
        };
        match self {
            Self::Limited => Some(of(&[PACKAGE], &[])),
            Self::Scoped => Some(of(&[], &[SCOPE])),
            Self::Unlimited => Some(Grant {
                every_package: true,
                ..of(&[], &[])
            }),
            Self::Looker => Some(Grant {
                packages_permission: Permission::ReadOnly,
                ..of(&[PACKAGE], &[])
            }),
            Self::Elsewhere => Some(of(&["elsewhere"], &[])),
            Self::Unborn => Some(of(&["nowhere"], &["no-scope"])),
            _ => None,
        }
    }

    /// Returns the status that this caller gets.
    pub fn status(self, path: &str, method: &str, operation: &Value) -> u16 {
        let id = operation["operationId"].as_str().expect("an id");
        // Where somebody signs in, what they show beside it plays no part.
        let signs_in = method == "put" && path.starts_with("/-/user/");
        if signs_in || path.starts_with("/-/v1/login") {
            return success(operation);
        }
        let is_read = method == "get" || READS.contains(&id);
        // It is asked of another package.
        if id == "change_access" && matches!(self, Self::Limited | Self::Scoped) {
            return 403;
        }
        let as_whom = self.stands_for(Family::of(path, method), is_read);
        as_whom.map_or_else(|status| status, |whom| whom.plain_status(id, operation))
    }

    /// Returns whom somebody without restrictions this caller is like, or the status that
    /// refuses them.
    fn stands_for(self, family: Family, is_read: bool) -> Result<Self, u16> {
        let is_setting = matches!(family, Family::Account | Family::Settings);
        match self {
            Self::Liar | Self::Expired | Self::Foreign => Err(401),
            Self::Stranger | Self::User | Self::Other | Self::Admin => Ok(self),
            Self::Reader if !is_read => Err(403),
            Self::Machine if !is_read && is_setting => Err(403),
            Self::Home | Self::Reader | Self::Machine => Ok(Self::User),
            Self::Limited | Self::Scoped | Self::Unlimited => family.limited(true, is_read),
            Self::Looker => family.limited(is_read, is_read),
            Self::Elsewhere | Self::Unborn => family.limited(false, is_read),
        }
    }

    /// Returns the status that the document says of somebody whose token is not restricted.
    fn plain_status(self, id: &str, operation: &Value) -> u16 {
        let security = operation["security"].as_array().expect("it is said");
        let names = |name: &str| security.iter().any(|one| one.get(name).is_some());
        let is_open = security.iter().any(|one| one == &json!({}));
        match self {
            Self::Stranger if !is_open => 401,
            Self::User | Self::Other if names("admin") => 403,
            Self::Other if is_about_org(operation) => 404,
            Self::Other => {
                let others = NOT_THEIRS.iter().find(|(theirs, _)| *theirs == id);
                others.map_or_else(|| success(operation), |(_, status)| *status)
            }
            _ => success(operation),
        }
    }
}

/// Says whether an operation is about an organisation; strangers to it do not know of it.
fn is_about_org(operation: &Value) -> bool {
    let names = path_examples(operation);
    names.iter().any(|(name, _)| name == "org")
}

fn name_of(text: &str) -> PackageName {
    PackageName::parse(text).expect("a name")
}

/// What reads, although its method is not GET: it makes what somebody needs to read, or asks
/// with a body.
const READS: [&str; 4] = [
    "create_log_ticket",
    "find_advisories",
    "audit_tree",
    "audit_tree_quickly",
];

/// What is about something of the user's, and what another gets.
const NOT_THEIRS: [(&str, u16); 8] = [
    ("cancel_catalogue_sync", 403),
    ("cancel_task", 403),
    ("change_access", 404),
    ("list_user_packages", 404),
    ("log_out", 404),
    ("revoke_npm_token", 404),
    ("revoke_token", 404),
    ("show_catalogue_sync_log", 403),
];

/// What a route is to a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// The service, or the caller.
    Open,
    /// The package that the path names.
    Package,
    /// Many packages, or tasks about any.
    Many,
    /// The caller's account.
    Account,
    /// How the service is set up: organisations, registries, its running.
    Settings,
}

impl Family {
    /// Returns whom a limited token is like, whose limits this is within or not: outside it is
    /// what anybody is.
    fn limited(self, is_within: bool, is_read: bool) -> Result<Caller, u16> {
        match self {
            Self::Open => Ok(Caller::User),
            Self::Package if is_within => Ok(Caller::User),
            Self::Package | Self::Many if is_read => Ok(Caller::Stranger),
            Self::Package | Self::Many | Self::Account | Self::Settings => Err(403),
        }
    }

    fn of(path: &str, method: &str) -> Self {
        const OPEN: [&str; 7] = [
            "/",
            "/-/ping",
            "/-/health",
            "/-/ready",
            "/-/whoami",
            "/-/npm/v1/keys",
            "/-/registry/{registry_id}/events",
        ];
        const MANY: [&str; 4] = [
            "/syncs",
            "/-/v1/search",
            "/-/npm/v1/security/",
            "/api/v1/sync",
        ];
        const ACCOUNT: [&str; 5] = [
            "/-/npm/v1/tokens",
            "/-/npm/v1/user",
            "/-/npm/v1/hooks",
            "/-/user/",
            "/api/v1/tokens",
        ];
        const SETTINGS: [&str; 6] = [
            "/-/admin/",
            "/-/metrics",
            "/-/registry",
            "/-/scope",
            "/-/org",
            "/-/team/",
        ];
        let begins = |starts: &[&str]| starts.iter().any(|start| path.starts_with(start));
        let looks_up = begins(&["/-/user/", "/-/registry"]) && method == "get";
        if OPEN.contains(&path) || begins(&["/api/v1/packages"]) {
            Self::Open
        } else if path.contains("{fullname}") || path.contains("{versioned_name}") {
            Self::Package
        } else if begins(&MANY) || looks_up {
            Self::Many
        } else if begins(&ACCOUNT) {
            Self::Account
        } else if begins(&SETTINGS) {
            Self::Settings
        } else {
            panic!("{method} {path}: what is that to a token?")
        }
    }
}

/// Returns the status of an operation that did what it is for.
fn success(operation: &Value) -> u16 {
    let statuses = operation["responses"].as_object().expect("responses");
    let statuses = statuses.keys().filter_map(|status| status.parse().ok());
    statuses.min().expect("a status")
}
