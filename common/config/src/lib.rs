//! Settings: defaults < `weir.toml` < environment < flags, each value with its origin.
//!
//! One table ([`setting::GROUPS`]) names every setting with its kind, default and one line
//! of explanation. The names in the environment (`WEIR_LISTEN`) and on the command line
//! (`--listen`), what is accepted, `weir config` and `docs/configuration.md` all follow
//! from it. An unknown name anywhere is an error: a typing mistake must not be a default.
//!
//! This crate is the only one that reads the environment.

pub mod accounts;
mod blobs;
mod cautions;
mod config;
mod cross;
mod effective;
pub mod error;
mod file;
pub mod flags;
pub mod github;
pub mod kind;
pub mod markdown;
mod origin;
pub mod print;
mod secret;
pub mod setting;
pub mod shares;
pub mod sources;
mod suggest;
#[cfg(test)]
mod tests;
pub mod upkeep;
mod urls;
mod usage;
mod words;

pub use config::{Config, Engine, Loaded};
pub use error::ConfigError;
pub use flags::Flags;
pub use github::Github;
pub use origin::Origin;
pub use secret::Secret;
pub use shares::{Allowance, Shares};
pub use sources::Sources;
pub use upkeep::Upkeep;
pub use urls::{DatabaseUrl, ProxyUrl, RedisUrl};
pub use usage::Usage;
pub use words::{Durability, LogFormat};
