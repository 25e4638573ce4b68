//! The command line: what may be said, not what is done about it.

mod accounts;
mod blocks;
mod registries;

use clap::{Args, Parser, Subcommand};
use weir_config::{Flags, flags::ClientFlags};
use weir_domain::{
    PackageName, TaskId, Version,
    task::{ErrorCode, TaskKind, TaskState},
};

pub use self::{
    accounts::{
        CreateTokenArguments, LoginArguments, LogoutArguments, RevokeTokensArguments, TokenCommand,
    },
    blocks::{AuditArguments, BlockArguments, Target, UnblockArguments},
    registries::{
        AddRegistryArguments, ListArguments, RegistryArguments, RegistryCommand,
        RemoveRegistriesArguments, RemoveScopesArguments, ScopeCommand, SetRegistryArguments,
        SetScopeArguments, ShowRegistryArguments, SyncCatalogueArguments, said,
    },
};

/// A package-registry mirror whose synchronisation you can watch.
#[derive(Debug, Parser)]
#[command(name = "weir", version, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve packages and run tasks, in one process.
    Serve(Flags),
    /// Bring the database to the newest schema.
    Migrate(Flags),
    /// Print each setting with its origin.
    Config {
        /// The settings.
        #[command(flatten)]
        flags: Flags,
        /// Print the documentation of all settings instead.
        #[arg(long)]
        markdown: bool,
    },
    /// See to the secrets that the database holds.
    Secrets {
        /// What of it.
        #[command(subcommand)]
        command: SecretsCommand,
    },
    /// Sign in to a server, with the help of a browser, and keep the token.
    Login(LoginArguments),
    /// Sign out of a server, and forget the token.
    Logout(LogoutArguments),
    /// Ask a server to mirror packages.
    Sync(SyncArguments),
    /// List a server's tasks, newest first.
    Tasks(TasksArguments),
    /// Print the log of a task.
    Log(LogArguments),
    /// Withdraw your wish for tasks or, as an administrator, end them.
    Cancel(CancelArguments),
    /// Ask again for what failed, as new tasks.
    Retry(RetryArguments),
    /// Have a server serve packages or versions no more (administrators only).
    Block(BlockArguments),
    /// Lift blocks of packages or versions (administrators only).
    Unblock(UnblockArguments),
    /// Print who changed what on a server, newest first (administrators only).
    Audit(AuditArguments),
    /// Have a server read its stored blobs again (administrators only).
    Verify(VerifyArguments),
    /// Have a server delete the blobs that nothing refers to (administrators only).
    Gc(CollectArguments),
    /// See where packages and the catalogue come from, and change it (administrators only).
    Registry {
        /// What of it.
        #[command(subcommand)]
        command: RegistryCommand,
    },
    /// Say where the packages of a scope come from (administrators only).
    Scope {
        /// What of it.
        #[command(subcommand)]
        command: ScopeCommand,
    },
    /// Make, list and revoke your tokens.
    Token {
        /// What of it.
        #[command(subcommand)]
        command: TokenCommand,
    },
}

/// What is done about stored secrets.
#[derive(Debug, Subcommand)]
pub enum SecretsCommand {
    /// Seal every one anew with the first of the configured keys; others may go afterwards.
    Rotate(Flags),
}

/// Where a server is, as whomever.
#[derive(Debug, Args)]
pub struct PlaceArguments {
    /// The server; without it, the one that uses the data folder.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// Where the data folder is.
    #[command(flatten)]
    pub flags: ClientFlags,
}

/// Arguments of `weir sync`.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches of a command"
)]
pub struct SyncArguments {
    /// Packages, as `name` or `@scope/name`.
    #[arg(required = true, value_name = "NAME")]
    pub names: Vec<PackageName>,
    /// Show the log and wait until the packages and all they depend on are done.
    #[arg(long)]
    pub follow: bool,
    /// Leave out what the packages depend on.
    #[arg(long)]
    pub skip_dependencies: bool,
    /// Begin at once and compare everything (administrators only).
    #[arg(long)]
    pub force: bool,
    /// Fetch and verify every tarball again (administrators only).
    #[arg(long)]
    pub force_sync_history: bool,
    /// A version whose tarball is wanted; may be repeated.
    #[arg(long = "version", value_name = "VERSION", value_parser = Version::parse)]
    pub versions: Vec<Version>,
    /// A remark to keep with the request.
    #[arg(long, value_name = "TEXT")]
    pub tips: Option<String>,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}

/// Arguments of `weir tasks`.
#[derive(Debug, Args)]
pub struct TasksArguments {
    /// Only tasks in this state: waiting, processing, success or error.
    #[arg(long)]
    pub state: Option<TaskState>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// Go on: drawn anew on a terminal, elsewhere a line a change; Ctrl-C ends it.
    #[arg(long)]
    pub watch: bool,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}

/// Arguments of `weir cancel`.
#[derive(Debug, Args)]
pub struct CancelArguments {
    /// The tasks.
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<TaskId>,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}

/// Arguments of `weir retry`.
#[derive(Debug, Args)]
pub struct RetryArguments {
    /// The tasks; each must have ended in error.
    #[arg(
        value_name = "ID",
        required_unless_present = "failed",
        conflicts_with = "failed"
    )]
    pub ids: Vec<TaskId>,
    /// All that failed, unless it has succeeded or been tried since (administrators only).
    #[arg(long)]
    pub failed: bool,
    /// Of these, only tasks of this kind.
    #[arg(long, conflicts_with = "ids")]
    pub kind: Option<TaskKind>,
    /// Of these, only tasks that ended with this code; `cancelled` must be named.
    #[arg(long, conflicts_with = "ids")]
    pub code: Option<ErrorCode>,
    /// Of these, only tasks about this package.
    #[arg(long, value_name = "NAME", conflicts_with = "ids")]
    pub target: Option<String>,
    /// Of these, only tasks that read from this registry.
    #[arg(long, value_name = "NAME", conflicts_with = "ids")]
    pub registry: Option<String>,
    /// Of these, only tasks submitted at this instant or later (2026-01-01T00:00:00Z).
    #[arg(long, value_name = "TIME", conflicts_with = "ids")]
    pub since: Option<String>,
    /// Of these, only tasks submitted before this instant.
    #[arg(long, value_name = "TIME", conflicts_with = "ids")]
    pub until: Option<String>,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}

/// Arguments of `weir log`.
#[derive(Debug, Args)]
pub struct LogArguments {
    /// The task.
    pub id: TaskId,
    /// Go on until the task ends.
    #[arg(long)]
    pub follow: bool,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}

/// Arguments of `weir verify`.
#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// The packages whose blobs are read.
    #[arg(
        required_unless_present = "all",
        conflicts_with = "all",
        value_name = "NAME"
    )]
    pub names: Vec<PackageName>,
    /// Read all blobs.
    #[arg(long)]
    pub all: bool,
    /// Fetch damaged tarballs again at once, and not when they are next asked for.
    #[arg(long)]
    pub repair: bool,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}

/// Arguments of `weir gc`.
#[derive(Debug, Args)]
pub struct CollectArguments {
    /// Only say what would be deleted.
    #[arg(long)]
    pub dry_run: bool,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}

/// How a server is found; on the machine that serves, by itself.
#[derive(Debug, Clone, Args)]
pub struct ServerArguments {
    /// The server; without it, the one that uses the data folder.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// The token; without it, that of `weir login`, or the data folder's (for its own server only).
    #[arg(long, value_name = "TOKEN", hide_default_value = true)]
    pub token: Option<String>,
    /// Where the data folder is.
    #[command(flatten)]
    pub flags: ClientFlags,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_package_or_a_version_of_one() {
        for (text, name, version) in [
            ("a", "a", None),
            ("@s/a", "@s/a", None),
            ("a@1.0.0", "a", Some("1.0.0")),
            ("@s/a@1.0.0-rc.1", "@s/a", Some("1.0.0-rc.1")),
        ] {
            let target: Target = text.parse().expect(text);
            assert_eq!(
                (target.name.as_str(), target.to_string().as_str()),
                (name, text)
            );
            assert_eq!(target.version.as_ref().map(Version::as_str), version);
        }
        for text in [
            "",
            "@",
            "a@",
            "a@latest",
            "a@^1.0.0",
            "@s/a@",
            "a@1.0.0@2.0.0",
        ] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
