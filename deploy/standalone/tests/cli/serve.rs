//! `weir serve` and `weir migrate`: what stops them, and what they leave in the folder.

use std::{os::unix::fs::PermissionsExt, path::Path, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStderr, Command},
};

use crate::program::{Bench, ran};

/// Longer than a start or a stop may take.
const DEADLINE: Duration = Duration::from_secs(40);

/// A `weir serve` that has begun to listen.
struct Serving {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
    seen: String,
}

impl Serving {
    async fn start(bench: &Bench, arguments: &[&str]) -> Self {
        let mut command = bench.command(&["serve", "--listen", "127.0.0.1:0"]);
        let command = command
            .args(arguments)
            .stderr(Stdio::piped())
            .stdout(Stdio::null());
        let mut child = command.spawn().expect("it can be run");
        let log = BufReader::new(child.stderr.take().expect("piped")).lines();
        let mut serving = Self {
            child,
            log,
            seen: String::new(),
        };
        serving.until_it_logs("listening").await;
        serving
    }

    async fn until_it_logs(&mut self, part: &str) {
        let reading = async {
            while let Some(line) = self.log.next_line().await.expect("text") {
                self.seen.push_str(&line);
                self.seen.push('\n');
                if line.contains(part) {
                    return;
                }
            }
            panic!("it ended without {part:?}: {}", self.seen);
        };
        tokio::time::timeout(DEADLINE, reading)
            .await
            .expect("in time");
    }

    /// Asks it to stop and returns its exit code.
    async fn stop(mut self) -> Option<i32> {
        let pid = self.child.id().expect("running").to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status().await;
        assert!(asked.expect("`kill` exists").success());
        let status = tokio::time::timeout(DEADLINE, self.child.wait()).await;
        status.expect("in time").expect("a child of ours").code()
    }
}

fn mode(path: &Path) -> u32 {
    path.metadata().expect("there").permissions().mode() & 0o777
}

#[tokio::test]
async fn a_start_leaves_private_files_and_a_stop_takes_the_address_away() {
    let bench = Bench::new();
    let serving = Serving::start(&bench, &[]).await;
    let data = bench.path().join("weir-data");
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("admin-token")), 0o600);
    assert_eq!(mode(&data.join("server.json")), 0o600);
    let token = std::fs::read_to_string(data.join("admin-token")).expect("readable");
    assert!(!serving.seen.contains(token.trim()), "{}", serving.seen);
    assert_eq!(serving.stop().await, Some(0));
    assert!(!data.join("server.json").exists());
    assert!(data.join("admin-token").exists());
}

#[tokio::test]
async fn a_second_start_on_the_same_folder_is_refused() {
    let bench = Bench::new();
    let serving = Serving::start(&bench, &[]).await;
    let pid = serving.child.id().expect("running");
    let second = bench.run(&["serve", "--listen", "127.0.0.1:0"]).await;
    second.fails(2, &format!("another weir uses it (process {pid})"));
}

#[tokio::test]
async fn a_killed_server_leaves_a_folder_that_starts_again() {
    let bench = Bench::new();
    let mut first = Serving::start(&bench, &[]).await;
    first.child.kill().await.expect("a child of ours");
    let second = Serving::start(&bench, &[]).await;
    assert_eq!(second.stop().await, Some(0));
}

#[tokio::test]
async fn a_private_upstream_is_said_to_be_internal() {
    let bench = Bench::new();
    let without = Serving::start(&bench, &[]).await;
    assert!(
        without.seen.contains("no upstream is configured"),
        "{}",
        without.seen
    );
    without.stop().await;
    let upstream = ["--upstream", "http://127.0.0.1:9"];
    let with = Serving::start(&bench, &upstream).await;
    assert!(
        with.seen.contains("only its own origin is allowed there"),
        "{}",
        with.seen
    );
    with.stop().await;
    let moved = Serving::start(&bench, &["--upstream", "http://127.0.0.1:10"]).await;
    assert!(
        moved.seen.contains("the upstream changed"),
        "{}",
        moved.seen
    );
}

#[tokio::test]
async fn a_ca_file_that_is_none_is_one_line() {
    let bench = Bench::new();
    let ran = bench
        .run(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--ca-file",
            "missing.pem",
        ])
        .await;
    ran.fails(2, "missing.pem");
}

#[tokio::test]
async fn a_port_in_use_is_one_line_and_nothing_is_touched() {
    let bench = Bench::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("bound").to_string();
    let ran = bench.run(&["serve", "--listen", &address]).await;
    ran.fails(
        2,
        &format!("listen = {address} (flag --listen): the port is in use"),
    );
    assert!(!bench.path().join("weir-data").exists());
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_one_line() {
    let bench = Bench::new();
    std::fs::write(bench.path().join("file"), "").expect("written");
    for command in ["serve", "migrate"] {
        let mut command = bench.command(&[command, "--data", "file/data"]);
        let ran = ran(command.env("WEIR_LISTEN", "127.0.0.1:0")).await;
        ran.fails(2, "file/data: cannot be used");
    }
}

#[tokio::test]
async fn migrating_makes_the_database_and_may_be_repeated() {
    let bench = Bench::new();
    for _ in 0..2 {
        let ran = bench.run(&["migrate"]).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
    assert!(bench.path().join("weir-data/weir.sqlite").exists());
}
