//! Writers, readers and two collectors at the same few bytes: what somebody refers to is there.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use weir_blob::Blobs;
use weir_content::Content;
use weir_domain::{Digest, PackageId, RegistryId, SystemClock, Timestamp};
use weir_store::{
    DatabaseConfig, Db, NoListener, StoreError, blobs, clock,
    documents::{self, Document},
    packages,
};
use weir_testkit::TestDatabase;
use weir_upstream::{UpstreamConfig, Upstreams};

use crate::setup::name;

weir_testkit::on_both_engines!(what_is_referred_to_is_there_whatever_is_collected);

/// Longer than any put takes here, as the real one is.
const GRACE: Duration = Duration::from_millis(1500);
const TIME: Duration = Duration::from_secs(9);
/// So many different blobs that each is left alone for long enough now and then.
const BLOBS: u64 = 300;
const WRITERS: u64 = 3;

fn bytes(n: u64) -> Bytes {
    Bytes::from(format!("blob number {n}").repeat(50))
}

fn document(writer: u64, digest: Digest, size: u64) -> Document {
    Document {
        form: format!("of writer {writer}"),
        encoding: "gzip".to_owned(),
        base: "http://mirror.example".to_owned(),
        revision: 0,
        policy_generation: 0,
        valid_until: None,
        digest,
        size_bytes: size,
        identity_bytes: size,
        etag: "W/\"1\"".to_owned(),
        modified_at: Timestamp(0),
    }
}

/// Puts a blob and refers to it, as every job does; again if it was collected meanwhile.
async fn put(content: &Content, package: PackageId, writer: u64, n: u64) -> (Digest, u64) {
    let blob = (Digest::of(&bytes(n)), bytes(n).len() as u64);
    loop {
        let staged = content.blobs.stage(bytes(n)).await.expect("staged");
        let announced = content.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                blobs::announce(tx, &[blob], now).await
            })
        });
        if announced.await.is_err() {
            tokio::task::yield_now().await;
            continue;
        }
        content
            .blobs
            .publish(vec![staged])
            .await
            .expect("published");
        let recorded = content.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                blobs::stored(tx, &[blob], now).await?;
                documents::put(tx, package, &document(writer, blob.0, blob.1)).await
            })
        });
        match recorded.await {
            Ok(_) => return blob,
            Err(StoreError::Changed(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

async fn write(content: Content, package: PackageId, writer: u64, end: Instant) {
    let mut n = writer * 97;
    while Instant::now() < end {
        n = n
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        // Its former reference is replaced by this one.
        let blob = put(&content, package, writer, (n >> 33) % BLOBS).await;
        for _ in 0..2 {
            let read = content.blobs.read(blob).await.expect("readable");
            assert!(read.is_some(), "what is referred to is there");
            tokio::time::sleep(Duration::from_millis(4)).await;
        }
    }
}

async fn collect(content: Content, end: Instant, deleted: Arc<AtomicU64>) {
    let db = &content.db;
    while Instant::now() < end {
        let bound = clock::now(db.read()).await.expect("a time").minus(GRACE);
        let page = blobs::page(db.read(), None, bound, 1000)
            .await
            .expect("listed");
        let waste = page.into_iter().filter(|(_, is_waste)| *is_waste);
        let waste: Vec<Digest> = waste.map(|(digest, _)| digest).collect();
        let begun_at = Instant::now();
        let begun = db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                blobs::doom(tx, &waste, bound, now).await?;
                let bounds = (now.minus(GRACE), now.minus(Duration::from_secs(60)));
                blobs::begin_deletion(tx, bounds, 50, now).await
            })
        });
        let begun = begun.await.expect("begun");
        let digests = begun.into_iter().map(|(digest, _)| digest).collect();
        let gone = content.erase(begun_at, digests).await.expect("erased");
        deleted.fetch_add(gone, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn what_is_referred_to_is_there_whatever_is_collected(database: TestDatabase) {
    let folder = tempfile::tempdir().expect("a folder");
    let config = DatabaseConfig::new(database.url());
    let db = Db::open(&config, Arc::new(NoListener))
        .await
        .expect("opens");
    let stored = Blobs::open(&folder.path().join("blobs")).expect("a folder");
    let upstreams = UpstreamConfig::new(folder.path().join("spool"));
    let upstreams = Upstreams::new(upstreams, Arc::new(SystemClock)).expect("usable");
    let content = Content::new(db, stored, upstreams);
    let package = content.db.write(|tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            packages::ensure(tx, &name("x"), RegistryId::new(), now).await
        })
    });
    let package = package.await.expect("made").id;
    let (end, deleted) = (Instant::now() + TIME, Arc::new(AtomicU64::new(0)));
    let crowd = TaskTracker::new();
    let mut all = Vec::new();
    for writer in 0..WRITERS {
        all.push(crowd.spawn(write(content.clone(), package, writer, end)));
    }
    for _ in 0..2 {
        all.push(crowd.spawn(collect(content.clone(), end, Arc::clone(&deleted))));
    }
    for one in all {
        one.await.expect("nobody missed anything");
    }
    let deleted = deleted.load(Ordering::Relaxed);
    assert!(deleted > 20, "the test is about collecting: {deleted}");
    // What is stored by its row is there.
    let rows = blobs::list_stored(content.db.read(), None, 1000)
        .await
        .expect("listed");
    for blob in &rows {
        assert!(content.blobs.read(*blob).await.expect("readable").is_some());
    }
}
