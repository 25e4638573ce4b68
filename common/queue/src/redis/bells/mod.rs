//! Bells: each is a task of apalis in Redis, taken out by one worker of all.
//!
//! Who hears one rings the bell of its own process, nothing else: tasks run outside apalis, so
//! that an error of Redis, which ends apalis' worker, ends no task. Bells carry nothing and
//! may be lost or heard twice. They are rung only while few lie there, because apalis stops
//! for good when thousands do; Redis never holds the backlog.

mod listen;
mod ring;
mod settings;
mod spent;
mod strategy;
#[cfg(test)]
mod tests;

pub(super) use listen::hear;
pub(super) use ring::ring;
