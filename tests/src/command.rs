//! Running a program to its end and keeping what it said.

use std::{process::Stdio, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
};
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

/// What is typed when a prompt was written: the prompt, and the answer, made of all that was said.
pub type Answer<'a> = (&'a str, &'a dyn Fn(&str) -> String);

/// Runs a program that asks: each time that the next prompt was written, its answer is typed.
///
/// All that it said is in `out`, in the order in which it was said.
pub async fn converse(command: &mut Command, answers: &[Answer<'_>]) -> Said {
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = tokio::time::timeout(DEADLINE, talk(child, answers)).await;
    said.unwrap_or_else(|_| panic!("{command:?} still runs after {DEADLINE:?}"))
}

async fn talk(mut child: Child, answers: &[Answer<'_>]) -> Said {
    let mut stdin = child.stdin.take();
    let mut out = child.stdout.take().expect("it is piped");
    let mut err = child.stderr.take().expect("it is piped");
    let (mut heard, mut from, mut answers) = (String::new(), 0, answers.iter().peekable());
    let (mut of_out, mut of_err) = ([0; 4096], [0; 4096]);
    let (mut is_out, mut is_err) = (true, true);
    while is_out || is_err {
        let part = tokio::select! {
            count = out.read(&mut of_out), if is_out => {
                let count = count.unwrap_or(0);
                is_out = count > 0;
                &of_out[..count]
            }
            count = err.read(&mut of_err), if is_err => {
                let count = count.unwrap_or(0);
                is_err = count > 0;
                &of_err[..count]
            }
        };
        if answers.peek().is_none() && !part.is_empty() {
            // Some go on for as long as somebody might type, others end too early without.
            stdin = None;
        }
        heard.push_str(&String::from_utf8_lossy(part));
        let prompted = answers.next_if(|(prompt, _)| heard[from..].contains(prompt));
        if let (Some((_, answer)), Some(typed)) = (prompted, &mut stdin) {
            from = heard.len();
            // A program that ended asks no more.
            let _ = typed
                .write_all(format!("{}\n", answer(&heard)).as_bytes())
                .await;
        }
    }
    let status = child.wait().await.expect("it ran");
    Said {
        code: status.code().unwrap_or(-1),
        out: heard,
        err: String::new(),
    }
}

/// Begins a call of `weir` that knows nothing of the caller's environment.
pub fn weir(arguments: &[&str]) -> Command {
    let mut command = Command::new(binary("weir"));
    command.args(arguments).env_clear();
    command
}
