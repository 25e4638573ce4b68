//! The tests of the whole system: real processes, real HTTP, real clients.

mod apart;
mod architecture;
mod bad_input;
mod cli;
mod clients;
mod crash;
mod package_sync;
mod postgres;
mod queue;
mod shutdown;
mod transport;
mod trees;
mod upstream_faults;
