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
use crate::{client, environment, until};

/// How long a process may take until it answers, unless told otherwise.
const START_DEADLINE: Duration = Duration::from_secs(30);

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
        for name in environment::steering_variables() {
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
    ///
    /// # Panics
    /// If it ends instead, or does not answer in time; its output is shown.
    pub async fn start(mut self) -> WeirProcess {
        self.command.env("WEIR_LISTEN", self.listen.to_string());
        let (listen, deadline) = (self.listen, self.deadline);
        let mut process = self.spawn();
        let answered = until("the process to answer GET /-/ping", deadline, async || {
            if !process.is_running() {
                return Ok(None);
            }
            let announced = || announced(&process.output()).ok_or("no address announced");
            let address = if listen.port() == 0 {
                announced()?
            } else {
                listen
            };
            let reply = client::get(format!("http://{address}/-/ping")).send().await;
            match reply.map_err(|_| "no answer")?.status {
                200 => Ok(Some(address)),
                _ => Err("another status than 200"),
            }
        });
        process.address = answered.await;
        assert!(
            process.address.is_some(),
            "process {} ended before it answered",
            process.pid
        );
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
            r#"{"message":"listening","address":"127.0.0.1:7373","data":"d"}"#,
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
