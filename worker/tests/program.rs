//! `weir-worker` as a program: it wants a migrated database and a folder nobody holds alone.

use std::{path::Path, time::Duration};

use weir_runtime::DataFolder;
use weir_testkit::{
    process::{Builder, WeirProcess},
    until,
};

fn program(data: &Path) -> Builder {
    WeirProcess::builder(env!("CARGO_BIN_EXE_weir-worker")).data(data)
}

async fn migrate(data: &Path) {
    let url = format!("sqlite://{}", data.join("weir.sqlite").display());
    weir_migration::migrate(&url).await.expect("migrated");
}

/// Asserts that the program ends with 2 and one line that holds `part`.
async fn refuses(data: &Path, part: &str) {
    refuses_to_run(program(data), part).await;
}

async fn refuses_to_run(program: Builder, part: &str) {
    let mut process = program.spawn();
    assert_eq!(process.wait().await.code(), Some(2));
    let output = process.output();
    assert_eq!(output.lines().count(), 1, "{output}");
    assert!(
        output.starts_with("weir-worker: ") && output.contains(part),
        "{output}"
    );
}

#[tokio::test]
async fn an_old_schema_is_one_line_that_names_the_remedy() {
    let data = tempfile::tempdir().expect("temporary folder");
    refuses(data.path(), "run `weir migrate` first").await;
}

#[tokio::test]
async fn a_folder_that_is_held_alone_is_refused() {
    let data = tempfile::tempdir().expect("temporary folder");
    migrate(data.path()).await;
    let folder = DataFolder::open(data.path()).expect("there");
    let _alone = folder.lock().expect("free");
    refuses(data.path(), "another weir uses it").await;
}

#[tokio::test]
async fn timings_that_contradict_each_other_are_refused() {
    let data = tempfile::tempdir().expect("temporary folder");
    migrate(data.path()).await;
    let program = program(data.path())
        .env("WEIR_LEASE_SECS", "10")
        .env("WEIR_SWEEP_SECS", "11");
    refuses_to_run(program, "lapsed leases would be found late").await;
}

#[tokio::test]
async fn it_works_beside_another_and_stops_in_order() {
    let data = tempfile::tempdir().expect("temporary folder");
    migrate(data.path()).await;
    let folder = DataFolder::open(data.path()).expect("there");
    let _other = folder.share().expect("shared");
    let mut process = program(data.path()).env("WEIR_GRACE_SECS", "40").spawn();
    let deadline = Duration::from_secs(20);
    until("the worker to start", deadline, async || {
        let output = process.output();
        if output.contains("worker starts") {
            Ok(())
        } else {
            Err(output)
        }
    })
    .await;
    let output = process.output();
    assert!(output.contains("grace_secs is 40"), "it warns: {output}");
    process.terminate().await;
    assert_eq!(process.wait().await.code(), Some(0));
}
