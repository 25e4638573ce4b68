//! Conan's own client and server, as `tests/run` installed them into `tests/.cache/conan`.

mod client;
mod server;

use std::path::{Path, PathBuf};

pub use client::Client;
pub use server::{PASSWORD, Server, USER};

/// Returns a program of the environment that they are installed in.
fn program(name: &str) -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = tests.join(".cache/conan/python/bin").join(name);
    let is_there = program.exists();
    assert!(is_there, "{} is missing: run tests/run", program.display());
    program
}

/// Returns a script of ours.
fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("conan")
        .join(name)
}
