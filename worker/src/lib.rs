//! weir-worker: runs tasks. Start as many as you like; never speaks HTTP to users.
//!
//! [`engine`] decides *whether and when* code runs (claim, lease, log, limits, retry);
//! [`jobs`] hold *what* runs, one a kind of task. A job never touches a task's row.
//! `schedule` is what one worker does for all of them.

pub mod attempt;
mod configured;
pub mod engine;
pub mod environment;
mod guard;
pub mod job;
pub mod jobs;
mod measures;
mod schedule;
mod upkeep;

pub use attempt::Attempt;
pub use engine::run;
pub use environment::{EngineSettings, Environment};
pub use measures::Measures;
pub use upkeep::UpkeepSettings;
