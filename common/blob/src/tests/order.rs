//! What a power cut may take: nothing that `publish` said was there. Killing a process
//! cannot show this, so the order of system calls is the proof.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::poll;
use tempfile::TempDir;

use super::{
    files_below,
    recording::{Kind, Recording, Step},
    stage,
};
use crate::{BlobError, Blobs, StagedBlob, disk::Disk};

fn open_recorded() -> (TempDir, Blobs, Arc<Recording>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let recording = Arc::new(Recording::default());
    let disk = Disk::open(folder.path(), recording.clone()).expect("writable");
    (folder, Blobs::over(disk).expect("a folder"), recording)
}

async fn stage_three(blobs: &Blobs) -> Vec<StagedBlob> {
    let mut group = Vec::new();
    for text in ["a", "b", "c"] {
        group.push(stage(blobs, text).await);
    }
    group
}

fn place_of(blobs: &Blobs, staged: &StagedBlob) -> std::path::PathBuf {
    blobs.backend.spool().path_of(staged.digest())
}

/// Returns the only place of such a step.
fn only(steps: &[Step], kind: Kind, path: &Path) -> usize {
    let places: Vec<_> = (0..steps.len())
        .filter(|at| steps[*at].kind == kind && steps[*at].path == path)
        .collect();
    assert_eq!(places.len(), 1, "{kind:?} {} in {steps:#?}", path.display());
    places[0]
}

#[tokio::test]
async fn a_group_is_written_synced_renamed_and_its_folders_synced_in_this_order() {
    let (_folder, blobs, recording) = open_recorded();
    recording.take();
    let group = stage_three(&blobs).await;
    let files: Vec<_> = group
        .iter()
        .map(|staged| (staged.path().to_owned(), place_of(&blobs, staged)))
        .collect();
    blobs.publish(group).await.expect("published");
    let steps = recording.take();
    let last = |kind| steps.iter().rposition(|step| step.kind == kind);
    let first = |kind| steps.iter().position(|step| step.kind == kind);
    assert!(last(Kind::Write) < first(Kind::SyncFile), "{steps:#?}");
    assert!(last(Kind::SyncFile) < first(Kind::Rename), "{steps:#?}");
    assert!(last(Kind::Rename) < first(Kind::SyncFolder), "{steps:#?}");
    for (temporary, place) in files {
        only(&steps, Kind::Write, &temporary);
        only(&steps, Kind::SyncFile, &temporary);
        let rename = only(&steps, Kind::Rename, &place);
        assert_eq!(steps[rename].from.as_ref(), Some(&temporary));
        // A new folder is itself an entry that a power cut can take.
        for folder in place.ancestors().skip(1).take(2) {
            only(&steps, Kind::SyncFolder, folder);
        }
    }
}

#[tokio::test]
async fn a_folder_known_to_be_durable_is_synced_without_those_above() {
    let (_folder, blobs, recording) = open_recorded();
    let staged = stage(&blobs, "a").await;
    let place = place_of(&blobs, &staged);
    blobs.publish(vec![staged]).await.expect("published");
    std::fs::remove_file(&place).expect("in place");
    recording.take();
    let again = stage(&blobs, "a").await;
    blobs.publish(vec![again]).await.expect("published");
    let steps = recording.take();
    let synced: Vec<_> = steps
        .iter()
        .filter(|step| step.kind == Kind::SyncFolder)
        .map(|step| step.path.as_path())
        .collect();
    assert_eq!(synced, [place.parent().expect("a folder")]);
}

#[tokio::test]
async fn publish_does_not_return_before_the_folders_are_synced() {
    let (_folder, blobs, recording) = open_recorded();
    let group = stage_three(&blobs).await;
    recording.hold(Kind::SyncFolder);
    let mut publishing = Box::pin(blobs.publish(group));
    assert!(poll!(&mut publishing).is_pending());
    let held = recording.clone();
    tokio::task::spawn_blocking(move || held.wait_for(1))
        .await
        .expect("held");
    assert_eq!(count(&recording.take(), Kind::Rename), 3);
    assert!(poll!(&mut publishing).is_pending());
    recording.release();
    publishing.await.expect("published");
    assert!(count(&recording.take(), Kind::SyncFolder) >= 2);
}

#[tokio::test]
async fn the_files_of_a_group_are_synced_side_by_side() {
    let (_folder, blobs, recording) = open_recorded();
    let group = stage_three(&blobs).await;
    recording.hold(Kind::SyncFile);
    let mut publishing = Box::pin(blobs.publish(group));
    assert!(poll!(&mut publishing).is_pending());
    let held = recording.clone();
    tokio::task::spawn_blocking(move || held.wait_for(3))
        .await
        .expect("three at once");
    recording.release();
    publishing.await.expect("published");
}

#[tokio::test]
async fn bytes_twice_in_a_group_are_synced_and_moved_once() {
    let (_folder, blobs, recording) = open_recorded();
    let group = vec![stage(&blobs, "a").await, stage(&blobs, "a").await];
    recording.take();
    blobs.publish(group).await.expect("published");
    let steps = recording.take();
    assert_eq!(count(&steps, Kind::SyncFile), 1);
    assert_eq!(count(&steps, Kind::Rename), 1);
}

#[tokio::test]
async fn one_failed_sync_of_many_fails_the_group() {
    for index in 0..3 {
        let (_folder, blobs, recording) = open_recorded();
        let group = stage_three(&blobs).await;
        recording.fail_at(Kind::SyncFile, group[index].path());
        // Held up together, so each is on a thread of its own.
        recording.hold(Kind::SyncFile);
        let mut publishing = Box::pin(blobs.publish(group));
        assert!(poll!(&mut publishing).is_pending());
        let held = recording.clone();
        tokio::task::spawn_blocking(move || held.wait_for(3))
            .await
            .expect("three at once");
        recording.release();
        assert!(publishing.await.is_err(), "file {index}");
        assert_eq!(count(&recording.take(), Kind::Rename), 0);
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_synced_gets_no_name_and_leaves_nothing() {
    let (folder, blobs, recording) = open_recorded();
    let group = stage_three(&blobs).await;
    recording.fail(Kind::SyncFile);
    let error = blobs.publish(group).await.expect_err("no sync");
    assert!(error.to_string().starts_with("cannot sync "), "{error}");
    assert_eq!(count(&recording.take(), Kind::Rename), 0);
    assert_eq!(files_below(folder.path()), [] as [&Path; 0]);
}

#[tokio::test]
async fn a_folder_that_cannot_be_synced_is_an_error_and_is_tried_again() {
    let (_folder, blobs, recording) = open_recorded();
    recording.fail(Kind::SyncFolder);
    let staged = stage(&blobs, "a").await;
    let place = place_of(&blobs, &staged);
    assert!(blobs.publish(vec![staged]).await.is_err());
    recording.take();
    // The file is in place by now; what is missing is its folders' sync.
    recording.heal();
    let again = stage(&blobs, "a").await;
    blobs.publish(vec![again]).await.expect("published");
    let steps = recording.take();
    assert_eq!(count(&steps, Kind::Rename), 0);
    for folder in place.ancestors().skip(1).take(2) {
        only(&steps, Kind::SyncFolder, folder);
    }
}

#[tokio::test]
async fn bytes_already_there_are_not_synced_again_but_their_folder_is() {
    let (_folder, blobs, recording) = open_recorded();
    let first = stage(&blobs, "a").await;
    let place = place_of(&blobs, &first);
    blobs.publish(vec![first]).await.expect("published");
    recording.take();
    let twice = vec![stage(&blobs, "a").await, stage(&blobs, "a").await];
    recording.take();
    blobs.publish(twice).await.expect("published");
    let steps = recording.take();
    assert_eq!(steps.len(), 1, "{steps:#?}");
    only(&steps, Kind::SyncFolder, place.parent().expect("a folder"));
}

#[tokio::test]
async fn a_writer_whose_write_was_cancelled_or_failed_takes_no_more() {
    let (folder, blobs, recording) = open_recorded();
    recording.hold(Kind::Write);
    let mut writer = blobs.create().await.expect("created");
    {
        let mut writing = Box::pin(writer.write(vec![0; 300_000]));
        assert!(poll!(&mut writing).is_pending());
    }
    recording.release();
    assert!(matches!(writer.flush().await, Err(BlobError::Abandoned)));
    assert!(matches!(writer.finish().await, Err(BlobError::Abandoned)));

    let mut writer = blobs.create().await.expect("created");
    recording.fail(Kind::Write);
    writer.write(b"x").await.expect("gathered");
    assert!(matches!(writer.flush().await, Err(BlobError::Io { .. })));
    recording.heal();
    assert!(matches!(writer.finish().await, Err(BlobError::Abandoned)));
    drop((blobs, recording));
    let deadline = Instant::now() + Duration::from_secs(20);
    while !files_below(folder.path()).is_empty() {
        assert!(Instant::now() < deadline, "an abandoned file stays");
        tokio::task::yield_now().await;
    }
}

fn count(steps: &[Step], kind: Kind) -> usize {
    steps.iter().filter(|step| step.kind == kind).count()
}
