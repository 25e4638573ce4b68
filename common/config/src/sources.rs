//! What the layers are read from; the only place that touches the environment.

use std::{
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
};

use crate::{ConfigError, Flags, Origin, file, setting, setting::Setting};

/// The file read when none is named.
pub const FILE_NAME: &str = "weir.toml";

/// Names that the environment may hold beside the settings.
///
/// A name that ends in `_` stands for all that begin so.
pub const OTHER_VARIABLES: &[(&str, &str)] = &[
    (
        "WEIR_CONFIG",
        "path of the configuration file, as `--config`",
    ),
    ("WEIR_TEST_", "read by weir's own tests"),
    (
        AWS,
        "for blobs in a bucket: credentials, region and endpoint, where no setting says them",
    ),
];

/// Begins the variables of the AWS tools.
const AWS: &str = "AWS_";

/// Everything that may set something, as it lies before us.
#[derive(Default)]
pub struct Sources {
    /// The folder in which [`FILE_NAME`] is looked for.
    pub folder: PathBuf,
    /// The environment.
    pub environment: Vec<(OsString, OsString)>,
    /// The command line.
    pub flags: Flags,
}

/// A value as a layer wrote it.
#[derive(Clone)]
pub(crate) struct Given {
    pub(crate) setting: &'static Setting,
    pub(crate) text: String,
    pub(crate) origin: Origin,
}

/// Shows no value: any of them may be a secret.
impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} from {}", self.setting.key, self.origin)
    }
}

/// Shows names only.
impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources")
            .field("folder", &self.folder)
            .field("flags", &self.flags)
            .finish_non_exhaustive()
    }
}

impl Sources {
    /// Returns those of this process: its folder, its environment, and its flags.
    pub fn of_process(flags: Flags) -> Self {
        Self {
            folder: PathBuf::new(),
            environment: std::env::vars_os().collect(),
            flags,
        }
    }

    /// Returns the file that counts: the one named (flag before variable), else
    /// [`FILE_NAME`] if it is there.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        let variable = || {
            let (_, path) = self
                .environment
                .iter()
                .find(|(name, _)| name == "WEIR_CONFIG")?;
            (!path.is_empty()).then(|| PathBuf::from(path))
        };
        let named = self.flags.file.clone().or_else(variable);
        named.or_else(|| Some(self.folder.join(FILE_NAME)).filter(|path| path.exists()))
    }

    /// Returns the folder for what belongs to the person at the terminal, if they have one.
    ///
    /// Source: the XDG base directory specification.
    pub fn user_folder(&self) -> Option<PathBuf> {
        let folder = |name: &str| {
            let mut found = self.environment.iter().filter(|(other, _)| other == name);
            let path = found.next().map(|(_, value)| PathBuf::from(value))?;
            path.is_absolute().then_some(path)
        };
        let config = folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")));
        config.map(|config| config.join("weir"))
    }

    /// Returns the variables of the AWS tools, by their names in small letters.
    pub(crate) fn aws(&self) -> Vec<(String, String)> {
        let text = |(name, value): &(OsString, OsString)| {
            let (name, value) = (name.to_str()?, value.to_str()?);
            let is_given = name.starts_with(AWS) && !value.is_empty();
            is_given.then(|| (name.to_ascii_lowercase(), value.to_owned()))
        };
        self.environment.iter().filter_map(text).collect()
    }

    /// Returns what each layer says, weakest first.
    pub(crate) fn given(&self) -> Result<Vec<Given>, ConfigError> {
        let mut given = self.file().map_or(Ok(Vec::new()), |path| in_file(&path))?;
        given.extend(self.in_environment()?);
        given.extend(self.flags.given.iter().map(|(setting, text)| Given {
            setting,
            text: text.clone(),
            origin: Origin::Flag(setting.flag()),
        }));
        Ok(given)
    }

    /// An empty variable counts as absent: compose files cannot leave one out.
    fn in_environment(&self) -> Result<Vec<Given>, ConfigError> {
        let mut names: Vec<_> = self
            .environment
            .iter()
            .filter_map(|(name, value)| Some((name.to_str()?, value)))
            .filter(|(name, value)| is_ours(name) && !value.is_empty())
            .collect();
        names.sort();
        let mut given = Vec::new();
        for (name, value) in names {
            let key = name["WEIR_".len()..].to_ascii_lowercase();
            let setting = Setting::find(&key)
                .filter(|setting| setting.variable() == name)
                .ok_or_else(|| {
                    ConfigError::unknown("environment".to_owned(), name, &key, setting::variable)
                })?;
            let text = value.to_str().ok_or_else(|| ConfigError::NotText {
                name: name.to_owned(),
            })?;
            given.push(Given {
                setting,
                text: text.to_owned(),
                origin: Origin::Environment(name.to_owned()),
            });
        }
        Ok(given)
    }
}

fn in_file(path: &Path) -> Result<Vec<Given>, ConfigError> {
    let settings = file::read(path)?.into_iter();
    Ok(settings
        .map(|(setting, text)| Given {
            setting,
            text,
            origin: Origin::File {
                path: path.to_owned(),
                key: setting.key,
            },
        })
        .collect())
}

fn is_ours(name: &str) -> bool {
    let is_other = |(other, _): &(&str, &str)| {
        name == *other || (other.ends_with('_') && name.starts_with(other))
    };
    name.starts_with("WEIR_") && !OTHER_VARIABLES.iter().any(is_other)
}
