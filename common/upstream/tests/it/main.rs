//! The crate against real sockets: documents, faults, redirects, limits.
//!
//! Most servers here are scripted byte by byte (`wire`), because the faults of interest are
//! below HTTP.

mod catalogue;
mod documents;
mod faults;
mod fixtures;
mod github;
mod limits;
mod local;
mod redirects;
mod setup;
mod stand_in;
mod tarballs;
mod traffic;
mod wire;
