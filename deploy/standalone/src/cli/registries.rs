//! What may be said about registries and scopes.
//!
//! No secret is ever an argument: others read those in lists of processes. Whoever has one says
//! so, and it is read from standard input, each from a line of its own.

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::ServerArguments;

/// What to do about registries.
#[derive(Debug, Subcommand)]
pub enum RegistryCommand {
    /// List them by their slugs.
    List(ListArguments),
    /// Show one, without its secrets.
    Show(ShowRegistryArguments),
    /// Make one.
    Add(Box<AddRegistryArguments>),
    /// Change one; what is not said stays.
    Set(Box<SetRegistryArguments>),
    /// Remove them.
    Remove(RemoveRegistriesArguments),
    /// Have the catalogue follow its sources now.
    Sync(SyncCatalogueArguments),
}

/// What to do about scopes.
#[derive(Debug, Subcommand)]
pub enum ScopeCommand {
    /// List them by their names.
    List(ListArguments),
    /// Say where the packages of one come from.
    Set(SetScopeArguments),
    /// Forget them; new packages come from `default` then.
    Remove(RemoveScopesArguments),
}

/// Arguments of `weir registry list` and `weir scope list`.
#[derive(Debug, Args)]
pub struct ListArguments {
    /// Print a JSON object a line.
    #[arg(long)]
    pub json: bool,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}

/// Arguments of `weir registry show`.
#[derive(Debug, Args)]
pub struct ShowRegistryArguments {
    /// Its slug, name or id.
    #[arg(value_name = "REGISTRY")]
    pub registry: String,
    /// Print a JSON object.
    #[arg(long)]
    pub json: bool,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}

/// Arguments of `weir registry add`.
#[derive(Debug, Args)]
pub struct AddRegistryArguments {
    /// A name for people.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Where it answers.
    #[arg(long, value_name = "URL")]
    pub host: String,
    /// What it is called in addresses; made of its name if absent.
    #[arg(long, value_name = "SLUG")]
    pub slug: Option<String>,
    /// What else.
    #[command(flatten)]
    pub wanted: RegistryArguments,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}

/// Arguments of `weir registry set`.
#[derive(Debug, Args)]
pub struct SetRegistryArguments {
    /// Its slug, name or id.
    #[arg(value_name = "REGISTRY")]
    pub registry: String,
    /// A name for people.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Where it answers; at another origin it needs its credentials again.
    #[arg(long, value_name = "URL")]
    pub host: Option<String>,
    /// What else.
    #[command(flatten)]
    pub wanted: RegistryArguments,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}

/// What may be said of every registry.
#[derive(Debug, Args)]
pub struct RegistryArguments {
    /// What it speaks: npm, cnpmcore, cnpmjsorg, artifactory or conan.
    #[arg(long = "type", value_name = "WORD")]
    kind: Option<String>,
    /// It may be at a private address.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    internal: Option<bool>,
    /// Which tarballs a sync fetches at once: all, tagged or requested.
    #[arg(long, value_name = "WORD")]
    tarballs: Option<String>,
    /// What becomes of what it no longer has: keep, block or delete.
    #[arg(long, value_name = "WORD")]
    removals: Option<String>,
    /// What its users' names begin with beside ours.
    #[arg(long, value_name = "TEXT")]
    user_prefix: Option<String>,
    /// Where it tells what changes.
    #[arg(long, value_name = "URL")]
    change_stream: Option<String>,
    /// Read its token from standard input.
    #[arg(long, conflicts_with = "with_password")]
    pub with_token: bool,
    /// Read the password of this user from standard input.
    #[arg(long, value_name = "USER")]
    pub with_password: Option<String>,
    /// Read what its webhooks show, or sign with, from standard input, after token or password.
    #[arg(long)]
    pub with_webhook_secret: bool,
    #[command(flatten)]
    catalogue: SourceArguments,
}

/// What may be said of a source of the catalogue.
#[derive(Debug, Args)]
struct SourceArguments {
    /// A source's repository, by its key.
    #[arg(long, value_name = "KEY")]
    repository: Option<String>,
    /// How a source is read: conan, aql or npm.
    #[arg(long, value_name = "WORD")]
    strategy: Option<String>,
    /// A reference that a source always has.
    #[arg(long, value_name = "REFERENCE")]
    canary: Option<String>,
    /// A namespace that a bare name means first; may be repeated.
    #[arg(long = "official-namespace", value_name = "NAMESPACE")]
    official_namespaces: Vec<String>,
    /// Seconds between two full runs; 0 for none.
    #[arg(long, value_name = "SECONDS")]
    full_every_secs: Option<u64>,
    /// Seconds between two incremental runs; 0 for none.
    #[arg(long, value_name = "SECONDS")]
    incremental_every_secs: Option<u64>,
    /// How much of a source's packages one run may take away, in percent.
    #[arg(long, value_name = "PERCENT")]
    max_removed_percent: Option<u8>,
    /// So many packages may go in any case.
    #[arg(long, value_name = "N")]
    max_removed_count: Option<u32>,
    /// Its recipes' files are passed on.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    proxies_files: Option<bool>,
}

/// Arguments of `weir registry remove`.
#[derive(Debug, Args)]
pub struct RemoveRegistriesArguments {
    /// Their slugs, names or ids.
    #[arg(required = true, value_name = "REGISTRY")]
    pub registries: Vec<String>,
    /// Also with what the catalogue has of them.
    #[arg(long)]
    pub force: bool,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}

/// Arguments of `weir registry sync`.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches of a command"
)]
pub struct SyncCatalogueArguments {
    /// Packages (`namespace/name`) or versions (`name/version@namespace`); all if absent.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Look only at what changed.
    #[arg(long)]
    pub incremental: bool,
    /// Only say what would be done.
    #[arg(long)]
    pub dry_run: bool,
    /// Read everything again.
    #[arg(long)]
    pub force: bool,
    /// A great part may be gone.
    #[arg(long)]
    pub allow_mass_removal: bool,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}

/// Arguments of `weir scope set`.
#[derive(Debug, Args)]
pub struct SetScopeArguments {
    /// The scope, `@` and all.
    #[arg(value_name = "SCOPE")]
    pub scope: String,
    /// Where its packages come from: slug, name or id.
    #[arg(
        long,
        value_name = "REGISTRY",
        required_unless_present = "private",
        conflicts_with = "private"
    )]
    pub registry: Option<String>,
    /// From nowhere: its names are told to nobody.
    #[arg(long)]
    pub private: bool,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}

/// Arguments of `weir scope remove`.
#[derive(Debug, Args)]
pub struct RemoveScopesArguments {
    /// The scopes, `@` and all.
    #[arg(required = true, value_name = "SCOPE")]
    pub scopes: Vec<String>,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}

impl RegistryArguments {
    /// Returns what is said, as the server wants it.
    pub fn said(&self) -> Map<String, Value> {
        let catalogue = self.catalogue.said();
        said([
            ("type", json!(self.kind)),
            ("isInternal", json!(self.internal)),
            ("tarballs", json!(self.tarballs)),
            ("removals", json!(self.removals)),
            ("userPrefix", json!(self.user_prefix)),
            ("changeStream", json!(self.change_stream)),
            (
                "catalogue",
                json!(Some(catalogue).filter(|said| !said.is_empty())),
            ),
        ])
    }
}

impl SourceArguments {
    fn said(&self) -> Map<String, Value> {
        let namespaces = &self.official_namespaces;
        said([
            ("repository", json!(self.repository)),
            ("strategy", json!(self.strategy)),
            ("canary", json!(self.canary)),
            (
                "officialNamespaces",
                json!(Some(namespaces).filter(|all| !all.is_empty())),
            ),
            ("fullEverySecs", json!(self.full_every_secs)),
            ("incrementalEverySecs", json!(self.incremental_every_secs)),
            ("maxRemovedPercent", json!(self.max_removed_percent)),
            ("maxRemovedCount", json!(self.max_removed_count)),
            ("proxiesFiles", json!(self.proxies_files)),
        ])
    }
}

/// Returns those of the fields that are said.
pub fn said<'f>(fields: impl IntoIterator<Item = (&'f str, Value)>) -> Map<String, Value> {
    let said = fields.into_iter().filter(|(_, value)| !value.is_null());
    said.map(|(name, value)| (name.to_owned(), value)).collect()
}
