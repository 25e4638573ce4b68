//! `weir serve` and `weir migrate`: what stops them, and what they leave in the folder.

use std::{os::unix::fs::PermissionsExt, path::Path};

use weir_testkit::{PackageSpec, StandIn, WeirProcess};

use crate::program::{Bench, ran};

/// Starts a server on the folder that the bench's commands look into.
async fn serving(bench: &Bench, arguments: &[&str]) -> WeirProcess {
    let program = WeirProcess::builder(env!("CARGO_BIN_EXE_weir")).arg("serve");
    let program = program.data(&bench.path().join("weir-data"));
    program.args(arguments).start().await
}

async fn stop(mut process: WeirProcess) -> Option<i32> {
    process.terminate().await;
    process.wait().await.code()
}

fn mode(path: &Path) -> u32 {
    path.metadata().expect("there").permissions().mode() & 0o777
}

#[tokio::test]
async fn a_start_leaves_private_files_and_a_stop_takes_the_address_away() {
    let bench = Bench::new();
    let server = serving(&bench, &[]).await;
    let data = bench.path().join("weir-data");
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("admin-token")), 0o600);
    assert_eq!(mode(&data.join("server.json")), 0o600);
    let token = std::fs::read_to_string(data.join("admin-token")).expect("readable");
    assert!(!server.output().contains(token.trim()));
    assert_eq!(stop(server).await, Some(0));
    assert!(!data.join("server.json").exists());
    assert!(data.join("admin-token").exists());
}

#[tokio::test]
async fn the_commands_find_the_running_server_by_themselves() {
    let bench = Bench::new();
    let server = serving(&bench, &[]).await;
    let tasks = bench.run(&["tasks"]).await;
    let none = "no tasks\nwaiting 0, processing 0, success 0, error 0\n";
    assert_eq!(
        (tasks.code, tasks.out.as_str()),
        (Some(0), none),
        "{tasks:?}"
    );
    let refused = bench.run(&["sync", "x"]).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.out.contains("upstream"), "{refused:?}");
    stop(server).await;
    bench.run(&["tasks"]).await.fails(2, "no server found");
}

#[tokio::test]
async fn a_second_start_on_the_same_folder_is_refused() {
    let bench = Bench::new();
    let server = serving(&bench, &[]).await;
    let pid = server.pid();
    let second = bench.run(&["serve", "--listen", "127.0.0.1:0"]).await;
    second.fails(2, &format!("another weir uses it (process {pid})"));
}

#[tokio::test]
async fn a_killed_server_leaves_a_folder_that_starts_again() {
    let bench = Bench::new();
    let mut first = serving(&bench, &[]).await;
    first.kill9().await;
    let second = serving(&bench, &[]).await;
    assert_eq!(stop(second).await, Some(0));
}

#[tokio::test]
async fn a_private_upstream_is_said_to_be_internal_and_a_move_is_noticed() {
    let bench = Bench::new();
    for (arguments, part) in [
        (&[][..], "no upstream is configured"),
        (
            &["--upstream", "http://127.0.0.1:9"],
            "only its own origin is allowed there",
        ),
        (
            &["--upstream", "http://127.0.0.1:10"],
            "the upstream changed",
        ),
    ] {
        let server = serving(&bench, arguments).await;
        assert!(
            server.output().contains(part),
            "{part}: {}",
            server.output()
        );
        stop(server).await;
    }
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

#[tokio::test]
async fn a_followed_tree_comes_whole_or_its_missing_part_is_named() {
    let needing = |name: &str, dependency: &str| {
        PackageSpec::new(name).version("1.0.0", |version| version.dependency(dependency, "^1.0.0"))
    };
    let upstream = StandIn::start([
        needing("whole", "part"),
        PackageSpec::new("part").version("1.2.0", |version| version),
        needing("torn", "gone"),
        PackageSpec::absent("gone"),
    ])
    .await;
    let bench = Bench::new();
    let server = serving(&bench, &["--upstream", upstream.url()]).await;
    let whole = bench.run(&["sync", "whole", "--follow"]).await;
    assert_eq!(whole.code, Some(0), "{whole:?}");
    assert!(
        whole.out.contains("whole: 2 packages, success, in "),
        "{whole:?}"
    );
    let torn = bench.run(&["sync", "torn", "--follow"]).await;
    assert_eq!(torn.code, Some(1), "{torn:?}");
    let lines: Vec<_> = torn.out.lines().rev().take(3).collect();
    assert!(
        lines[2].starts_with("torn: 2 packages, 1 failed, in "),
        "{torn:?}"
    );
    assert!(
        lines[1].starts_with("failed: gone (not_found): "),
        "{torn:?}"
    );
    let id = lines[0].trim().trim_start_matches("weir log ");
    let log = bench.run(&["log", id]).await;
    assert!(log.code == Some(0) && log.out.contains("gone"), "{log:?}");
    assert_eq!(stop(server).await, Some(0));
}
