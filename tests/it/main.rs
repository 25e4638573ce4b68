//! The tests of the whole system: real processes, real HTTP, real clients.

mod architecture;
mod bad_input;
mod buckets;
mod cli;
mod clients;
mod crash;
mod documented_calls;
mod every_route;
mod figures;
mod package_sync;
mod postgres;
mod processes;
mod pull;
mod queue;
mod redis;
mod shutdown;
mod steering;
mod transport;
mod trees;
mod upkeep;
mod upstream_faults;
mod upstream_oddities;
