//! The tests of the whole system: real processes, real HTTP, real clients.

mod architecture;
mod bad_input;
mod buckets;
mod cli;
mod clients;
mod crash;
mod package_sync;
mod postgres;
mod processes;
mod queue;
mod redis;
mod shutdown;
mod transport;
mod trees;
mod upkeep;
mod upstream_faults;
