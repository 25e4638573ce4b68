//! The HTTP process.
mod serve;
