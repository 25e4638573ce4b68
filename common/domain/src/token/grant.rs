//! What a limited token may touch: packages by name or scope, organisations by name.
//!
//! Names are compared, never looked up: a token for packages that do not exist yet is limited
//! to them from the first day.
//!
//! Source: the granular fields of `npm token create`, npm 11.

use serde::{Deserialize, Serialize};

use crate::PackageName;

/// Most names of each kind in one grant.
pub const MAX_NAMES: usize = 50;

/// What a token is limited to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Whether it is for every package.
    pub every_package: bool,
    /// Packages that it is for.
    pub packages: Vec<PackageName>,
    /// Scopes whose packages it is for, without their `@`.
    pub scopes: Vec<String>,
    /// What it may do to them.
    pub packages_permission: Permission,
    /// Organisations that it is for.
    pub orgs: Vec<String>,
    /// What it may do to them.
    pub orgs_permission: Permission,
}

/// What may be done to something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// No more than anybody may.
    #[default]
    NoAccess,
    /// Look at it.
    ReadOnly,
    /// Change it.
    ReadWrite,
    /// Look at it, and propose versions for somebody else to publish.
    ReadWriteStageOnly,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 4] = [
        Self::NoAccess,
        Self::ReadOnly,
        Self::ReadWrite,
        Self::ReadWriteStageOnly,
    ];

    /// Returns the word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoAccess => "no-access",
            Self::ReadOnly => "read-only",
            Self::ReadWrite => "read-write",
            Self::ReadWriteStageOnly => "read-write-stage-only",
        }
    }

    /// Says whether looking is permitted.
    pub fn may_read(self) -> bool {
        self != Self::NoAccess
    }

    /// Says whether changing is permitted.
    pub fn may_write(self) -> bool {
        self == Self::ReadWrite
    }
}

impl Grant {
    /// Returns what may be done to a package, whether it exists or not.
    pub fn on_package(&self, name: &PackageName) -> Permission {
        let is_of_scope = |scope: &str| self.scopes.iter().any(|one| one == scope);
        let is_named = self.packages.contains(name) || name.scope().is_some_and(is_of_scope);
        if self.every_package || is_named {
            self.packages_permission
        } else {
            Permission::NoAccess
        }
    }

    /// Returns what may be done to an organisation.
    pub fn on_org(&self, name: &str) -> Permission {
        if self.orgs.iter().any(|one| one == name) {
            self.orgs_permission
        } else {
            Permission::NoAccess
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_scopes_are_compared_whole() {
        let grant = Grant {
            packages: vec![PackageName::parse("left-pad").unwrap()],
            scopes: vec!["team".to_owned()],
            packages_permission: Permission::ReadWrite,
            ..Grant::default()
        };
        for (name, may) in [
            ("left-pad", true),
            ("@team/anything", true),
            ("left-pad2", false),
            ("Left-Pad", false),
            ("@left-pad/x", false),
            ("@teams/x", false),
            ("@Team/x", false),
            ("team", false),
        ] {
            let permission = grant.on_package(&PackageName::parse(name).unwrap());
            assert_eq!(permission.may_write(), may, "{name}");
            assert_eq!(permission.may_read(), may, "{name}");
        }
        let nothing = Grant {
            packages_permission: Permission::ReadWrite,
            ..Grant::default()
        };
        let any = PackageName::parse("a").unwrap();
        assert_eq!(nothing.on_package(&any), Permission::NoAccess);
        let everything = Grant {
            every_package: true,
            ..nothing
        };
        assert_eq!(everything.on_package(&any), Permission::ReadWrite);
    }

    #[test]
    fn the_words_are_those_that_are_stored() {
        for permission in Permission::ALL {
            let stored = serde_json::to_value(permission).unwrap();
            assert_eq!(stored, permission.as_str());
        }
    }
}
