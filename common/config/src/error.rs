//! Why there is no configuration: always one line that names place and remedy.

use std::path::PathBuf;

use crate::{Origin, setting::Setting, suggest::nearest};

/// Longest quotation of a refused value, in characters.
const MAX_QUOTED_CHARS: usize = 80;

/// A fault in what was configured; its text is one line.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value is not of the accepted kind.
    #[error("{key}{given} ({origin}): expected {accepts}")]
    Refused {
        /// The setting.
        key: &'static str,
        /// ` = value`, masked and shortened; empty for a secret.
        given: String,
        /// Who said it.
        origin: Origin,
        /// What would be accepted.
        accepts: String,
    },
    /// Two values do not go together.
    #[error("{key} ({origin}): {reason}")]
    Contradiction {
        /// The setting to change first.
        key: &'static str,
        /// Who said it.
        origin: Origin,
        /// What does not fit.
        reason: String,
    },
    /// A name that is no setting.
    #[error("{place}: unknown setting `{name}`{suggestion}")]
    Unknown {
        /// Where it stands.
        place: String,
        /// What stands there.
        name: String,
        /// `; did you mean …?`, or nothing.
        suggestion: String,
    },
    /// A variable that is not Unicode.
    #[error("environment {name}: the value is not valid UTF-8")]
    NotText {
        /// The variable.
        name: String,
    },
    /// The file cannot be read.
    #[error("{}: cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The file is not TOML, or not of our flat shape.
    #[error("{} line {line}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

impl ConfigError {
    pub(crate) fn refused(setting: &Setting, text: &str, origin: &Origin) -> Self {
        let given = if setting.kind.is_secret() {
            String::new()
        } else {
            format!(" = {}", quote(&crate::secret::mask_credentials(text)))
        };
        Self::Refused {
            key: setting.key,
            given,
            origin: origin.clone(),
            accepts: setting.kind.accepts(),
        }
    }

    /// Names an unknown setting; `spell` turns a key into the way it is written there.
    pub(crate) fn unknown(place: String, name: &str, key: &str, spell: fn(&str) -> String) -> Self {
        let suggestion = nearest(key, Setting::all().map(|setting| setting.key))
            .map(|key| format!("; did you mean `{}`?", spell(key)))
            .unwrap_or_default();
        Self::Unknown {
            place,
            name: weir_domain::text::printable(name, MAX_QUOTED_CHARS),
            suggestion,
        }
    }
}

fn quote(text: &str) -> String {
    match text {
        "" => "\"\"".to_owned(),
        text => weir_domain::text::printable(text, MAX_QUOTED_CHARS),
    }
}
