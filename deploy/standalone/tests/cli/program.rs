//! Runs the binary in a folder of its own, away from every variable of the machine.

use std::{cell::OnceCell, fs::File, path::Path, process::Output, time::Duration};

use tempfile::TempDir;
use tokio::process::Command;

/// Longer than any command here may take.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// A folder to run commands in.
pub struct Bench {
    folder: TempDir,
    /// Held as a running server holds its folder.
    lock: OnceCell<File>,
}

/// What a command left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub error: String,
}

impl Bench {
    pub fn new() -> Self {
        Self {
            folder: TempDir::new().expect("temporary folder"),
            lock: OnceCell::new(),
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Ends the announced server as a kill does: what it wrote stays.
    pub fn kill_announced(&mut self) {
        self.lock.take().expect("announced");
    }

    /// Leaves a running server's address and token, as `weir serve` does.
    pub fn announce(&self, url: &str, token: &str) {
        let data = self.path().join("weir-data");
        std::fs::create_dir_all(&data).expect("made");
        let server = format!("{{\"url\":\"{url}\",\"pid\":4711}}");
        std::fs::write(data.join("server.json"), server).expect("written");
        std::fs::write(data.join("admin-token"), format!("{token}\n")).expect("written");
        let lock = File::create(data.join("lock")).expect("made");
        lock.lock().expect("free");
        self.lock.set(lock).expect("announced once");
    }

    /// Returns a command that is ready to run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_weir"));
        command
            .env_clear()
            .args(arguments)
            .current_dir(self.path())
            .kill_on_drop(true);
        command
    }

    pub async fn run(&self, arguments: &[&str]) -> Ran {
        ran(&mut self.command(arguments)).await
    }
}

pub async fn ran(command: &mut Command) -> Ran {
    let output = tokio::time::timeout(DEADLINE, command.output()).await;
    let Output {
        status,
        stdout,
        stderr,
    } = output.expect("it ends in time").expect("it can be run");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Ran {
        code: status.code(),
        out: text(stdout),
        error: text(stderr),
    }
}

impl Ran {
    /// Asserts that the command failed with `code` and one line that holds `part`.
    #[track_caller]
    pub fn fails(&self, code: i32, part: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.error.lines().count(), 1, "one line: {self:?}");
        assert!(self.error.starts_with("weir: "), "{self:?}");
        assert!(self.error.contains(part), "{part:?} in {self:?}");
    }
}

/// Sends a signal, named without `SIG`; the shell has `kill` built in.
pub async fn signal(name: &str, pid: u32) {
    let script = ["-c", "kill -s \"$1\" \"$2\"", "sh", name, &pid.to_string()];
    let sent = Command::new("sh").args(script).status().await;
    assert!(sent.expect("there is a shell").success());
}
