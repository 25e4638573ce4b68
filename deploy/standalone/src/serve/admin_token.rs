//! The administrator's token: configured, else kept in the data folder, else made.

use std::path::Path;

use weir_config::Config;
use weir_domain::token::{MIN_CONFIGURED_CHARS, TokenSecret};
use weir_runtime::private_file;

use crate::{client::ADMIN_TOKEN_FILE, failure::Failure};

/// Returns the token that is valid from now on.
///
/// A token made here is written before it is returned: a token that works is always one
/// that somebody can read.
pub(super) fn read_or_make(config: &Config) -> Result<TokenSecret, Failure> {
    if let Some(token) = &config.admin_token {
        return Ok(TokenSecret::from_text(token.reveal()));
    }
    let path = config.data.join(ADMIN_TOKEN_FILE);
    let failure = |error| Failure::Misused(format!("{}: {error}", path.display()));
    if let Some(text) = private_file::read(&path).map_err(failure)? {
        return kept(&path, text.trim());
    }
    let token = TokenSecret::generate();
    private_file::write(&path, &format!("{}\n", token.reveal())).map_err(failure)?;
    Ok(token)
}

fn kept(path: &Path, text: &str) -> Result<TokenSecret, Failure> {
    let is_fit = text.len() >= MIN_CONFIGURED_CHARS && text.bytes().all(|b| b.is_ascii_graphic());
    is_fit.then(|| TokenSecret::from_text(text)).ok_or_else(|| {
        let path = path.display();
        Failure::Misused(format!(
            "{path}: not a token of at least {MIN_CONFIGURED_CHARS} characters; \
                 remove the file and a new one is made"
        ))
    })
}

#[cfg(test)]
mod tests {
    use weir_config::{Flags, Sources, setting::Setting};

    use super::*;

    fn config(folder: &Path, token: Option<&str>) -> Config {
        let setting = |key| Setting::find(key).expect("a setting");
        let mut given = vec![(setting("data"), folder.display().to_string())];
        given.extend(token.map(|token| (setting("admin_token"), token.to_owned())));
        let flags = Flags { file: None, given };
        let sources = Sources {
            folder: folder.to_owned(),
            flags,
            ..Sources::default()
        };
        Config::load(&sources).expect("valid").config
    }

    #[test]
    fn a_token_is_made_once_and_kept() {
        let folder = tempfile::TempDir::new().expect("temporary folder");
        let made = read_or_make(&config(folder.path(), None)).expect("made");
        let kept = read_or_make(&config(folder.path(), None)).expect("kept");
        assert_eq!(made, kept);
    }

    #[test]
    fn a_configured_token_wins_and_is_not_written_down() {
        let folder = tempfile::TempDir::new().expect("temporary folder");
        let text = "configured-configured-configured-1";
        let token = read_or_make(&config(folder.path(), Some(text))).expect("configured");
        assert_eq!(token.reveal(), text);
        assert!(!folder.path().join(ADMIN_TOKEN_FILE).exists());
    }

    #[test]
    fn a_damaged_file_is_refused_and_not_replaced() {
        let folder = tempfile::TempDir::new().expect("temporary folder");
        std::fs::write(folder.path().join(ADMIN_TOKEN_FILE), "short").expect("written");
        assert!(read_or_make(&config(folder.path(), None)).is_err());
    }
}
