//! How a command fails: one clear line, and an exit code scripts can rely upon.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use weir_config::{ConfigError, Usage};
use weir_runtime::one_line;

/// Exit code for what the caller must set right: usage, settings, an unreachable server.
const MISUSED: u8 = 2;

/// Exit code for work that was tried and did not succeed.
pub const UNSUCCESSFUL: u8 = 1;

/// Why a command ends without success.
#[derive(Debug)]
pub enum Failure {
    /// The command line or the settings are wrong, or nobody answers.
    Misused(String),
    /// The server refused, or the work failed.
    Unsuccessful(String),
    /// The reader of our output went away; that is no fault.
    ReaderGone,
    /// Not a failure: help or the version was asked for.
    Answered(String),
}

impl Failure {
    /// Wraps an error of the operating system.
    pub fn system(error: impl std::fmt::Display) -> Self {
        Self::Misused(error.to_string())
    }

    /// Wraps an error and its causes in one line that begins with what failed.
    pub fn caused(what: &str, error: &(dyn std::error::Error + 'static)) -> Self {
        Self::Misused(format!("{what}: {}", one_line(error)))
    }

    /// Writes the line.
    pub fn report(&self, out: &mut impl Write, error: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Misused(line) | Self::Unsuccessful(line) => writeln!(error, "weir: {line}"),
            Self::Answered(text) => write!(out, "{text}"),
            Self::ReaderGone => Ok(()),
        }
    }

    /// Returns the process's exit code.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Misused(_) => MISUSED.into(),
            Self::Unsuccessful(_) => UNSUCCESSFUL.into(),
            Self::ReaderGone | Self::Answered(_) => ExitCode::SUCCESS,
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Misused(error.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ReaderGone,
            _ => Self::system(error),
        }
    }
}

impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Self {
        match Usage::of("weir", &error) {
            Usage::Answered(text) => Self::Answered(text),
            Usage::Refused(line) => Self::Misused(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    fn line_of(arguments: &[&str]) -> String {
        let error = Cli::try_parse_from(arguments).expect_err("refused");
        let mut line = Vec::new();
        let failure = Failure::from(error);
        failure.report(&mut io::sink(), &mut line).expect("written");
        String::from_utf8(line).expect("text")
    }

    #[test]
    fn usage_errors_are_one_line() {
        for (arguments, expected) in [
            (&["weir"][..], "weir: which command? see `weir --help`\n"),
            (
                &["weir", "sync"],
                "weir: the following required arguments were not provided: <NAME>...; see `weir --help`\n",
            ),
            (
                &["weir", "tasks", "--state", "odd"],
                "weir: invalid value 'odd' for '--state <STATE>': not a task state; see `weir --help`\n",
            ),
        ] {
            assert_eq!(line_of(arguments), expected);
        }
        let mistyped = line_of(&["weir", "sync", "x", "--folow"]);
        assert!(mistyped.contains("'--follow'"), "{mistyped}");
        assert_eq!(mistyped.lines().count(), 1);
    }
}
