//! What is kept beside packages: counts of downloads, and answers about signatures.

use weir_domain::{Day, PackageId, RegistryId, Timestamp};
use weir_store::{
    download_counts,
    kept_answers::{self, KeptAnswer},
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, write};

weir_testkit::on_both_engines!(
    counts_replace_earlier_ones_and_are_listed_by_day,
    an_answer_replaces_the_earlier_one_and_absences_are_pruned_first,
);

async fn counts_replace_earlier_ones_and_are_listed_by_day(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (id, other) = (PackageId::new(), PackageId::new());
    let many: Vec<_> = (0..1000).map(|n| (Day(20_000 + n), 7)).collect();
    for counts in [many, vec![(Day(20_500), u64::MAX), (Day(19_999), 1)]] {
        write!(scene, |tx| download_counts::put(tx, id, &counts).await).unwrap();
    }
    let db = scene.db.read();
    let list = async |id, first, last| {
        let listed = download_counts::list(db, id, (Day(first), Day(last))).await;
        listed.unwrap()
    };
    let most = i64::MAX.unsigned_abs();
    assert_eq!(
        list(id, 20_499, 20_501).await,
        [(Day(20_499), 7), (Day(20_500), most), (Day(20_501), 7)]
    );
    assert_eq!(list(id, 0, 100_000).await.len(), 1001);
    assert!(list(other, 0, 100_000).await.is_empty());
    let last = async |id| download_counts::last_day(db, id).await.unwrap();
    assert_eq!(
        (last(id).await, last(other).await),
        (Some(Day(20_999)), None)
    );
}

async fn an_answer_replaces_the_earlier_one_and_absences_are_pruned_first(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let registry = RegistryId::new();
    let put = async |path: &'static str, body: Option<&[u8]>| {
        let answer = KeptAnswer {
            body: body.map(<[u8]>::to_vec),
            fetched_at: scene.now(),
        };
        write!(scene, |tx| {
            kept_answers::put(tx, (registry, path), &answer).await
        })
        .unwrap();
    };
    let find = async |registry, path| {
        let found = kept_answers::find(scene.db.read(), registry, path).await;
        found.unwrap().map(|kept| kept.body)
    };
    put("keys", None).await;
    assert_eq!(find(registry, "keys").await, Some(None));
    put("keys", Some(b"\0{}")).await;
    put("other", None).await;
    assert_eq!(find(registry, "keys").await, Some(Some(b"\0{}".to_vec())));
    assert_eq!(find(RegistryId::new(), "keys").await, None);
    let later = scene.later(std::time::Duration::from_secs(1));
    let prune = async |before| {
        let pruned = write!(scene, |tx| kept_answers::prune(tx, later, before).await);
        pruned.unwrap()
    };
    assert_eq!(prune(Timestamp(0)).await, 1);
    assert_eq!(find(registry, "other").await, None);
    assert!(find(registry, "keys").await.is_some());
    assert_eq!(prune(later).await, 1);
    assert_eq!(find(registry, "keys").await, None);
}
