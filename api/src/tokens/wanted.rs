//! What a token is wanted to be, and the most it may be: no more than who makes it.
//!
//! The table of restrictions keeps limited tokens from here; what they are would be inherited
//! all the same.

use std::time::Duration;

use weir_domain::{
    Timestamp,
    token::{Cidr, Grant},
};
use weir_store::tokens::NewToken;

use crate::{
    auth::User,
    error::{ApiError, ApiResult},
};

/// A day, of which `expires` counts some.
const DAY: Duration = Duration::from_secs(86_400);

/// What a new token is to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) is_admin: bool,
    pub(super) is_readonly: bool,
    pub(super) is_automation: bool,
    /// Days until it ends.
    pub(super) days: Option<u32>,
    pub(super) cidrs: Vec<Cidr>,
    pub(super) grant: Option<Grant>,
}

/// A [`Wanted`] that its maker may make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Granted {
    pub(super) wanted: Wanted,
    pub(super) expires_at: Option<Timestamp>,
}

impl Wanted {
    /// Fills in what the maker's credentials imply.
    ///
    /// # Errors
    /// 403 if they may not make this.
    pub(super) fn of(mut self, maker: &User, now: Timestamp) -> ApiResult<Granted> {
        let limits = &maker.restrictions;
        if self.is_admin && !maker.is_admin {
            let sentence = "Only credentials that carry admin rights make a token that does";
            return Err(ApiError::forbidden(sentence));
        }
        let wanted_end = self.days.map(|days| now.plus(DAY * days));
        let expires_at = match (wanted_end, limits.expires_at) {
            (Some(end), Some(makers)) if end > makers => {
                let sentence = "A token cannot make one that outlives it";
                return Err(ApiError::forbidden(sentence));
            }
            (end, makers) => end.or(makers),
        };
        if !limits.cidrs.is_empty() {
            if self.cidrs.is_empty() {
                self.cidrs.clone_from(&limits.cidrs);
            }
            let is_within = |cidr: &Cidr| limits.cidrs.iter().any(|makers| makers.covers(cidr));
            if !self.cidrs.iter().all(is_within) {
                let sentence = "A token cannot make one for addresses that are not its own";
                return Err(ApiError::forbidden(sentence));
            }
        }
        self.is_readonly |= limits.is_readonly;
        self.is_automation |= limits.is_automation;
        self.grant = limits.grant.clone().or(self.grant);
        Ok(Granted {
            wanted: self,
            expires_at,
        })
    }
}

impl Granted {
    /// Returns it as the store takes it.
    pub(super) fn as_new(&self) -> NewToken<'_> {
        let wanted = &self.wanted;
        NewToken {
            name: wanted.name.as_deref(),
            description: wanted.description.as_deref(),
            is_admin: wanted.is_admin,
            is_readonly: wanted.is_readonly,
            is_automation: wanted.is_automation,
            expires_at: self.expires_at,
            cidrs: &wanted.cidrs,
            grant: wanted.grant.as_ref(),
            from_config: false,
        }
    }

    /// Says in a few words what it may not, for the trail.
    pub(super) fn limits(&self) -> String {
        let wanted = &self.wanted;
        let mut words: Vec<_> = [
            (wanted.is_admin, "admin"),
            (wanted.is_readonly, "read-only"),
            (wanted.is_automation, "automation"),
            (wanted.grant.is_some(), "limited"),
        ]
        .into_iter()
        .filter(|(is_so, _)| *is_so)
        .map(|(_, word)| word.to_owned())
        .collect();
        words.extend(self.expires_at.map(|end| format!("until {end}")));
        if !wanted.cidrs.is_empty() {
            let from: Vec<_> = wanted.cidrs.iter().map(Cidr::as_str).collect();
            words.push(format!("from {}", from.join(" ")));
        }
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use weir_domain::{PackageName, TokenId, UserId, token::Permission};

    use super::*;
    use crate::auth::{Credential, Restrictions};

    fn maker(is_admin: bool, restrictions: Restrictions) -> User {
        User {
            id: UserId::new(),
            name: "alice".to_owned(),
            is_admin,
            credential: Credential::Token(TokenId::new()),
            proved_at: None,
            restrictions,
        }
    }

    fn cidrs(texts: &[&str]) -> Vec<Cidr> {
        texts
            .iter()
            .map(|text| text.parse().expect("one"))
            .collect()
    }

    const NOW: Timestamp = Timestamp(0);

    #[test]
    fn a_token_is_never_more_than_its_maker() {
        let ends = |days: u32| Some(NOW.plus(DAY * days));
        let until = |days| Restrictions {
            expires_at: ends(days),
            ..Restrictions::default()
        };
        let wants = |days| Wanted {
            days,
            ..Wanted::default()
        };
        for (makers, wanted, got) in [
            (None, None, Ok(None)),
            (None, Some(9), Ok(ends(9))),
            (Some(5), None, Ok(ends(5))),
            (Some(5), Some(5), Ok(ends(5))),
            (Some(5), Some(4), Ok(ends(4))),
            (Some(5), Some(6), Err(())),
        ] {
            let limits = makers.map_or_else(Restrictions::default, until);
            let made = wants(wanted).of(&maker(false, limits), NOW);
            let made = made.map(|made| made.expires_at).map_err(drop);
            assert_eq!(made, got, "{makers:?} {wanted:?}");
        }
        let admin = Wanted {
            is_admin: true,
            ..Wanted::default()
        };
        for is_admin in [true, false] {
            let made = admin
                .clone()
                .of(&maker(is_admin, Restrictions::default()), NOW);
            assert_eq!(made.is_ok(), is_admin);
        }
    }

    #[test]
    fn a_token_is_for_no_more_places_than_its_maker() {
        for (makers, wanted, got) in [
            (&[][..], &["10.0.0.0/8"][..], Some(&["10.0.0.0/8"][..])),
            (&["10.0.0.0/8"], &[], Some(&["10.0.0.0/8"])),
            (&["10.0.0.0/8"], &["10.1.0.0/16"], Some(&["10.1.0.0/16"])),
            (&["10.0.0.0/8"], &["10.1.0.0/16", "192.0.2.1"], None),
            (&["10.1.0.0/16"], &["10.0.0.0/8"], None),
        ] {
            let limits = Restrictions {
                cidrs: cidrs(makers),
                ..Restrictions::default()
            };
            let wants = Wanted {
                cidrs: cidrs(wanted),
                ..Wanted::default()
            };
            let made = wants.of(&maker(false, limits), NOW).ok();
            assert_eq!(
                made.map(|made| made.wanted.cidrs),
                got.map(cidrs),
                "{wanted:?}"
            );
        }
    }

    #[test]
    fn what_its_maker_may_not_it_may_not_either() {
        let own = Grant {
            packages: vec![PackageName::parse("own").expect("a name")],
            packages_permission: Permission::ReadWrite,
            ..Grant::default()
        };
        let limits = Restrictions {
            is_readonly: true,
            is_automation: true,
            grant: Some(own.clone()),
            ..Restrictions::default()
        };
        let wants = Wanted {
            grant: Some(Grant {
                every_package: true,
                ..own.clone()
            }),
            ..Wanted::default()
        };
        let made = wants.of(&maker(false, limits), NOW).expect("made").wanted;
        assert!(made.is_readonly && made.is_automation);
        assert_eq!(made.grant, Some(own));
    }
}
