//! The tests of the whole system: real processes, real HTTP, real clients.

mod architecture;
mod bad_input;
mod cli;
mod clients;
mod crash;
mod package_sync;
mod queue;
mod shutdown;
mod trees;
mod upstream_faults;
