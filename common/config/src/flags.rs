//! The settings as flags of a command line.
//!
//! [`Flags`] is a `clap` argument group made from the table: `#[command(flatten)]` it into
//! a command and every setting is a flag of it.

use std::{fmt, path::PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, ValueHint};

use crate::{
    kind::Kind,
    setting::{Fallback, GROUPS, Setting},
};

/// What the command line sets.
#[derive(Clone, Default)]
pub struct Flags {
    /// `--config`.
    pub file: Option<PathBuf>,
    /// Settings in table order, as written.
    pub given: Vec<(&'static Setting, String)>,
}

/// Shows which settings are given, not to what.
impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.given.iter().map(|(setting, _)| setting.key);
        f.debug_set().entries(keys).finish()
    }
}

/// As [`Flags`], for commands that only need to find the data folder and its server.
#[derive(Debug, Clone, Default)]
pub struct ClientFlags(pub Flags);

/// Keys of [`ClientFlags`].
const CLIENT_KEYS: &[&str] = &["data", "ca_file"];

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let command = command.arg(file_argument());
        GROUPS.iter().fold(command, |command, group| {
            let arguments = group.settings.iter().map(argument);
            command
                .next_help_heading(group.title)
                .args(arguments)
                .next_help_heading(None::<&str>)
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |setting: &'static Setting| {
            // `try_get_one`: a command may take only some of the settings.
            let text = matches.try_get_one::<String>(setting.key).ok().flatten()?;
            Some((setting, text.clone()))
        };
        Ok(Self {
            file: matches.get_one::<PathBuf>("config").cloned(),
            given: Setting::all().filter_map(given).collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for ClientFlags {
    fn augment_args(command: Command) -> Command {
        let settings = CLIENT_KEYS.iter().filter_map(|key| Setting::find(key));
        command.arg(file_argument()).args(settings.map(argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ClientFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Flags::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

fn file_argument() -> Arg {
    Arg::new("config")
        .long("config")
        .value_name("FILE")
        .value_parser(clap::value_parser!(PathBuf))
        .help("Configuration file [env: WEIR_CONFIG] [default: ./weir.toml if it is there]")
}

fn argument(setting: &'static Setting) -> Arg {
    let fallback = match setting.fallback {
        Fallback::Text(text) | Fallback::Computed(text) => format!(" [default: {text}]"),
        Fallback::Unset(_) => String::new(),
    };
    let help = format!("{} [env: {}]{fallback}", setting.doc, setting.variable());
    let argument = Arg::new(setting.key)
        .long(setting.flag().trim_start_matches('-').to_owned())
        .value_name(value_name(setting.kind))
        .action(ArgAction::Set)
        .help(help);
    match setting.kind {
        Kind::Switch => argument
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true"),
        Kind::Folder => argument.value_hint(ValueHint::DirPath),
        Kind::File => argument.value_hint(ValueHint::FilePath),
        _ => argument,
    }
}

fn value_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Address => "ADDRESS",
        Kind::Folder => "FOLDER",
        Kind::File => "FILE",
        Kind::HttpUrl | Kind::DatabaseUrl | Kind::BlobUrl | Kind::RedisUrl | Kind::ProxyUrl => {
            "URL"
        }
        Kind::PublicUrls => "URL,…",
        Kind::Networks => "NETWORK,…",
        Kind::Allowance => "RATE",
        Kind::Prefix | Kind::TokenPrefix => "PREFIX",
        Kind::UserName => "NAME",
        Kind::Identifier => "ID",
        Kind::Logins => "NAME,…",
        Kind::Secret(_) => "TOKEN",
        Kind::Words(_) => "WORD",
        Kind::Number(..) => "N",
        Kind::Seconds(..) => "SECONDS",
        Kind::Switch => "BOOL",
        Kind::LogFilter => "FILTER",
    }
}
