//! `weir serve` and `weir migrate`: what stops them before they begin.

use crate::program::{Bench, ran};

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
