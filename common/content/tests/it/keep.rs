//! The order between an upstream's byte and a row that refers to it.

use weir_content::{ContentError, TarballSource};
use weir_domain::Digest;
use weir_store::{blobs, clock};
use weir_testkit::Fault;

use crate::setup::{Shelf, sized};

async fn source(shelf: &Shelf) -> TarballSource {
    let outline = shelf.outline("a", "1.0.0").await;
    TarballSource {
        registry: shelf.registry.clone(),
        url: outline.tarball_url,
        integrity: outline.integrity,
    }
}

#[tokio::test]
async fn bytes_are_announced_then_durable_then_recorded() {
    let shelf = Shelf::of([sized(5_000)]).await;
    shelf.show("a").await;
    let bytes = shelf.upstream.tarball_of("a", "1.0.0").bytes;
    let (digest, size) = (Digest::of(&bytes), bytes.len() as u64);
    let mut received = 0;
    let verified = shelf
        .content
        .fetch(&source(&shelf).await, |bytes| received += bytes)
        .await
        .expect("fetched");
    assert_eq!(
        (verified.digest(), verified.size(), received),
        (digest, size, size)
    );
    assert_eq!(shelf.bytes_on_disk(), (0, size), "nothing has its name yet");

    let kept = shelf.content.keep(vec![verified]).await.expect("kept");
    assert_eq!(kept, [(digest, size)]);
    assert_eq!(shelf.bytes_on_disk(), (size, 0));
    let db = shelf.content.db.read();
    let stored = blobs::find_stored(db, &digest).await.expect("readable");
    assert_eq!(
        stored, None,
        "nothing may refer to it before it is recorded"
    );
    shelf
        .write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                blobs::stored(tx, &kept, now).await
            })
        })
        .await;
    let stored = blobs::find_stored(db, &digest).await.expect("readable");
    assert_eq!(stored, Some(size));
}

#[tokio::test]
async fn a_disk_that_refuses_leaves_an_announcement_and_nothing_else() {
    let shelf = Shelf::of([sized(5_000)]).await;
    shelf.show("a").await;
    let verified = shelf.content.fetch(&source(&shelf).await, |_| {}).await;
    let verified = verified.expect("fetched");
    let digest = verified.digest();
    // A file where the folder of its digest should be.
    let folder = shelf.folder.path().join("blobs/blobs");
    let prefix = &digest.to_string()[..2];
    std::fs::write(folder.join(prefix), "in the way").expect("written");
    let refused = shelf.content.keep(vec![verified]).await;
    assert!(matches!(refused, Err(ContentError::Blob(_))), "{refused:?}");
    let db = shelf.content.db.read();
    assert_eq!(
        blobs::find_stored(db, &digest).await.expect("readable"),
        None
    );
    assert_eq!(shelf.bytes_on_disk().1, 0, "no temporary file is left");
}

#[tokio::test]
async fn what_is_not_as_promised_is_dropped_with_its_file() {
    let shelf = Shelf::of([sized(5_000)]).await;
    shelf.show("a").await;
    shelf.upstream.tarball("a", "1.0.0").once(Fault::Corrupt);
    let source = source(&shelf).await;
    let refused = shelf.content.fetch(&source, |_| {}).await;
    let Err(ContentError::Mismatch {
        promised,
        received,
        bytes,
    }) = refused
    else {
        panic!("{refused:?}");
    };
    let tarball = shelf.upstream.tarball_of("a", "1.0.0");
    assert_eq!(promised, tarball.integrity, "the strongest, and only that");
    assert_ne!(received, promised);
    assert_eq!(bytes, tarball.bytes.len() as u64);
    assert_eq!(shelf.bytes_on_disk(), (0, 0));
}

#[tokio::test]
async fn a_fetch_that_is_dropped_leaves_nothing_behind() {
    let shelf = Shelf::of([sized(400_000)]).await;
    shelf.show("a").await;
    let tarball = shelf.upstream.tarball("a", "1.0.0");
    tarball.always(Fault::HangAfter(150_000));
    let source = source(&shelf).await;
    let (mut bytes, fetched) = (0, std::sync::atomic::AtomicU64::new(0));
    let fetch = shelf.content.fetch(&source, |more| {
        bytes += more;
        fetched.store(bytes, std::sync::atomic::Ordering::SeqCst);
    });
    let begun = weir_testkit::until("bytes", std::time::Duration::from_secs(20), async || {
        fetched.load(std::sync::atomic::Ordering::SeqCst) >= 100_000
    });
    tokio::select! {
        _ = fetch => panic!("it hangs"),
        () = begun => {}
    }
    weir_testkit::until(
        "an empty disk",
        std::time::Duration::from_secs(20),
        async || shelf.bytes_on_disk() == (0, 0),
    )
    .await;
}
