//! Finds the server and the credentials of a command.
//!
//! `weir serve` leaves its address and its administrator's token in the data folder, both
//! for its owner's eyes only; being able to read them is what authorises. That token goes
//! to that server and to no other: not to whoever listens there now although the folder's
//! lock says that the server is gone, and for a server named with `--server` a token must be
//! named too, by `--token` or in the environment of this very command, or have been got by
//! `weir login` from that very server.

use std::path::Path;

use serde::{Deserialize, Serialize};
use weir_config::{Config, Loaded, Secret, Sources};
use weir_domain::{PublicBase, public_base::InvalidBase, token::TokenSecret};
use weir_runtime::{DataFolder, private_file};
use weir_upstream::{LocalClient, LocalServer, local_client};

use super::{Server, logins::Logins};
use crate::{
    cli::{PlaceArguments, ServerArguments},
    failure::Failure,
};

/// Where `weir serve` leaves its address, in the data folder.
pub const SERVER_FILE: &str = "server.json";

/// Where `weir serve` leaves the administrator's token, in the data folder.
pub const ADMIN_TOKEN_FILE: &str = "admin-token";

/// The content of [`SERVER_FILE`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerFile {
    /// Where it answers.
    pub url: String,
    /// Its process.
    pub pid: u32,
}

/// What is known of a server before it is asked.
#[derive(Debug)]
struct Found {
    url: String,
    token: Option<Secret>,
    remark: String,
}

pub(super) fn server(
    arguments: ServerArguments,
    one_time_password: Option<String>,
) -> Result<Server, Failure> {
    let sources = Sources::of_process(arguments.flags.0);
    let loaded = Config::load(&sources)?;
    let logins = Logins::of(&sources);
    let token = arguments.token.map(Secret::new);
    let found = match arguments.server {
        Some(url) => named(&url, token, (&loaded, &logins))?,
        None => own(token, (&loaded, &logins))?,
    };
    let base = base(&found.url)?;
    let way = way(&base, (found.token, one_time_password), &loaded)?;
    Ok(Server::new(way, found.remark))
}

/// A server that nobody is signed in to yet.
#[derive(Debug)]
pub struct Door {
    /// Its address.
    pub base: PublicBase,
    /// The way to it, without credentials.
    pub way: LocalClient,
    /// Where tokens are kept.
    pub logins: Logins,
    loaded: Loaded,
}

impl Door {
    /// Finds the server that the arguments mean.
    pub fn find(arguments: PlaceArguments) -> Result<Self, Failure> {
        let sources = Sources::of_process(arguments.flags.0);
        let loaded = Config::load(&sources)?;
        let url = match arguments.server {
            Some(url) => url,
            None => running(&loaded)?.url,
        };
        let base = base(&url)?;
        Ok(Self {
            way: way(&base, (None, None), &loaded)?,
            base,
            logins: Logins::of(&sources),
            loaded,
        })
    }

    /// Returns the way to it with a token.
    pub fn enter(&self, token: &Secret) -> Result<LocalClient, Failure> {
        way(&self.base, (Some(token.clone()), None), &self.loaded)
    }
}

fn base(url: &str) -> Result<PublicBase, Failure> {
    let base = PublicBase::parse(url);
    base.map_err(|error| Failure::Misused(format!("--server: {error}")))
}

fn way(
    base: &PublicBase,
    (token, one_time_password): (Option<Secret>, Option<String>),
    loaded: &Loaded,
) -> Result<LocalClient, Failure> {
    let url = base.as_str().parse();
    local_client(LocalServer {
        url: url.map_err(|_| Failure::Misused(format!("--server: {InvalidBase}")))?,
        token: token.map(|secret| TokenSecret::from_text(secret.reveal())),
        one_time_password,
        ca_file: loaded.config.ca_file.clone(),
    })
    .map_err(Failure::system)
}

/// The server of the command line.
fn named(
    url: &str,
    token: Option<Secret>,
    (loaded, logins): (&Loaded, &Logins),
) -> Result<Found, Failure> {
    let file = read_server_file(&loaded.config.data).ok().flatten();
    let same = |other: &ServerFile| {
        let (ours, theirs) = (PublicBase::parse(&other.url), PublicBase::parse(url));
        matches!((ours, theirs), (Ok(ours), Ok(theirs)) if ours == theirs)
    };
    let is_own = file.as_ref().is_some_and(same) && DataFolder::is_held(&loaded.config.data);
    let is_meant = loaded.origin("admin_token").is_of_this_command();
    let configured = loaded.config.admin_token.clone();
    let token = match token.or(configured.filter(|_| is_meant)) {
        Some(token) => Some(token),
        None => match logins.find(&base(url)?)? {
            None if is_own => own_token(loaded)?,
            kept => kept,
        },
    };
    Ok(Found {
        url: url.to_owned(),
        token,
        remark: String::new(),
    })
}

/// The server that uses the data folder.
fn own(token: Option<Secret>, (loaded, logins): (&Loaded, &Logins)) -> Result<Found, Failure> {
    let file = running(loaded)?;
    let is_meant = loaded.origin("admin_token").is_of_this_command();
    let configured = loaded.config.admin_token.clone();
    let token = match token.or(configured.filter(|_| is_meant)) {
        Some(token) => Some(token),
        None => match logins.find(&base(&file.url)?)? {
            None => own_token(loaded)?,
            kept => kept,
        },
    };
    Ok(Found {
        remark: format!(
            "; {} names it (process {}): is `weir serve` running?",
            loaded.config.data.join(SERVER_FILE).display(),
            file.pid
        ),
        url: file.url,
        token,
    })
}

/// What the server that uses the data folder says of itself.
fn running(loaded: &Loaded) -> Result<ServerFile, Failure> {
    let folder = &loaded.config.data;
    let Some(file) = read_server_file(folder)? else {
        return Err(Failure::Misused(format!(
            "no server found: {} is not there; start `weir serve`, or name a server with --server URL",
            folder.join(SERVER_FILE).display()
        )));
    };
    if !DataFolder::is_held(folder) {
        return Err(Failure::Misused(format!(
            "the server that {} names (process {}) runs no more; start `weir serve`, or name a server with --server URL",
            folder.join(SERVER_FILE).display(),
            file.pid
        )));
    }
    Ok(file)
}

/// The administrator's token of the data folder's server: the configured one, else the
/// one it made.
fn own_token(loaded: &Loaded) -> Result<Option<Secret>, Failure> {
    if let Some(token) = &loaded.config.admin_token {
        return Ok(Some(token.clone()));
    }
    let text = read(&loaded.config.data.join(ADMIN_TOKEN_FILE))?;
    Ok(text.map(|text| Secret::new(text.trim())))
}

fn read_server_file(folder: &Path) -> Result<Option<ServerFile>, Failure> {
    let path = folder.join(SERVER_FILE);
    let Some(text) = read(&path)? else {
        return Ok(None);
    };
    let file = serde_json::from_str(&text)
        .map_err(|error| Failure::Misused(format!("{}: {error}", path.display())))?;
    Ok(Some(file))
}

fn read(path: &Path) -> Result<Option<String>, Failure> {
    private_file::read(path)
        .map_err(|error| Failure::Misused(format!("{}: cannot be read: {error}", path.display())))
}
