//! Processes: started until they answer, read, signalled, killed. The stand-in's own program
//! is what is started; it answers a ping and takes flags.

use std::{process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};
use weir_testkit::{
    client::get,
    process::{WeirProcess, binary},
    until,
};

const SOON: Duration = Duration::from_secs(20);

/// Says what a script would start: a stand-in that announces itself as `weir serve` does.
fn announcing() -> WeirProcess {
    let script = "echo listening on; exec \"$0\" --root app --packages 10";
    WeirProcess::builder("sh")
        .args(["-c", script])
        .arg(binary("weir-stand-in"))
        .spawn()
}

#[tokio::test]
async fn a_process_is_there_once_it_answers() {
    let script = "echo listening on; exec \"$0\" --packages 2";
    let builder = WeirProcess::builder("sh")
        .args(["-c", script])
        .arg(binary("weir-stand-in"));
    let mut process = builder.start().await;
    let reply = get(format!("{}/flat-0002", process.url()))
        .send()
        .await
        .unwrap();
    assert_eq!(reply.json()["name"], "flat-0002");
    let report = get(format!("{}/-/stand-in/report", process.url()))
        .send()
        .await
        .unwrap()
        .json();
    assert_eq!(report["counts"]["packument flat-0002"], 1);
    assert_eq!(report["unexpected"], serde_json::json!([]));
    assert!(process.output().contains(&process.url()));
    process.kill9().await;
    assert!(!process.is_running());
    assert!(get(process.url()).send().await.is_err());
}

#[tokio::test]
#[should_panic(expected = "ended before it answered")]
async fn a_process_that_ends_at_once_is_not_waited_for() {
    WeirProcess::builder("sh")
        .args(["-c", "echo port in use; exit 2"])
        .start()
        .await;
}

#[tokio::test]
async fn a_process_that_is_asked_to_end_ends() {
    let mut process = WeirProcess::builder("sh")
        .args([
            "-c",
            "trap 'exit 7' TERM; echo up; while :; do sleep 0.01; done",
        ])
        .spawn();
    until("the trap to be set", SOON, async || {
        process.output().contains("up")
    })
    .await;
    process.terminate().await;
    assert_eq!(process.wait().await.code(), Some(7));
}

#[tokio::test]
async fn a_dropped_process_is_killed() {
    let process = announcing();
    let pid = process.pid();
    drop(process);
    until("the process to be gone", SOON, async || {
        let mut look = Command::new("sh");
        look.args(["-c", &format!("kill -0 {pid}")])
            .stderr(Stdio::null());
        !look.status().await.expect("there is a shell").success()
    })
    .await;
}

#[tokio::test]
async fn the_stand_ins_first_line_is_its_url() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let mut child = Command::new(binary("weir-stand-in"))
        .args(["--root", "app", "--packages", "9", "--tls-ca-out"])
        .arg(&ca)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut line).await.unwrap();
    assert!(line.starts_with("https://127.0.0.1:"), "{line}");
    assert!(
        std::fs::read_to_string(&ca)
            .unwrap()
            .starts_with("-----BEGIN CERTIFICATE-----")
    );
}

#[test]
#[should_panic(expected = "cargo build --workspace")]
fn a_binary_that_is_not_built_is_named_with_its_cure() {
    binary("weir-no-such-thing");
}
