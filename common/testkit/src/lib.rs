//! What weir's tests stand on: an npm upstream, an Artifactory and a GitHub that do as they are
//! told, a browser, packages made of nothing, throw-away databases, Redis servers and object stores, real
//! processes, and one way to wait.
//!
//! Everything is deterministic (the same builder calls give the same bytes) and lives on
//! loopback with free ports. Nothing here is part of the product: it is a dev-dependency,
//! and it panics where a test should fail.

#![expect(
    clippy::missing_panics_doc,
    reason = "a test kit panics: that is how a test fails"
)]

pub mod artifactory;
pub mod browser;
pub mod client;
pub mod database;
mod environment;
pub mod fixtures;
pub mod github;
pub mod object_server;
pub mod package;
pub mod presets;
pub mod process;
pub mod redis;
mod signing;
mod small_disk;
pub mod stand_in;
pub mod until;

pub use artifactory::{Artifactory, ArtifactoryFault, Recipe};
pub use browser::Browser;
pub use database::TestDatabase;
pub use environment::is_long;
pub use github::{Github, GithubFault};
pub use object_server::{ObjectFault, ObjectServer};
pub use package::{PackageSpec, VersionSpec};
pub use process::WeirProcess;
pub use redis::RedisServer;
pub use signing::SigningKey;
pub use small_disk::SmallDisk;
pub use stand_in::{Fault, StandIn};
pub use until::until;
