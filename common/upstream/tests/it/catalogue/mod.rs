//! Sources of the catalogue against scripted servers: what is read, what is believed, what is not.

mod aql;
mod archived;
mod conan;
mod faults;
mod npm;
mod npm_requests;
mod packages;
mod proof;
mod shelf;
