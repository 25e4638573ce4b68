//! Tokens that `weir login` got: one file a server, in the person's own folder and for their
//! eyes only.
//!
//! A file is named by the digest of the server's address and says the address itself, so that
//! no name of a server can lead anywhere else.

use std::{fs::DirBuilder, io, os::unix::fs::DirBuilderExt, path::PathBuf};

use serde::{Deserialize, Serialize};
use weir_config::{Secret, Sources};
use weir_domain::{Digest, PublicBase};
use weir_runtime::private_file;

use crate::failure::Failure;

/// Where they are kept.
#[derive(Debug, Clone)]
pub struct Logins {
    /// The folder; nothing if the person has none.
    folder: Option<PathBuf>,
}

/// What a file says.
#[derive(Serialize, Deserialize)]
struct Kept {
    server: String,
    user: String,
    token: String,
}

impl Logins {
    pub(super) fn of(sources: &Sources) -> Self {
        let folder = sources.user_folder();
        Self {
            folder: folder.map(|folder| folder.join("logins")),
        }
    }

    fn path(&self, server: &PublicBase) -> Option<PathBuf> {
        let name = Digest::of(server.as_str().as_bytes()).to_string();
        let folder = self.folder.as_ref()?;
        Some(folder.join(format!("{}.json", name.get(..32).unwrap_or(&name))))
    }

    /// Returns the token for a server, if there is one.
    pub fn find(&self, server: &PublicBase) -> Result<Option<Secret>, Failure> {
        let Some(path) = self.path(server) else {
            return Ok(None);
        };
        let unreadable =
            |why: String| Failure::Misused(format!("{}: {why}; try `weir logout`", path.display()));
        let text = private_file::read(&path).map_err(|error| unreadable(error.to_string()))?;
        let Some(text) = text else { return Ok(None) };
        let kept: Kept =
            serde_json::from_str(&text).map_err(|_| unreadable("it is damaged".to_owned()))?;
        let is_its = kept.server == server.as_str();
        Ok(is_its.then(|| Secret::new(kept.token)))
    }

    /// Keeps a token; says where.
    pub fn keep(
        &self,
        server: &PublicBase,
        user: &str,
        token: &Secret,
    ) -> Result<PathBuf, Failure> {
        let (Some(folder), Some(path)) = (&self.folder, self.path(server)) else {
            let why = "neither HOME nor XDG_CONFIG_HOME says where to keep the token";
            return Err(Failure::Misused(why.to_owned()));
        };
        let kept = Kept {
            server: server.to_string(),
            user: user.to_owned(),
            token: token.reveal().to_owned(),
        };
        let written = DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .and_then(|()| serde_json::to_string(&kept).map_err(io::Error::other))
            .and_then(|text| private_file::write(&path, &format!("{text}\n")));
        written.map_err(|error| Failure::Misused(format!("{}: {error}", path.display())))?;
        Ok(path)
    }

    /// Forgets the token for a server.
    pub fn forget(&self, server: &PublicBase) -> Result<(), Failure> {
        let Some(path) = self.path(server) else {
            return Ok(());
        };
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Failure::Misused(format!("{}: {error}", path.display())))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_token_is_kept_for_its_own_server_and_its_owner() {
        let folder = tempfile::tempdir().expect("a folder");
        let logins = Logins {
            folder: Some(folder.path().join("weir/logins")),
        };
        let base = |text: &str| PublicBase::parse(text).expect("a base");
        let (one, other) = (base("https://a.example/../x"), base("https://a.example"));
        assert!(logins.find(&one).expect("readable").is_none());
        logins.forget(&one).expect("nothing to forget");
        for text in ["first", "second"] {
            let secret = Secret::new(text);
            let path = logins.keep(&one, "alice", &secret).expect("kept");
            let mode = |path: &std::path::Path| {
                let kept = path.metadata().expect("it is there");
                kept.permissions().mode() & 0o777
            };
            assert_eq!(mode(&path), 0o600);
            assert_eq!(mode(path.parent().expect("a folder")), 0o700);
            assert_eq!(logins.find(&one).expect("readable"), Some(secret));
        }
        assert_eq!(logins.find(&other).expect("readable"), None);
        logins.forget(&one).expect("forgotten");
        assert_eq!(logins.find(&one).expect("readable"), None);
    }

    #[test]
    fn who_has_no_folder_keeps_nothing() {
        let logins = Logins { folder: None };
        let base = PublicBase::parse("https://a.example").expect("a base");
        assert_eq!(logins.find(&base).expect("nothing"), None);
        let refused = logins.keep(&base, "alice", &Secret::new("x"));
        assert!(matches!(refused, Err(Failure::Misused(_))));
    }
}
