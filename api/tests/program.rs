//! `weir-api` as a program: it wants a migrated database and a folder nobody holds alone.

use std::path::Path;

use weir_testkit::process::{Builder, WeirProcess};

fn program(data: &Path) -> Builder {
    let program = WeirProcess::builder(env!("CARGO_BIN_EXE_weir-api"));
    program.data(data).listen(([127, 0, 0, 1], 0).into())
}

async fn migrate(data: &Path) {
    let url = format!("sqlite://{}", data.join("weir.sqlite").display());
    weir_migration::migrate(&url).await.expect("migrated");
}

#[tokio::test]
async fn an_old_schema_is_one_line_that_names_the_remedy() {
    let data = tempfile::tempdir().expect("temporary folder");
    let mut process = program(data.path())
        .env("WEIR_LISTEN", "127.0.0.1:0")
        .spawn();
    assert_eq!(process.wait().await.code(), Some(2));
    let output = process.output();
    assert_eq!(output.lines().count(), 1, "{output}");
    assert!(
        output.starts_with("weir-api: ") && output.contains("run `weir migrate`"),
        "{output}"
    );
}

#[tokio::test]
async fn it_answers_and_stops_in_order() {
    let data = tempfile::tempdir().expect("temporary folder");
    migrate(data.path()).await;
    let mut process = program(data.path()).start().await;
    process.terminate().await;
    assert_eq!(process.wait().await.code(), Some(0));
}

#[tokio::test]
async fn a_mistyped_flag_is_one_line() {
    let data = tempfile::tempdir().expect("temporary folder");
    let mut process = program(data.path()).arg("--lisen").spawn();
    assert_eq!(process.wait().await.code(), Some(2));
    let line = "weir-api: unexpected argument '--lisen' found, a similar argument exists: \
                '--listen'; see `weir-api --help`\n";
    assert_eq!(process.output(), line);
}
