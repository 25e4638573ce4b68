//! Running a program to its end and keeping what it said.

use std::{process::Stdio, time::Duration};

use tokio::process::Command;
use weir_testkit::process::binary;

/// How long a program may run.
const DEADLINE: Duration = Duration::from_secs(170);

/// What a program that ended has said.
#[derive(Debug, Clone)]
pub struct Said {
    /// The exit code; -1 if a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// Fails the test unless the program succeeded.
    #[track_caller]
    pub fn assert_success(&self, what: &str) {
        let Self { code, out, err } = self;
        assert_eq!(*code, 0, "{what}\n--- out\n{out}\n--- err\n{err}");
    }
}

/// Runs a program to its end.
pub async fn run(command: &mut Command) -> Said {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(DEADLINE, child).await;
    let output = output.unwrap_or_else(|_| panic!("{command:?} still runs after {DEADLINE:?}"));
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said {
        code: output.status.code().unwrap_or(-1),
        out: text(&output.stdout),
        err: text(&output.stderr),
    }
}

/// Begins a call of `weir` that knows nothing of the caller's environment.
pub fn weir(arguments: &[&str]) -> Command {
    let mut command = Command::new(binary("weir"));
    command.args(arguments).env_clear();
    command
}
