//! What an operator sees of a server that looks after what it stores: damage, waste, low disks.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;
use weir_testkit::{SmallDisk, presets, until};
use weir_tests::{
    System,
    command::{self, Said},
    stored,
    system::SOON,
};

async fn weir(system: &System, arguments: &[&str]) -> Said {
    command::run(&mut system.weir(arguments)).await
}

/// Returns the file of a blob with these bytes.
fn file_of(folder: &Path, bytes: &[u8]) -> PathBuf {
    let files = stored::files(&folder.join("blobs")).into_iter();
    let mut same = files.filter(|file| fs::read(file).is_ok_and(|held| held == bytes));
    same.next().expect("it is stored")
}

#[tokio::test]
async fn a_blob_that_was_damaged_by_hand_is_never_served_repaired_and_reported() {
    let system = System::start(presets::flat(2, 1, 20_000)).await;
    for name in ["flat-0001", "flat-0002"] {
        system.bring(name).await;
    }
    let said = weir(&system, &["verify", "--all"]).await;
    said.assert_success("weir verify --all");
    assert!(said.out.contains("0 were damaged"), "{said:?}");

    // One is found by its reader, the other by an operator.
    let whole = |name: &str| system.upstream().tarball_of(name, "1.0.0").bytes;
    for name in ["flat-0001", "flat-0002"] {
        let file = file_of(system.data(), &whole(name));
        fs::write(file, vec![b'x'; whole(name).len()]).expect("written");
    }
    system.assert_tarball("flat-0001", "1.0.0").await;
    let said = weir(&system, &["verify", "flat-0002", "--repair"]).await;
    assert_eq!(said.code, 1, "damage is no success: {said:?}");
    assert!(said.out.contains("tarball of flat-0002@1.0.0"), "{said:?}");
    until("the repair", SOON, async || {
        let list = system
            .get_as_admin("/syncs?state=success&target=flat-0002")
            .await;
        list.json()["data"].as_array().expect("tasks").len() == 3
    })
    .await;
    file_of(system.data(), &whole("flat-0002"));
    system.assert_tarball("flat-0002", "1.0.0").await;
    let storage = system.get_as_admin("/-/admin/storage").await.json();
    let damaged = storage["damaged"].as_array().expect("a list");
    assert_eq!(damaged.len(), 2, "{storage:#}");
    let said = weir(&system, &["verify", "--all"]).await;
    said.assert_success("weir verify --all, after the repair");
    stored::blobs(system.data());
    for (arguments, code) in [(&["verify"][..], 2), (&["verify", "--all", "x"], 2)] {
        assert_eq!(weir(&system, arguments).await.code, code, "{arguments:?}");
    }
    system.end().await;
}

#[tokio::test]
async fn what_nobody_refers_to_goes_while_everything_is_served() {
    let builder = System::builder().packages(presets::flat(1, 2, 2_000));
    let mut system = builder.setting("WEIR_BLOB_GRACE_SECS", "1").start().await;
    system.bring("flat-0001").await;
    for round in 0..3 {
        system
            .upstream()
            .deprecate("flat-0001", "1.0.0", &format!("reason {round}"));
        system
            .bring_with("flat-0001", &json!({"force": true}))
            .await;
        let said = weir(&system, &["gc"]).await;
        said.assert_success("weir gc");
        system.packument("flat-0001").await;
    }
    // Two documents, and the one tarball that a tag names.
    until("all waste to go", SOON, async || {
        stored::blobs(system.data()).len() == 3
    })
    .await;
    let said = weir(&system, &["gc", "--dry-run"]).await;
    said.assert_success("weir gc --dry-run");
    assert!(said.out.contains("refers to 0 further blobs"), "{said:?}");
    system.stop_server().await;
    system.start_server().await;
    let tag = system.packument("flat-0001").await["dist-tags"]["latest"].clone();
    system
        .assert_tarball("flat-0001", tag.as_str().expect("a tag"))
        .await;
    system.end().await;
}

#[tokio::test]
async fn syncs_wait_for_a_low_disk_with_a_reason_while_reads_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(disk) = SmallDisk::on(folder.path(), "96m") else {
        return; // Who may mount nothing has the worker's test, with a measure of its own.
    };
    let builder = System::builder().packages(presets::flat(2, 1, 20_000));
    let builder = builder.setting(
        "WEIR_BLOB_URL",
        &format!("file://{}", disk.path().display()),
    );
    let system = builder.setting("WEIR_MIN_FREE_MIB", "32").start().await;
    system.bring("flat-0001").await;
    let ballast = disk.path().join("ballast");
    fs::write(&ballast, vec![0; 80 << 20]).expect("written");
    let task = system.ask("flat-0002").await;
    let reason = until("a reason", SOON, async || {
        let status = system.status(&task).await.0;
        assert_eq!(status["state"], "waiting", "{status}");
        status["reason"].as_str().map(str::to_owned)
    })
    .await;
    assert!(reason.starts_with("the disk is low: "), "{reason}");
    let item = system
        .get_as_admin(&format!("/syncs/{}", task.id))
        .await
        .json();
    assert_eq!(item["reason"], reason.as_str(), "{item}");
    system.packument("flat-0001").await;
    system.assert_tarball("flat-0001", "1.0.0").await;
    fs::remove_file(&ballast).expect("there");
    system.succeeded(&task).await;
    system.assert_tarball("flat-0002", "1.0.0").await;
    system.end().await;
    drop(disk);
}
