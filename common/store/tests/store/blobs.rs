//! Blobs: only what is durably in place may be referred to.

use weir_domain::Digest;
use weir_store::blobs;
use weir_testkit::TestDatabase;

use crate::support::{Scene, write};

weir_testkit::on_both_engines!(
    an_announced_blob_is_not_stored_yet,
    an_announcement_does_not_take_a_stored_blob_back,
    the_same_bytes_twice_in_a_group_are_one_blob,
    stored_blobs_are_listed_in_pages,
    blobs_are_counted_and_summed_by_state,
);

fn blob(n: u64) -> (Digest, u64) {
    (Digest::of(&n.to_be_bytes()), n)
}

async fn announce(scene: &Scene, all: Vec<(Digest, u64)>) {
    let now = scene.now();
    write!(scene, |tx| blobs::announce(tx, &all, now).await).unwrap();
}

async fn store(scene: &Scene, all: Vec<(Digest, u64)>) {
    let now = scene.now();
    announce(scene, all.clone()).await;
    write!(scene, |tx| blobs::stored(tx, &all, now).await).unwrap();
}

async fn size(scene: &Scene, n: u64) -> Option<u64> {
    let found = blobs::find_stored(scene.db.read(), &blob(n).0).await;
    found.unwrap()
}

async fn blobs_are_counted_and_summed_by_state(database: TestDatabase) {
    let scene = Scene::of(database).await;
    assert_eq!(blobs::totals(scene.db.read()).await.unwrap(), []);
    announce(&scene, vec![blob(7)]).await;
    store(&scene, vec![blob(5), blob(1_000_000_000_000)]).await;
    let totals = blobs::totals(scene.db.read()).await.unwrap();
    let totals: Vec<_> = totals
        .iter()
        .map(|total| (total.state.as_str(), total.count, total.bytes))
        .collect();
    assert_eq!(
        totals,
        [("pending", 1, 7), ("stored", 2, 1_000_000_000_005)]
    );
}

async fn an_announced_blob_is_not_stored_yet(database: TestDatabase) {
    let scene = Scene::of(database).await;
    announce(&scene, vec![blob(7)]).await;
    assert_eq!(size(&scene, 7).await, None);
    store(&scene, vec![blob(7)]).await;
    assert_eq!(size(&scene, 7).await, Some(7));
    assert_eq!(size(&scene, 8).await, None);
}

async fn an_announcement_does_not_take_a_stored_blob_back(database: TestDatabase) {
    let scene = Scene::of(database).await;
    store(&scene, vec![blob(7)]).await;
    announce(&scene, vec![blob(7)]).await;
    assert_eq!(size(&scene, 7).await, Some(7));
}

async fn the_same_bytes_twice_in_a_group_are_one_blob(database: TestDatabase) {
    let scene = Scene::of(database).await;
    announce(&scene, vec![blob(7), blob(8), blob(7)]).await;
    store(&scene, vec![blob(7), blob(8), blob(7)]).await;
    assert_eq!(size(&scene, 7).await, Some(7));
    assert_eq!(size(&scene, 8).await, Some(8));
}

async fn stored_blobs_are_listed_in_pages(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let mut all: Vec<_> = (0..1100).map(blob).collect();
    store(&scene, all.clone()).await;
    announce(&scene, vec![blob(5000)]).await;
    let mut listed = Vec::new();
    loop {
        let after = listed.last().map(|(digest, _)| *digest);
        let page = blobs::list_stored(scene.db.read(), after, 400).await;
        let page = page.unwrap();
        if page.is_empty() {
            break;
        }
        listed.extend(page);
    }
    all.sort();
    assert_eq!(listed, all);
}
