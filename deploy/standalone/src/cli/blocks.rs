//! What may be said about what nobody gets, and about who did what.

use std::{fmt, str::FromStr};

use clap::Args;
use weir_domain::{PackageName, Version};

use super::ServerArguments;

/// Arguments of `weir block`.
#[derive(Debug, Args)]
pub struct BlockArguments {
    /// What, as `name` or `name@version`; it need not be mirrored.
    #[arg(required = true, value_name = "NAME[@VERSION]")]
    pub targets: Vec<Target>,
    /// Why; whoever asks for it reads this.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}

/// Arguments of `weir unblock`.
#[derive(Debug, Args)]
pub struct UnblockArguments {
    /// What, as `name` or `name@version`.
    #[arg(required = true, value_name = "NAME[@VERSION]")]
    pub targets: Vec<Target>,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}

/// A package, or one version of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The package.
    pub name: PackageName,
    /// The version; all of them if absent.
    pub version: Option<Version>,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, version) = match text.rsplit_once('@') {
            // The one before a scope is no separator.
            Some((name, version)) if !name.is_empty() => (name, Some(version)),
            _ => (text, None),
        };
        let version = version.map(Version::parse).transpose();
        Ok(Self {
            name: PackageName::parse(name).map_err(|why| why.to_string())?,
            version: version.map_err(|why| why.to_string())?,
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.version {
            Some(version) => write!(f, "{}@{version}", self.name),
            None => write!(f, "{}", self.name),
        }
    }
}

/// Arguments of `weir audit`.
#[derive(Debug, Args)]
pub struct AuditArguments {
    /// Only what this user did; name or id.
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// Only this action (block.set), or all that is done to such things (block).
    #[arg(long, value_name = "WORD")]
    pub action: Option<String>,
    /// Only what was done to this; a package's name, say.
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,
    /// Only what was done at this instant or later (2026-01-01T00:00:00Z).
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only what was done before this instant.
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: u32,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}
