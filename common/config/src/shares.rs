//! What each caller may have of the process, and how callers are told apart.
//!
//! A caller is a user or, without credentials, an address; administrators have what they want,
//! and what package managers read is never limited. The defaults are for many machines behind
//! one address: they bound what a runaway script costs, not what a farm of builders does.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::{
    ConfigError,
    effective::Effective,
    kind::Kind,
    setting::{
        Fallback::{Text, Unset},
        Group, row,
    },
};

/// Its rows in the table of settings.
pub(crate) const GROUP: Group = Group {
    title: "Limits",
    settings: &[
        row(
            "trusted_proxies",
            Kind::Networks,
            Unset("none: a caller's address is its connection's"),
            "Proxies in front whose `X-Forwarded-For` says where a request comes from; read from the right, as far as it was written by one of these.",
        ),
        row(
            "limit_writes",
            Kind::Allowance,
            Text("20/s burst 400"),
            "Requests of one caller that change something, other than what `limit_tasks` is about.",
        ),
        row(
            "limit_tasks",
            Kind::Allowance,
            Text("20/s burst 2000"),
            "Tasks that one caller may ask for: syncs, retries.",
        ),
        row(
            "limit_search",
            Kind::Allowance,
            Text("10/s burst 200"),
            "Searches of one caller.",
        ),
        row(
            "limit_logs",
            Kind::Allowance,
            Text("100/s burst 2000"),
            "Times that one caller may begin to read or follow a task's log.",
        ),
        row(
            "limit_logins",
            Kind::Allowance,
            Text("1/s burst 120"),
            "Passwords tried from one address, right or wrong.",
        ),
        row(
            "limit_login_failures",
            Kind::Allowance,
            Text("2/min burst 10"),
            "Wrong passwords for one account from one address.",
        ),
        row(
            "limit_account_logins",
            Kind::Allowance,
            Text("1/s burst 300"),
            "Wrong passwords for one account from everywhere; who signed in from their address in the last 90 days is let try all the same.",
        ),
        row(
            "limit_all_logins",
            Kind::Allowance,
            Text("20/s burst 600"),
            "Passwords tried for all accounts of one process; who signed in from their address in the last 90 days is let try all the same.",
        ),
        row(
            "max_followers",
            Kind::Number(1, 1_000_000),
            Text("5000"),
            "Logs that are followed at the same time in one process; each takes a connection.",
        ),
        row(
            "max_followers_per_caller",
            Kind::Number(1, 1_000_000),
            Text("1000"),
            "Logs that one caller may follow at the same time in one process.",
        ),
    ],
};

/// What each caller may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shares {
    /// Whose word is taken for a caller's address.
    pub trusted_proxies: Vec<IpNet>,
    /// Requests that change something; `None` is without limit.
    pub writes: Option<Allowance>,
    /// Requests that make tasks.
    pub tasks: Option<Allowance>,
    /// Searches.
    pub search: Option<Allowance>,
    /// Reads of logs.
    pub logs: Option<Allowance>,
    /// Passwords tried from an address.
    pub logins: Option<Allowance>,
    /// Wrong ones for an account from an address.
    pub login_failures: Option<Allowance>,
    /// Wrong ones for an account from addresses that it is not known to come from.
    pub account_logins: Option<Allowance>,
    /// Those tried from such addresses for whatever account.
    pub all_logins: Option<Allowance>,
    /// Most followers of the process.
    pub followers: usize,
    /// Most followers of one caller.
    pub followers_per_caller: usize,
}

/// So many at once, and then at a steady rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// How many come back in a minute; at least 1.
    pub per_minute: u32,
    /// How many may be had at once; at least 1.
    pub burst: u32,
}

/// Everything without limit, nobody trusted.
impl Default for Shares {
    fn default() -> Self {
        Self {
            trusted_proxies: Vec::new(),
            writes: None,
            tasks: None,
            search: None,
            logs: None,
            logins: None,
            login_failures: None,
            account_logins: None,
            all_logins: None,
            followers: usize::MAX,
            followers_per_caller: usize::MAX,
        }
    }
}

impl Shares {
    pub(crate) fn read(from: &Effective) -> Result<Self, ConfigError> {
        let count = |key| {
            let number = from.number(key)?;
            Ok::<_, ConfigError>(usize::try_from(number).unwrap_or(usize::MAX))
        };
        Ok(Self {
            trusted_proxies: from.find("trusted_proxies", networks)?.unwrap_or_default(),
            writes: from.get("limit_writes", allowance)?,
            tasks: from.get("limit_tasks", allowance)?,
            search: from.get("limit_search", allowance)?,
            logs: from.get("limit_logs", allowance)?,
            logins: from.get("limit_logins", allowance)?,
            login_failures: from.get("limit_login_failures", allowance)?,
            account_logins: from.get("limit_account_logins", allowance)?,
            all_logins: from.get("limit_all_logins", allowance)?,
            followers: count("max_followers")?,
            followers_per_caller: count("max_followers_per_caller")?,
        })
    }
}

/// Reads a list of networks; a single address is a network of one.
fn networks(text: &str) -> Option<Vec<IpNet>> {
    let network = |text: &str| {
        let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
        text.parse().ok().or_else(address)
    };
    text.split(',').map(|one| network(one.trim())).collect()
}

/// Reads `20/s burst 400`; `0` is without limit.
#[expect(clippy::option_option, reason = "unreadable, without limit, limited")]
fn allowance(text: &str) -> Option<Option<Allowance>> {
    if text == "0" {
        return Some(None);
    }
    let (rate, burst) = text.split_once(" burst ")?;
    let (count, unit) = rate.split_once('/')?;
    let number = |text: &str| text.trim().parse::<u32>().ok().filter(|number| *number > 0);
    let seconds = match unit.trim() {
        "s" => 60,
        "min" => 1,
        _ => return None,
    };
    Some(Some(Allowance {
        per_minute: number(count)?.checked_mul(seconds)?,
        burst: number(burst)?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_is_a_rate_and_a_burst_or_none() {
        let limited = |per_minute, burst| Some(Some(Allowance { per_minute, burst }));
        for (text, read) in [
            ("20/s burst 400", limited(1_200, 400)),
            ("30/min burst 1", limited(30, 1)),
            ("0", Some(None)),
            ("0/s burst 4", None),
            ("4/s burst 0", None),
            ("4/s", None),
            ("4 burst 4", None),
            ("4/h burst 4", None),
            ("-4/s burst 4", None),
            ("4294967295/s burst 4", None),
            ("", None),
        ] {
            assert_eq!(allowance(text), read, "{text}");
        }
    }

    #[test]
    fn networks_are_listed_with_or_without_a_length() {
        let texts = |text| {
            let found = networks(text)?;
            Some(found.iter().map(IpNet::to_string).collect::<Vec<_>>())
        };
        assert_eq!(
            texts("10.0.0.0/8, 192.0.2.7,fd00::/8,::1"),
            Some(vec!["10.0.0.0/8", "192.0.2.7/32", "fd00::/8", "::1/128"])
                .map(|all| all.into_iter().map(str::to_owned).collect())
        );
        for text in ["", "10.0.0.0/33", "proxy.example", "10.0.0.1,", "10.0.0/8"] {
            assert_eq!(texts(text), None, "{text}");
        }
    }
}
