//! Real processes of ours under test: started, watched until they listen, killed.
//!
//! Standard output and error go to one file that a test can read at any time. A process
//! ends with its [`WeirProcess`], and the end of its output is shown when a test fails.

mod binary;
mod launch;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::{Duration, Instant},
};

use tokio::process::Child;

pub use binary::binary;
pub use launch::Builder;

/// How long [`WeirProcess::wait`] waits before the test fails.
const EXIT_DEADLINE: Duration = Duration::from_secs(40);
/// How long a killed process may take until it is gone, and how often to look.
const KILL_DEADLINE: Duration = Duration::from_secs(5);
const KILL_POLL: Duration = Duration::from_millis(1);
/// How many of the last lines a failing test shows.
const SHOWN_LINES: usize = 60;

/// A running program of ours; dropping it kills it.
#[derive(Debug)]
pub struct WeirProcess {
    child: Child,
    pid: u32,
    output: PathBuf,
    address: Option<SocketAddr>,
    /// Holds the output file's folder.
    _folder: tempfile::TempDir,
}

impl WeirProcess {
    /// Begins the description of a process; see [`binary()`] for the path.
    pub fn builder(program: impl Into<PathBuf>) -> Builder {
        Builder::new(program.into())
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address.expect("the process was started to listen")
    }

    /// Returns `http://` and where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Returns its process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Returns the file with everything it wrote.
    pub fn output_file(&self) -> &Path {
        &self.output
    }

    /// Returns everything it wrote so far, standard output and error in order.
    pub fn output(&self) -> String {
        let bytes = std::fs::read(&self.output).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Kills it at once (SIGKILL) and returns when it is gone.
    pub async fn kill9(&mut self) {
        self.child
            .kill()
            .await
            .expect("a child of ours can be killed");
    }

    /// Asks it to end (SIGTERM).
    pub async fn terminate(&self) {
        self.signal("TERM").await;
    }

    /// Sends a signal by its name without `SIG`, as `STOP` or `CONT`.
    pub async fn signal(&self, name: &str) {
        // The shell has `kill` built in; the crates that have it are unsafe or large.
        let status = tokio::process::Command::new("sh")
            .args([
                "-c",
                "kill -s \"$1\" \"$2\"",
                "sh",
                name,
                &self.pid.to_string(),
            ])
            .status()
            .await;
        assert!(
            status.expect("there is a shell").success(),
            "no process {} to signal",
            self.pid
        );
    }

    /// Waits until it has ended by itself.
    pub async fn wait(&mut self) -> ExitStatus {
        let ended = tokio::time::timeout(EXIT_DEADLINE, self.child.wait()).await;
        let ended = ended
            .unwrap_or_else(|_| panic!("process {} still runs after {EXIT_DEADLINE:?}", self.pid));
        ended.expect("a child of ours can be waited for")
    }

    /// Says whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Returns the last lines of its output, for a message.
    fn last_words(&self) -> String {
        let output = self.output();
        let lines: Vec<_> = output.lines().collect();
        lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
    }
}

impl Drop for WeirProcess {
    fn drop(&mut self) {
        if std::thread::panicking() {
            #[expect(
                clippy::print_stderr,
                reason = "the test's own output is the only place"
            )]
            {
                eprintln!(
                    "--- process {} wrote:\n{}\n---",
                    self.pid,
                    self.last_words()
                );
            }
        }
        // Who is killed may still write for a moment, into folders that are removed next.
        drop(self.child.start_kill());
        let end = Instant::now() + KILL_DEADLINE;
        while self.is_running() && Instant::now() < end {
            std::thread::sleep(KILL_POLL);
        }
    }
}
