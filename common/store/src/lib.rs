//! The database: one aggregate a module, plain functions over a connection.
//!
//! Reads take any connection; writes take a [`Tx`], so that they compose and cannot be
//! called outside a transaction. Statements are SQL through `SeaORM`'s connection, in the
//! one dialect that `SQLite` and `PostgreSQL` share. Functions that depend on the time take
//! it as an argument; [`clock::now`] reads it from the database.

pub mod access;
pub mod audit;
pub mod blobs;
pub mod blocks;
pub mod catalogue;
pub mod clock;
mod db;
pub mod documents;
pub mod download_counts;
mod error;
pub mod fetches;
pub mod github_accounts;
pub mod github_sign_ins;
pub mod idempotency;
pub mod invalidations;
pub mod kept_answers;
pub mod leaders;
pub mod log_tickets;
pub mod orgs;
pub mod packages;
pub mod pulls;
pub mod queues;
pub mod registries;
pub mod removals;
pub mod resyncs;
pub mod schema;
pub mod scopes;
pub mod sealed;
pub mod sealed_logs;
pub mod search;
pub mod sequences;
pub mod sessions;
pub mod settings;
pub mod shortages;
mod sql;
pub mod task_logs;
pub mod task_requests;
pub mod task_runs;
pub mod task_trees;
pub mod tasks;
pub mod teams;
pub mod tokens;
pub mod users;
pub mod versions;
pub mod web_logins;

pub use db::{CommitListener, DatabaseConfig, Db, NoListener, Signal, Tx};
pub use error::StoreError;
pub use invalidations::Topic;
pub use sea_orm::ConnectionTrait;
