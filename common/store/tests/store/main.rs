//! Tests of everything in the store that decides something, on both engines.
//!
//! The store's functions take the time as an argument, so no test waits for a lease: it
//! says how late it is. Interleavings are made, not hoped for: a transaction is kept open
//! until the other one is seen to wait for it, or has ended.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod access;
mod accounts;
mod around;
mod audit;
mod beside;
mod blobs;
mod blocks;
mod cancel;
mod cancel_races;
mod catalogue_labels;
mod catalogue_put;
mod catalogue_reading;
mod catalogue_sources;
mod claim;
mod collect;
mod damage;
mod database;
mod documents;
mod end;
mod fetches;
mod github;
mod group_commit;
mod idempotency;
mod invalidations;
mod leaders;
mod leaving;
mod log_tickets;
mod logs;
mod model;
mod people;
mod pulls;
mod queues;
mod races;
mod registries;
mod removals;
mod repeat;
mod resyncs;
mod retention;
mod scopes;
mod sealed_logs;
mod search;
mod sessions;
mod submit;
mod support;
mod sweep;
mod versions;
mod web_logins;
