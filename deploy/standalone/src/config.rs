//! `weir config`: each setting with its origin, or the page that documents them.

use std::{io::Write, process::ExitCode};

use weir_config::{Config, Flags, Sources, markdown};

use crate::failure::Failure;

/// Prints the settings that would hold, secrets masked.
pub fn run(flags: Flags, is_page: bool) -> Result<ExitCode, Failure> {
    let text = if is_page {
        markdown::page()
    } else {
        Config::load(&Sources::of_process(flags))?.print()
    };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
