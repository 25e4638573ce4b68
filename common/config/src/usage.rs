//! A command line that is only settings, and what to say about one that is wrong.

use clap::{Args, Command, FromArgMatches, error::ErrorKind};

use crate::Flags;

/// Why a command line yields nothing to run.
#[derive(Debug)]
pub enum Usage {
    /// Help or the version was asked for; this is it.
    Answered(String),
    /// It is wrong; one line says how.
    Refused(String),
}

impl Flags {
    /// Reads the command line of a program that takes settings and nothing else.
    ///
    /// # Errors
    /// [`Usage`], for help as much as for mistakes.
    pub fn of_process(name: &'static str, about: &'static str) -> Result<Self, Usage> {
        let command = Command::new(name)
            .about(about)
            .version(env!("CARGO_PKG_VERSION"));
        let matches = Self::augment_args(command).try_get_matches();
        let flags = matches.and_then(|matches| Self::from_arg_matches(&matches));
        flags.map_err(|error| Usage::of(name, &error))
    }
}

impl Usage {
    /// Judges clap's error; `program` is named for further help.
    pub fn of(program: &str, error: &clap::Error) -> Self {
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Self::Answered(error.to_string()),
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
                Self::Refused(format!("which command? see `{program} --help`"))
            }
            _ => Self::Refused(format!("{}; see `{program} --help`", one_line(error))),
        }
    }
}

/// Returns clap's explanation on one line, without its repetition of the usage.
fn one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let ends = ["\n\nUsage:", "\n\nFor more information"];
    let end = ends.iter().filter_map(|end| text.find(end)).min();
    let text = text[..end.unwrap_or(text.len())].replace("\n\n  tip: ", ", ");
    let words: Vec<_> = text
        .trim_start_matches("error: ")
        .split_whitespace()
        .collect();
    words.join(" ")
}
