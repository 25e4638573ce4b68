//! Finds the server and the credentials of a command.
//!
//! `weir serve` leaves its address and its administrator's token in the data folder, both
//! for its owner's eyes only; being able to read them is what authorises. That token goes
//! to that server and to no other: not to whoever listens there now although the folder's
//! lock says that the server is gone, and for a server named with `--server` a token must be
//! named too, by `--token` or in the environment of this very command.

use std::path::Path;

use serde::{Deserialize, Serialize};
use weir_config::{Config, Loaded, Secret, Sources};
use weir_domain::{PublicBase, token::TokenSecret};
use weir_runtime::{DataFolder, private_file};
use weir_upstream::{LocalServer, local_client};

use super::Server;
use crate::{cli::ServerArguments, failure::Failure};

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

pub(super) fn server(arguments: ServerArguments) -> Result<Server, Failure> {
    let loaded = Config::load(&Sources::of_process(arguments.flags.0))?;
    let token = arguments.token.map(Secret::new);
    let found = match arguments.server {
        Some(url) => named(&url, token, &loaded)?,
        None => own(token, &loaded)?,
    };
    let way = local_client(LocalServer {
        url: PublicBase::parse(&found.url)
            .ok()
            .and_then(|base| base.as_str().parse().ok())
            .ok_or_else(|| {
                Failure::Misused(format!(
                    "--server: {}",
                    weir_domain::public_base::InvalidBase
                ))
            })?,
        token: found
            .token
            .map(|secret| TokenSecret::from_text(secret.reveal())),
        ca_file: loaded.config.ca_file,
    })
    .map_err(Failure::system)?;
    Ok(Server::new(way, found.remark))
}

/// The server of the command line.
fn named(url: &str, token: Option<Secret>, loaded: &Loaded) -> Result<Found, Failure> {
    let file = read_server_file(&loaded.config.data).ok().flatten();
    let same = |other: &ServerFile| {
        let (ours, theirs) = (PublicBase::parse(&other.url), PublicBase::parse(url));
        matches!((ours, theirs), (Ok(ours), Ok(theirs)) if ours == theirs)
    };
    let is_own = file.as_ref().is_some_and(same) && DataFolder::is_held(&loaded.config.data);
    let is_meant = loaded.origin("admin_token").is_of_this_command();
    let configured = loaded.config.admin_token.clone();
    let token = match token {
        Some(token) => Some(token),
        None if is_own => own_token(loaded)?,
        None => configured.filter(|_| is_meant),
    };
    Ok(Found {
        url: url.to_owned(),
        token,
        remark: String::new(),
    })
}

/// The server that uses the data folder.
fn own(token: Option<Secret>, loaded: &Loaded) -> Result<Found, Failure> {
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
    let token = match token {
        Some(token) => Some(token),
        None => own_token(loaded)?,
    };
    Ok(Found {
        remark: format!(
            "; {} names it (process {}): is `weir serve` running?",
            folder.join(SERVER_FILE).display(),
            file.pid
        ),
        url: file.url,
        token,
    })
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
