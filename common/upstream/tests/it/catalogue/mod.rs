//! Sources of the catalogue against scripted servers: what is read, what is believed, what is not.

mod aql;
mod conan;
mod faults;
mod npm;
mod npm_requests;
mod proof;
mod shelf;
