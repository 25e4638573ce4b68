//! Categories of packages: counted, by a new table, and as an operator says.

use weir_domain::{
    Timestamp,
    catalogue::{
        Facts,
        categories::{Table, UNCATEGORIZED},
    },
};
use weir_store::catalogue;
use weir_testkit::TestDatabase;

use crate::{
    catalogue_reading::{filled, key, own, package},
    support::{Scene, write},
};

weir_testkit::on_both_engines!(
    categories_are_counted_and_a_package_of_several_in_each,
    labels_follow_the_facts,
    a_new_table_reaches_all_packages_page_by_page,
    what_is_said_of_a_package_stands_until_it_is_taken_back,
);

async fn counts(scene: &Scene) -> Vec<(String, u64)> {
    let counts = catalogue::count(scene.db.read()).await.unwrap();
    let pairs = counts.categories.into_iter();
    pairs.map(|one| (one.category, one.count)).collect()
}

async fn categories_are_counted_and_a_package_of_several_in_each(database: TestDatabase) {
    let scene = filled(
        database,
        vec![
            package("n/a", &["sensor", "ai"]),
            package("n/b", &["sensor"]),
            package("n/c", &[]),
        ],
    )
    .await;
    assert_eq!(
        counts(&scene).await,
        [
            ("SENSOR".to_owned(), 2),
            ("AI_ML".to_owned(), 1),
            (UNCATEGORIZED.to_owned(), 1)
        ]
    );
    let of = |scene: &Scene| scene.db.clone();
    let never = catalogue::count(of(&scene).read()).await.unwrap();
    assert_eq!((never.total, never.synced_at), (3, None));
    scene
        .meddle(
            "INSERT INTO catalogue_sources (registry_id, settings, full_at, incremental_at) \
             SELECT id, '{}', 5, 7 FROM catalogue_packages WHERE name = 'a'",
        )
        .await;
    let synced = catalogue::count(scene.db.read()).await.unwrap();
    assert_eq!(synced.synced_at, Some(Timestamp(7)));
}

async fn labels_follow_the_facts(database: TestDatabase) {
    let scene = filled(database, vec![package("n/a", &["sensor"])]).await;
    let found = catalogue::find(scene.db.read(), &key("n/a")).await;
    let id = found.unwrap().unwrap().id;
    let long = "x".repeat(5_000);
    let facts = Facts {
        topics: own(&["camera", "CAMERA", "", " ", "nul\0", &long]),
        licenses: own(&["MIT", "mit "]),
        ..Facts::default()
    };
    write!(scene, |tx| {
        let table = Table::default();
        catalogue::label(tx, id, &facts, &table, None).await?;
        catalogue::label(tx, id, &facts, &table, None).await
    })
    .unwrap();
    let of_kind = async |kind: &str| {
        let count = format!("SELECT COUNT(*) AS n FROM catalogue_labels WHERE kind = '{kind}'");
        scene.number(count).await
    };
    assert_eq!(of_kind("topic").await, 3, "each once, nothing empty");
    assert_eq!(
        (of_kind("license").await, of_kind("category").await),
        (1, 1)
    );
    assert_eq!(counts(&scene).await, [("CAMERA".to_owned(), 1)]);
}

async fn a_new_table_reaches_all_packages_page_by_page(database: TestDatabase) {
    let packages = (0..25).map(|n| package(&format!("n/p{n}"), &["sensor"]));
    let scene = filled(database, packages.collect()).await;
    let table = Table::new([("sensor".to_owned(), "measuring".to_owned())]).unwrap();
    let (wanted, now) = (table.clone(), scene.now());
    let set = async || {
        let table = wanted.clone();
        write!(scene, |tx| {
            catalogue::set_category_table(tx, &table, now).await
        })
    };
    assert!(set().await.unwrap(), "it is another");
    assert!(!set().await.unwrap(), "it is the same");
    assert_eq!(counts(&scene).await, [("SENSOR".to_owned(), 25)]);
    let (mut after, mut sizes) = (None, Vec::new());
    while let Some((last, count)) =
        write!(scene, |tx| catalogue::relabel(tx, after, 10).await).unwrap()
    {
        after = Some(last);
        sizes.push(count);
    }
    assert_eq!(sizes, [10, 10, 5]);
    assert_eq!(counts(&scene).await, [("MEASURING".to_owned(), 25)]);
    let stored = catalogue::category_table(scene.db.read()).await.unwrap();
    assert_eq!(stored, table);
}

async fn what_is_said_of_a_package_stands_until_it_is_taken_back(database: TestDatabase) {
    let scene = filled(database, vec![package("n/a", &["sensor"])]).await;
    let say = async |name: &str, said: Option<Vec<String>>| {
        let key = key(name);
        write!(scene, |tx| {
            catalogue::override_categories(tx, &key, said.as_deref()).await
        })
        .unwrap()
    };
    assert_eq!(say("n/other", Some(own(&["AUDIO"]))).await, None);
    let said = say("n/a", Some(own(&["audio", "Camera"]))).await;
    assert_eq!(said, Some(own(&["AUDIO", "CAMERA"])));
    let shown = async || {
        let found = catalogue::find(scene.db.read(), &key("n/a")).await;
        found.unwrap().unwrap()
    };
    assert_eq!(shown().await.package.categories, ["AUDIO", "CAMERA"]);
    let kept = catalogue::category_override(scene.db.read(), shown().await.id).await;
    assert_eq!(kept.unwrap(), Some(own(&["audio", "Camera"])));
    write!(scene, |tx| catalogue::relabel(tx, None, 10).await).unwrap();
    assert_eq!(shown().await.package.categories, ["AUDIO", "CAMERA"]);
    assert_eq!(say("n/a", None).await, Some(own(&["SENSOR"])));
    assert_eq!(shown().await.package.categories, ["SENSOR"]);
}
