//! Waking workers and telling watchers.
//!
//! Everything here is a hint: the database is the truth, and whoever misses a hint finds
//! out at the next tick. In one process the hints are channels of this crate; between
//! processes they will travel through Redis, behind the same [`Hub`].

mod bell;
mod freshness;
mod hub;
mod lookout;
mod watchers;

pub use bell::Bell;
pub use hub::{Cadence, Hub};
pub use watchers::TaskWatch;
