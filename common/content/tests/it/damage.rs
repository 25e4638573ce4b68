//! Damaged bytes: never given to a reader, out of use at once, had anew by whoever asks next.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use futures::{FutureExt, TryStreamExt};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use weir_content::{ContentError, Pace, Tarball};
use weir_domain::Digest;
use weir_store::{audit, blobs, clock};
use weir_testkit::until;

use crate::setup::{Shelf, name, read, sized, version};

/// Holds the tarball; returns its blob and its file.
async fn held(shelf: &Shelf) -> ((Digest, u64), PathBuf) {
    shelf.show("a").await;
    let flight = shelf.flight("a", "1.0.0").await;
    let blob = flight.landed().await.expect("fetched");
    let hex = blob.0.to_string();
    let place = format!("blobs/blobs/{}/{hex}", &hex[..2]);
    (blob, shelf.folder.path().join(place))
}

async fn is_held(shelf: &Shelf) -> bool {
    let tarball = shelf.content.tarball(&name("a"), &version("1.0.0")).await;
    let offer = tarball.expect("readable").expect("there");
    matches!(offer.tarball, Tarball::Held(..))
}

async fn damage_of(shelf: &Shelf) -> Vec<audit::Event> {
    let db = shelf.content.db.read();
    audit::list_of(db, audit::BLOB_DAMAGE, 10)
        .await
        .expect("readable")
}

#[tokio::test]
async fn a_reader_of_damaged_bytes_gets_none_and_the_next_gets_them_anew() {
    for wreck in [vec![7; 5_000], b"cut".to_vec()] {
        let shelf = Shelf::of([sized(5_000)]).await;
        let (blob, file) = held(&shelf).await;
        let whole = fs::read(&file).expect("there");
        let mut wreck = wreck;
        if wreck.len() > 3 {
            wreck.resize(whole.len(), 7);
        }
        fs::write(&file, &wreck).expect("written");
        let error = shelf
            .content
            .open_held(blob, None)
            .await
            .expect_err("never");
        assert!(matches!(error, ContentError::Damaged(_)), "{error:?}");
        assert!(!file.exists());
        assert_eq!(damage_of(&shelf).await.len(), 1);
        assert!(!is_held(&shelf).await);
        let (_, bytes, error) = read(shelf.flight("a", "1.0.0").await).await;
        assert_eq!((bytes.to_vec(), error), (whole, None));
        until("it to be held again", Duration::from_secs(20), async || {
            is_held(&shelf).await
        })
        .await;
        let opened = shelf.content.open_held(blob, None).await.expect("mended");
        let pieces: Vec<_> = opened.stream.try_collect().await.expect("read");
        assert_eq!(pieces.concat().len() as u64, blob.1);
    }
}

#[tokio::test]
async fn a_file_that_is_gone_is_damage_too() {
    let shelf = Shelf::of([sized(5_000)]).await;
    let (blob, file) = held(&shelf).await;
    fs::remove_file(&file).expect("there");
    let finding = shelf
        .content
        .examine(blob, &mut Pace::new(None), |_| {})
        .await;
    let finding = finding.expect("readable").expect("damage");
    assert_eq!(finding.found, "its file is not there");
    assert_eq!(finding.damage.tarballs.len(), 1);
    assert!(!is_held(&shelf).await);
    let again = shelf
        .content
        .examine(blob, &mut Pace::new(None), |_| {})
        .await;
    assert!(again.expect("readable").is_none(), "it is told once");
}

#[tokio::test]
async fn whole_bytes_are_left_alone() {
    let shelf = Shelf::of([sized(700_000)]).await;
    let (blob, _) = held(&shelf).await;
    let seen = std::sync::atomic::AtomicU64::new(0);
    let count = |bytes| {
        seen.fetch_add(bytes, std::sync::atomic::Ordering::Relaxed);
    };
    let found = shelf
        .content
        .examine(blob, &mut Pace::new(None), count)
        .await;
    assert!(found.expect("readable").is_none());
    assert_eq!(seen.into_inner(), blob.1);
    assert!(is_held(&shelf).await && damage_of(&shelf).await.is_empty());
}

#[tokio::test]
async fn reading_keeps_its_pace() {
    let mut pace = Pace::new(Some(1_000_000));
    let begun = Instant::now();
    for _ in 0..3 {
        pace.spend(100_000).await;
    }
    assert!(
        begun.elapsed() >= Duration::from_millis(290),
        "{:?}",
        begun.elapsed()
    );
    let mut free = Pace::new(None);
    let begun = Instant::now();
    free.spend(u64::MAX).await;
    assert!(begun.elapsed() < Duration::from_millis(100));
}

/// Begins to delete the blob, as a collector does.
async fn begin_deletion(shelf: &Shelf, blob: (Digest, u64)) {
    shelf
        .write(move |tx| {
            async move {
                let now = clock::now(&**tx).await?;
                let seen = now.plus(Duration::from_secs(1));
                blobs::condemn(tx, blob.0, ("a test", seen), now).await
            }
            .boxed()
        })
        .await
        .expect("in use");
}

#[tokio::test]
async fn a_put_waits_until_the_deletion_of_the_same_bytes_is_over() {
    let shelf = Arc::new(Shelf::of([sized(5_000)]).await);
    let (blob, file) = held(&shelf).await;
    begin_deletion(&shelf, blob).await;
    let (putting, other) = (TaskTracker::new(), Arc::clone(&shelf));
    let put = putting.spawn(async move { other.flight("a", "1.0.0").await.landed().await });
    let flight = shelf.flight("a", "1.0.0").await;
    let early = tokio::time::timeout(Duration::from_millis(400), flight.landed());
    assert!(early.await.is_err(), "the file is still to be removed");
    assert!(file.exists(), "nothing was put over it");
    shelf
        .content
        .erase(Instant::now(), vec![blob.0])
        .await
        .expect("erased");
    assert_eq!(put.await.expect("ends").expect("put"), blob);
    assert!(file.exists() && is_held(&shelf).await);
}

#[tokio::test]
async fn a_process_that_wakes_up_too_late_removes_nothing() {
    let shelf = Shelf::of([sized(5_000)]).await;
    let (blob, file) = held(&shelf).await;
    let long_ago = Instant::now().checked_sub(weir_content::DELETION_LAPSES);
    let long_ago = long_ago.expect("the machine runs for a minute");
    let erased = shelf.content.erase(long_ago, vec![blob.0]).await;
    assert_eq!(erased.expect("nothing to do"), 0);
    assert!(file.exists() && is_held(&shelf).await);
}
