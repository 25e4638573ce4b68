//! Waking workers and telling watchers, in this process and in the others.
//!
//! ```text
//! a commit ──> Hub ──> bell, watchers, caches of this process     at once
//!               └────> outbox ──> Redis ──> the hubs of others    within a moment, or never
//! ```
//!
//! Everything here is a hint: the database is the truth, and whoever misses a hint finds out
//! by looking ([`Cadence`]). So nothing here may fail a commit, hold it up, or end a running
//! task. The only crate that knows apalis and Redis.

mod bell;
mod freshness;
mod hub;
mod lookout;
mod redis;
mod watchers;

pub use bell::Bell;
pub use hub::{Cadence, Hub};
pub use redis::{InvalidRedis, RedisConfig};
pub use watchers::TaskWatch;
