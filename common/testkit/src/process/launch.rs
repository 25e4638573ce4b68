//! Starting a process and waiting until it answers.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::process::Command;

use super::WeirProcess;
use crate::{client, until};

/// How long a process may take until it answers, unless told otherwise.
const START_DEADLINE: Duration = Duration::from_secs(30);

/// Variables that would change the process behind the test's back.
const FOREIGN_VARIABLES: [&str; 18] = [
    "WEIR_LISTEN",
    "WEIR_DATA",
    "WEIR_PUBLIC_URL",
    "WEIR_UPSTREAM",
    "WEIR_DATABASE_URL",
    "WEIR_REDIS_URL",
    "WEIR_BLOB_URL",
    "WEIR_TARBALLS",
    "WEIR_ADMIN_NAME",
    "WEIR_ADMIN_TOKEN",
    "WEIR_ADMIN_PASSWORD",
    "WEIR_CA_FILE",
    "WEIR_WORKER_CONCURRENCY",
    "WEIR_SECRET_KEY",
    "WEIR_SYNC_MODE",
    "WEIR_OUTGOING_PROXY",
    "WEIR_DURABLE",
    "RUST_LOG",
];

/// The description of a process.
#[derive(Debug)]
pub struct Builder {
    command: Command,
    listen: SocketAddr,
    deadline: Duration,
}

impl Builder {
    pub(super) fn new(program: PathBuf) -> Self {
        let mut command = Command::new(program);
        for name in FOREIGN_VARIABLES {
            command.env_remove(name);
        }
        Self {
            command,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            deadline: START_DEADLINE,
        }
    }

    /// Sets the data folder (`WEIR_DATA`).
    #[must_use]
    pub fn data(self, folder: &Path) -> Self {
        self.env("WEIR_DATA", folder)
    }

    /// Sets where it listens (`WEIR_LISTEN`); else a free port of loopback.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.command.arg(argument.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets how long it may take until it answers.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Starts it and waits until it answers `GET /-/ping`.
    ///
    /// With port 0 the address is read from its output: the first address after the word
    /// `listening`.
    pub async fn start(mut self) -> WeirProcess {
        self.command.env("WEIR_LISTEN", self.listen.to_string());
        let (listen, deadline) = (self.listen, self.deadline);
        let mut process = self.spawn();
        let mut address = None;
        let waiting = until("the process to answer GET /-/ping", deadline, async || {
            let found = if listen.port() == 0 {
                announced(&process.output())
            } else {
                Some(listen)
            };
            address = found;
            let ended = (!process.is_running()).then_some("it has ended");
            let answer = async {
                let url = format!("http://{}/-/ping", found.ok_or("no address announced")?);
                client::get(url).send().await.map_err(|_| "no answer")
            };
            match (answer.await, ended) {
                (Ok(reply), _) if reply.is_success() => Ok(()),
                (_, Some(ended)) => Err(ended.to_owned()),
                (Ok(reply), None) => Err(format!("status {}", reply.status)),
                (Err(reason), None) => Err(reason.to_owned()),
            }
        });
        waiting.await;
        process.address = address;
        process
    }

    /// Starts it without waiting for anything: for programs that do not listen.
    pub fn spawn(mut self) -> WeirProcess {
        let folder = tempfile::tempdir().expect("the temporary folder takes another one");
        let path = folder.path().join("output.log");
        let output = File::create(&path).expect("a fresh folder takes a file");
        let errors = output.try_clone().expect("a file handle can be doubled");
        let child = self
            .command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors);
        let child = child.kill_on_drop(true).spawn();
        let child = child.unwrap_or_else(|error| panic!("starting {:?}: {error}", self.command));
        WeirProcess {
            pid: child
                .id()
                .expect("a process that was just started has an id"),
            child,
            output: path,
            address: None,
            _folder: folder,
        }
    }
}

/// Finds the address that a process says it listens on.
fn announced(output: &str) -> Option<SocketAddr> {
    let at = output.to_ascii_lowercase().find("listening")?;
    let mut words =
        output[at..].split(|c: char| c.is_whitespace() || matches!(c, '"' | ',' | '/' | '='));
    words.find_map(|word| word.trim_end_matches('.').parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_announced_address_is_found_in_text_and_in_json() {
        let outputs = [
            "upstream http://127.0.0.1:9/\nINFO listening on http://127.0.0.1:7373/\n",
            r#"{"message":"Listening","upstream_is":true,"address":"127.0.0.1:7373"}"#,
            "weir is listening at http://127.0.0.1:7373.",
            "2026-01-01 INFO weir: listening address=127.0.0.1:7373",
        ];
        for output in outputs {
            let expected = "127.0.0.1:7373".parse().ok();
            assert_eq!(announced(output), expected, "{output}");
        }
        assert_eq!(announced("upstream http://127.0.0.1:9/"), None);
    }
}
