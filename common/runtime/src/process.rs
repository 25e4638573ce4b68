//! The frame of a long-running program: flags, settings, log, signals, exit code.
//!
//! What cannot begin says so in one line and ends with 2; what began and failed ends
//! with 1, after its log said why.

use std::{io::Write, process::ExitCode};

use weir_config::{Config, Flags, Loaded, Sources, Usage};

use crate::{BoxError, Ended, Shutdown, install_crypto, logging, one_line};

/// Exit code of a program that could not begin.
const MISUSED: u8 = 2;

/// Runs a program that takes settings and nothing else, until it is told to stop.
pub fn main<F>(
    name: &'static str,
    about: &'static str,
    run: impl FnOnce(Loaded, Shutdown) -> F,
) -> ExitCode
where
    F: Future<Output = Result<Ended, BoxError>>,
{
    let flags = match Flags::of_process(name, about) {
        Ok(flags) => flags,
        Err(Usage::Answered(text)) => {
            // Nobody is left to tell when standard output is gone.
            let _ = std::io::stdout().write_all(text.as_bytes());
            return ExitCode::SUCCESS;
        }
        Err(Usage::Refused(line)) => return refused(name, &line),
    };
    match begin(flags, run) {
        Ok(ended) => ended.into(),
        Err(error) => refused(name, &one_line(error.as_ref())),
    }
}

fn begin<F>(flags: Flags, run: impl FnOnce(Loaded, Shutdown) -> F) -> Result<Ended, BoxError>
where
    F: Future<Output = Result<Ended, BoxError>>,
{
    install_crypto();
    let loaded = Config::load(&Sources::of_process(flags))?;
    logging::start(&loaded.config)?;
    logging::caution(&loaded.config);
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.enable_all().build()?;
    let ended = runtime.block_on(async { run(loaded, Shutdown::on_signals()?).await });
    // What outlived the grace is not waited for again.
    runtime.shutdown_background();
    ended
}

fn refused(name: &str, line: &str) -> ExitCode {
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(std::io::stderr(), "{name}: {line}");
    MISUSED.into()
}

impl From<Ended> for ExitCode {
    /// Logs how it ended and returns the code for it.
    fn from(ended: Ended) -> Self {
        if !ended.unfinished.is_empty() {
            tracing::warn!(unfinished = ?ended.unfinished, "stopped before everything had ended");
        }
        if ended.has_failed {
            return Self::FAILURE;
        }
        tracing::info!("stopped");
        Self::SUCCESS
    }
}
