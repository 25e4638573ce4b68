//! `weir config`: values, origins, masks, and the generated page.

use crate::program::{Bench, ran};

#[tokio::test]
async fn each_value_is_printed_with_its_origin_and_secrets_are_not() {
    const SECRET: &str = "open-sesame-open-sesame-open-sesame";
    let bench = Bench::new();
    std::fs::write(bench.path().join("weir.toml"), "log = \"warn\"\n").expect("written");
    let mut command = bench.command(&["config", "--max-attempts=3", "--allow-anonymous-sync"]);
    let ran = ran(command
        .env("WEIR_ADMIN_TOKEN", SECRET)
        .env("WEIR_UPSTREAM", "https://registry.example"))
    .await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let words = |line: &str| {
        line.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let lines: Vec<_> = ran.out.lines().map(|line| words(line).join(" ")).collect();
    for expected in [
        "listen = \"127.0.0.1:7373\" # default",
        "log = \"warn\" # weir.toml:log",
        "max_attempts = 3 # flag --max-attempts",
        "allow_anonymous_sync = true # flag --allow-anonymous-sync",
        "upstream = \"https://registry.example\" # environment WEIR_UPSTREAM",
        "# admin_token: set, not shown # environment WEIR_ADMIN_TOKEN",
    ] {
        assert!(
            lines.iter().any(|line| line == expected),
            "{expected}: {lines:#?}"
        );
    }
    assert!(!ran.out.contains("sesame"));
}

#[tokio::test]
async fn the_page_is_the_committed_one() {
    let ran = Bench::new().run(&["config", "--markdown"]).await;
    assert_eq!(ran.out, include_str!("../../../../docs/configuration.md"));
}

#[tokio::test]
async fn every_command_refuses_bad_settings_in_one_line() {
    let bench = Bench::new();
    for arguments in [&["config"][..], &["serve"], &["migrate"], &["tasks"]] {
        let ran = ran(bench.command(arguments).env("WEIR_LEASE_SECS", "soon")).await;
        ran.fails(
            2,
            "lease_secs = soon (environment WEIR_LEASE_SECS): expected a whole number",
        );
    }
    bench
        .run(&["config", "--config", "missing.toml"])
        .await
        .fails(2, "missing.toml: cannot be read");
}
