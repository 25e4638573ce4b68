//! The command line on a machine that serves: what it prints, and its exit codes.
//!
//! How each command speaks to a server, and how bad settings are refused, is tested beside
//! its code; here stand whole commands against the whole server.

use std::path::Path;

use tokio::process::Command;
use weir_testkit::{PackageSpec, StandIn, presets, process::binary, until};
use weir_tests::{
    System,
    command::{self, Said},
    system::SOON,
};

async fn weir(system: &System, arguments: &[&str]) -> Said {
    command::run(&mut system.weir(arguments)).await
}

#[tokio::test]
async fn a_followed_sync_prints_the_log_and_ends_with_the_tree() {
    let system = System::start(presets::tree("app", 20)).await;
    let said = weir(&system, &["sync", "app", "--follow"]).await;
    said.assert_success("weir sync");
    let list = system.get_as_admin("/syncs?target=app").await.json();
    let id = list["data"][0]["id"].as_str().expect("a task").to_owned();
    assert!(said.out.contains(&id), "{said:?}");
    let task = weir_tests::Task {
        name: "app".to_owned(),
        id: id.clone(),
    };
    let log = system.log_text(&task).await;
    assert!(
        said.out.contains(&log),
        "the whole log, each line once: {said:?}"
    );
    assert!(said.out.contains("packages, success, in"), "{said:?}");

    let said = weir(&system, &["log", &id]).await;
    assert_eq!((said.code, said.out.as_str()), (0, log.as_str()));
    let said = weir(&system, &["log", &id, "--follow"]).await;
    assert_eq!((said.code, said.out.as_str()), (0, log.as_str()));
    let said = weir(&system, &["tasks", "--limit", "100"]).await;
    said.assert_success("weir tasks");
    assert!(
        said.out.contains(&id) && said.out.contains("processing 0"),
        "{said:?}"
    );
    system.end().await;
}

#[tokio::test]
async fn success_means_that_the_whole_tree_succeeded() {
    let root = |name: &str, needs: &str| {
        PackageSpec::new(name).version("1.0.0", |version| version.dependency(needs, "*"))
    };
    let system = System::start([root("broken", "gone"), root("whole", "whole")]).await;
    system.upstream().remove("gone");
    for (arguments, code, says) in [
        (&["sync", "whole", "--follow"][..], 0, "success"),
        (&["sync", "broken", "--follow"], 1, "not_found"),
        (
            &["sync", "broken", "--follow", "--skip-dependencies"],
            0,
            "success",
        ),
        (&["sync", "gone", "--follow"], 1, "not_found"),
        (&["sync", "whole", "gone", "--follow"], 1, "not_found"),
        (&["sync", "whole"], 0, "weir log"),
        (&["log", "018f0000-0000-7000-8000-000000000000"], 1, ""),
        (&["sync", "../x", "--follow"], 2, ""),
        (&["sync"], 2, ""),
    ] {
        let said = weir(&system, arguments).await;
        assert_eq!(said.code, code, "{arguments:?}: {said:?}");
        assert!(said.out.contains(says), "{arguments:?}: {said:?}");
        if code == 2 {
            assert_eq!(
                (said.out.as_str(), said.err.lines().count()),
                ("", 1),
                "{arguments:?}: {said:?}"
            );
        }
    }
    // One that ends may make another one wait: both are counted at one moment.
    until("the last wish to be served", SOON, async || {
        let counts = system.get_as_admin("/syncs").await.json()["counts"].clone();
        counts["waiting"] == 0 && counts["processing"] == 0
    })
    .await;
    system.end().await;
}

#[tokio::test]
async fn a_follower_outlives_a_restart_of_the_server() {
    let builder = System::builder().packages(presets::flat(1, 2, 1_000));
    let mut system = builder.setting("WEIR_GRACE_SECS", "4").start().await;
    let hold = system.upstream().packument("flat-0001").hold();
    let mut following = system.weir(&["sync", "flat-0001", "--follow"]);
    let restart = async {
        hold.wait_for_arrivals(1).await;
        system.stop_server().await;
        hold.release();
        system.start_server().await;
    };
    let (said, ()) = tokio::join!(command::run(&mut following), restart);
    said.assert_success("weir sync --follow across a restart");
    let list = system.get_as_admin("/syncs?target=flat-0001").await.json();
    let id = list["data"][0]["id"].as_str().expect("a task").to_owned();
    let log = system
        .log_text(&weir_tests::Task {
            name: "flat-0001".to_owned(),
            id,
        })
        .await;
    assert!(said.out.contains(&log), "each line once: {said:?}\n{log}");
    system.end().await;
}

/// Runs `weir serve` on a terminal of its own until it has greeted, and returns what it said.
async fn first_words(data: &Path, upstream: &StandIn) -> String {
    let serve = format!(
        "exec '{}' serve --listen 127.0.0.1:0 --data '{}' --upstream {}",
        binary("weir").display(),
        data.display(),
        upstream.url()
    );
    let transcript = data.with_extension("transcript");
    let mut script = Command::new("script");
    script
        .args(["--quiet", "--flush", "--return", "--command", &serve])
        .arg(&transcript);
    let script = script
        .env("SHELL", "/bin/sh")
        .env_remove("WEIR_ADMIN_TOKEN");
    let script = script
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null());
    let mut terminal = script
        .kill_on_drop(true)
        .spawn()
        .expect("script is part of every Debian");
    let words = until("the server to listen", SOON, async || {
        let words = std::fs::read_to_string(&transcript).unwrap_or_default();
        if words.contains("listening") && data.join("server.json").exists() {
            Ok(words)
        } else {
            Err(words)
        }
    })
    .await;
    let server = std::fs::read_to_string(data.join("server.json")).expect("a server's address");
    let server: serde_json::Value = serde_json::from_str(&server).expect("JSON");
    let url = server["url"].as_str().expect("a URL").to_owned();
    until("the server to answer", SOON, async || {
        weir_testkit::client::get(format!("{url}/-/ping"))
            .send()
            .await
            .map(|_| ())
    })
    .await;
    let words = std::fs::read_to_string(&transcript).unwrap_or(words);
    let pid = server["pid"].to_string();
    let kill = Command::new("sh")
        .args(["-c", &format!("kill {pid}")])
        .status()
        .await;
    assert!(kill.expect("a shell").success());
    terminal.wait().await.expect("script ends with its command");
    words.replace('\r', "")
}

#[tokio::test]
async fn the_first_start_on_a_terminal_says_what_to_do_next() {
    let upstream = StandIn::start([]).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let words = first_words(&data, &upstream).await;
    let token = data.join("admin-token");
    for part in [
        "listens on http://127.0.0.1:",
        upstream.url(),
        &token.display().to_string(),
        "sync express --follow",
        "npm install express --registry http://127.0.0.1:",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&token).unwrap().permissions());
    assert_eq!(
        mode & 0o777,
        0o600,
        "the token is for its owner's eyes only"
    );
    let again = first_words(&data, &upstream).await;
    assert!(!again.contains("npm install"), "once is enough: {again}");
}

#[tokio::test]
async fn the_configuration_is_printed_with_origins_and_without_secrets() {
    let secret = "npm_very_secret_0123456789_0123456789";
    let mut command = command::weir(&["config", "--listen", "127.0.0.1:9"]);
    let said = command::run(command.env("WEIR_ADMIN_TOKEN", secret)).await;
    said.assert_success("weir config");
    assert!(
        said.out.contains("127.0.0.1:9") && said.out.contains("--listen"),
        "{said:?}"
    );
    assert!(
        said.out.contains("WEIR_ADMIN_TOKEN") && !said.out.contains(secret),
        "{said:?}"
    );
}

#[tokio::test]
async fn what_cannot_be_served_is_one_line_and_exit_code_two() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let occupied = listener.local_addr().expect("an address").to_string();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("a file");
    let below_a_file = file.join("data").display().to_string();
    let data = folder.path().join("data").display().to_string();
    for arguments in [
        &["serve", "--listen", &occupied, "--data", &data][..],
        &["serve", "--listen", "127.0.0.1:0", "--data", &below_a_file],
        &["serve", "--listen", "nowhere", "--data", &data],
        &[
            "serve",
            "--upstream",
            "ftp://registry.example",
            "--data",
            &data,
        ],
        &["serve", "--upstream", "not a url", "--data", &data],
        &["serve", "--no-such-flag"],
        &["config", "--worker-concurrency", "0"],
        &["frobnicate"],
        &[],
    ] {
        let said = command::run(&mut command::weir(arguments)).await;
        assert_eq!(said.code, 2, "{arguments:?}: {said:?}");
        assert_eq!(
            (said.out.as_str(), said.err.lines().count()),
            ("", 1),
            "{arguments:?}: {said:?}"
        );
    }
}
