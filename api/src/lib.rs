//! The HTTP process.
mod base;
mod error;
mod normalise;
mod payload;
mod serve;
