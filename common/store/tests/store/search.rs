//! Finding packages: what is found, in which order, and that it is what is shown.

use serde_json::{Value, json, value::to_raw_value};
use weir_domain::{
    PackageId, RegistryId, Version,
    manifest::ManifestFacts,
    search::{Entry, Query},
};
use weir_store::{
    StoreError,
    access::Viewer,
    packages::{self, Flip, Head, UpstreamMark},
    search::{self, Hits, Page},
    versions::{self, NewVersion},
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, package, write};

weir_testkit::on_both_engines!(
    a_beginning_of_a_word_finds_a_package,
    the_name_counts_most_and_the_description_least,
    every_word_must_be_there,
    accents_and_case_do_not_matter,
    any_part_of_a_run_without_spaces_is_found,
    scopes_are_words_and_qualifiers,
    qualifiers_choose_and_exclude,
    pages_follow_each_other_and_know_the_total,
    what_nobody_can_mean_finds_nothing_and_harms_nothing,
    what_is_shown_is_what_is_found,
    a_flip_that_fails_leaves_what_was_found,
    a_package_without_a_latest_version_is_not_found,
    packages_from_before_are_behind_until_they_are_refreshed,
    a_removed_package_is_found_no_more,
    a_query_looks_at_a_bounded_number_of_rows,
);

/// Makes a version the latest of a package, whose manifest says these things.
async fn show(scene: &Scene, name: &str, number: &str, says: &Value) -> PackageId {
    try_show(scene, name, (number, number), says).await.unwrap()
}

async fn try_show(
    scene: &Scene,
    name: &str,
    (number, latest): (&str, &str),
    says: &Value,
) -> Result<PackageId, StoreError> {
    let mut manifest = json!({
        "name": name, "version": number,
        "dist": {"tarball": format!("https://up.example/{name}-{number}.tgz")},
    });
    let says = says.as_object().unwrap().clone();
    manifest.as_object_mut().unwrap().extend(says);
    let (name, raw, now) = (package(name), manifest.to_string(), scene.now());
    let new = NewVersion {
        facts: ManifestFacts::read(&name, number, &raw).unwrap(),
        raw,
        published_at: None,
        keeps_tarball: false,
    };
    let latest = [("latest".to_owned(), Version::parse(latest).unwrap())];
    let readme = [("readme".to_owned(), to_raw_value("zebra").unwrap())];
    let time = [(number.to_owned(), "2026-01-02T03:04:05.678Z".to_owned())];
    let head = Head {
        dist_tags: latest.into(),
        time: time.into(),
        root: readme.into(),
        modified_at: None,
    };
    write!(scene, |tx| {
        let package = packages::ensure(tx, &name, RegistryId::new(), now).await?;
        versions::stage(tx, package.id, package.revision + 1, &[new]).await?;
        let flip = Flip {
            package: package.id,
            name,
            from_revision: package.revision,
            policy_generation: 0,
            head,
            upstream: UpstreamMark::default(),
        };
        packages::flip(tx, &flip, &[], now).await?;
        Ok(package.id)
    })
}

const FIRST: Page = Page { from: 0, size: 20 };

async fn ask(scene: &Scene, text: &str, page: Page) -> Hits {
    let (db, query) = (scene.db.read(), Query::read(text));
    search::find(db, &query, Viewer::Stranger, page)
        .await
        .unwrap()
}

/// Returns the names of what is found, the best first.
async fn names(scene: &Scene, text: &str) -> Vec<String> {
    let found = ask(scene, text, FIRST).await;
    assert_eq!(found.total, found.hits.len() as u64, "{text}");
    found.hits.into_iter().map(|hit| hit.entry.name).collect()
}

async fn entry(scene: &Scene, name: &str) -> Option<Entry> {
    let found = ask(scene, name, FIRST).await.hits.into_iter();
    found.map(|hit| hit.entry).find(|entry| entry.name == name)
}

async fn a_beginning_of_a_word_finds_a_package(database: TestDatabase) {
    let scene = Scene::of(database).await;
    show(&scene, "react", "1.0.0", &json!({"description": "Views"})).await;
    show(&scene, "preact", "1.0.0", &json!({})).await;
    for text in ["r", "reac", "react", "REACT", "vie", "react view"] {
        assert_eq!(names(&scene, text).await, ["react"], "{text}");
    }
    for text in ["eact", "reacts", "zebra", "react zebra"] {
        assert_eq!(names(&scene, text).await, [""; 0], "{text}");
    }
}

async fn the_name_counts_most_and_the_description_least(database: TestDatabase) {
    let scene = Scene::of(database).await;
    show(
        &scene,
        "a-described",
        "1.0.0",
        &json!({"description": "for react"}),
    )
    .await;
    show(&scene, "a-keyed", "1.0.0", &json!({"keywords": ["react"]})).await;
    show(&scene, "a-react", "1.0.0", &json!({})).await;
    show(
        &scene,
        "@react/z",
        "1.0.0",
        &json!({"description": "react", "keywords": ["react"]}),
    )
    .await;
    show(&scene, "react-z", "1.0.0", &json!({})).await;
    show(&scene, "react-a", "1.0.0", &json!({})).await;
    show(&scene, "react", "1.0.0", &json!({})).await;
    let best_first = [
        "react",
        "react-a",
        "react-z",
        "@react/z",
        "a-react",
        "a-keyed",
        "a-described",
    ];
    assert_eq!(names(&scene, "react").await, best_first);
    assert_eq!(names(&scene, "reac").await[..3], best_first[..3]);
    assert_eq!(names(&scene, "react z").await, ["@react/z", "react-z"]);
}

async fn every_word_must_be_there(database: TestDatabase) {
    let scene = Scene::of(database).await;
    show(
        &scene,
        "one",
        "1.0.0",
        &json!({"keywords": ["red", "green"]}),
    )
    .await;
    show(
        &scene,
        "two",
        "1.0.0",
        &json!({"keywords": ["red", "blue"]}),
    )
    .await;
    assert_eq!(names(&scene, "red").await, ["one", "two"]);
    assert_eq!(names(&scene, "red blu").await, ["two"]);
    assert_eq!(names(&scene, "green two").await, [""; 0]);
}

async fn accents_and_case_do_not_matter(database: TestDatabase) {
    let scene = Scene::of(database).await;
    show(
        &scene,
        "JSONStream",
        "1.0.0",
        &json!({"description": "Crème brûlée"}),
    )
    .await;
    for text in ["jsonstream", "JSONs", "creme", "CRÈME", "brule", "brûlée"] {
        assert_eq!(names(&scene, text).await, ["JSONStream"], "{text}");
    }
}

async fn any_part_of_a_run_without_spaces_is_found(database: TestDatabase) {
    let scene = Scene::of(database).await;
    show(
        &scene,
        "fukei",
        "1.0.0",
        &json!({"description": "依存関係の管理ツール"}),
    )
    .await;
    show(
        &scene,
        "other",
        "1.0.0",
        &json!({"description": "依頼", "keywords": ["관계"]}),
    )
    .await;
    for text in ["依存", "関係", "関係の管理", "管", "ル", "ツール"] {
        assert_eq!(names(&scene, text).await, ["fukei"], "{text}");
    }
    assert_eq!(names(&scene, "依").await, ["fukei", "other"]);
    assert_eq!(names(&scene, "관계").await, ["other"]);
    assert_eq!(names(&scene, "管存").await, [""; 0]);
}

async fn scopes_are_words_and_qualifiers(database: TestDatabase) {
    let scene = Scene::of(database).await;
    show(&scene, "@babel/core", "1.0.0", &json!({})).await;
    show(&scene, "@babel/types", "1.0.0", &json!({})).await;
    show(&scene, "babel", "1.0.0", &json!({})).await;
    assert_eq!(
        names(&scene, "babel").await,
        ["babel", "@babel/core", "@babel/types"]
    );
    assert_eq!(names(&scene, "@babel/co").await, ["@babel/core"]);
    for text in ["scope:babel", "scope:@babel"] {
        assert_eq!(
            names(&scene, text).await,
            ["@babel/core", "@babel/types"],
            "{text}"
        );
    }
    assert_eq!(names(&scene, "scope:babel type").await, ["@babel/types"]);
    assert_eq!(names(&scene, "scope:bab").await, [""; 0]);
}

async fn qualifiers_choose_and_exclude(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let ann = json!({"keywords": ["a", "b"], "author": "Ann", "maintainers": [{"name": "ann"}]});
    show(&scene, "one", "1.0.0", &ann).await;
    let bob = json!({"keywords": ["a", "c"], "_npmUser": {"name": "bob"}});
    show(&scene, "two", "1.0.0", &bob).await;
    for (text, expected) in [
        ("keywords:a", &["one", "two"][..]),
        ("keywords:b,c", &["one", "two"]),
        ("keywords:a+c", &["two"]),
        ("keywords:a,-c", &["one"]),
        ("author:ann", &["one"]),
        ("maintainer:bob", &["two"]),
        ("=ann", &["one"]),
        ("keywords:a two", &["two"]),
        ("keywords:a not:insecure", &["one", "two"]),
        ("author:bob", &[]),
        ("keywords:zz", &[]),
    ] {
        assert_eq!(names(&scene, text).await, expected, "{text}");
    }
}

async fn pages_follow_each_other_and_know_the_total(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for n in 0..7 {
        show(&scene, &format!("page-{n}"), "1.0.0", &json!({})).await;
    }
    for text in ["page", "pag", ""] {
        let mut seen = Vec::new();
        for from in [0, 3, 6] {
            let page = ask(&scene, text, Page { from, size: 3 }).await;
            assert_eq!(page.total, 7, "{text}");
            seen.extend(page.hits.into_iter().map(|hit| hit.entry.name));
        }
        let all: Vec<_> = (0..7).map(|n| format!("page-{n}")).collect();
        assert_eq!(seen, all, "{text}");
        for beyond in [Page { from: 100, size: 3 }, Page { from: 0, size: 0 }] {
            let page = ask(&scene, text, beyond).await;
            assert_eq!((page.hits.len(), page.total), (0, 7), "{text} {beyond:?}");
        }
    }
}

async fn what_nobody_can_mean_finds_nothing_and_harms_nothing(database: TestDatabase) {
    let scene = Scene::of(database).await;
    show(&scene, "x", "1.0.0", &json!({})).await;
    let many = "many words of a long text ".repeat(11);
    for text in [
        "!!!",
        "x !!!",
        "%",
        "_",
        "x\0y",
        "' OR 1=1 --",
        "=",
        "\u{10ffff}",
        &many,
    ] {
        assert_eq!(names(&scene, text).await, [""; 0], "{text:?}");
    }
}

async fn what_is_shown_is_what_is_found(database: TestDatabase) {
    let scene = Scene::of(database).await;
    show(
        &scene,
        "x",
        "1.0.0",
        &json!({"description": "first", "keywords": ["kept"]}),
    )
    .await;
    assert_eq!(names(&scene, "first").await, ["x"]);
    show(
        &scene,
        "x",
        "1.1.0",
        &json!({"description": "second", "keywords": ["kept"]}),
    )
    .await;
    assert_eq!(names(&scene, "first").await, [""; 0]);
    assert_eq!(names(&scene, "second kept").await, ["x"]);
    // The words of a version that says the same are left as they are.
    show(
        &scene,
        "x",
        "1.2.0",
        &json!({"description": "second", "keywords": ["kept"]}),
    )
    .await;
    assert_eq!(names(&scene, "second kept").await, ["x"]);
    let entry = entry(&scene, "x").await.unwrap();
    assert_eq!(
        (entry.version.as_str(), entry.date.as_deref()),
        ("1.2.0", Some("2026-01-02T03:04:05.678Z"))
    );
    assert_eq!(search::behind(scene.db.read(), "", 10).await.unwrap(), []);
}

async fn a_flip_that_fails_leaves_what_was_found(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = show(&scene, "x", "1.0.0", &json!({"description": "first"})).await;
    let now = scene.now();
    let flip = Flip {
        package: id,
        name: package("x"),
        from_revision: 7,
        policy_generation: 0,
        head: Head::default(),
        upstream: UpstreamMark::default(),
    };
    let failed = write!(scene, |tx| packages::flip(tx, &flip, &[], now).await);
    assert!(matches!(failed, Err(StoreError::Changed(_))));
    assert_eq!(names(&scene, "first").await, ["x"]);
}

async fn a_package_without_a_latest_version_is_not_found(database: TestDatabase) {
    let scene = Scene::of(database).await;
    show(&scene, "x", "1.0.0", &json!({})).await;
    // What is called the latest is not shown.
    try_show(&scene, "x", ("1.1.0", "9.9.9"), &json!({}))
        .await
        .unwrap();
    assert_eq!(names(&scene, "x").await, [""; 0]);
    assert_eq!(
        scene
            .number("SELECT COUNT(*) AS n FROM search_tokens")
            .await,
        0
    );
}

async fn packages_from_before_are_behind_until_they_are_refreshed(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for name in ["a", "b", "c", "d"] {
        show(&scene, name, "1.0.0", &json!({"description": "word"})).await;
    }
    scene
        .meddle("DELETE FROM search_tokens WHERE package = 'a'")
        .await;
    scene
        .meddle("DELETE FROM search_entries WHERE package = 'a'")
        .await;
    scene
        .meddle("UPDATE search_entries SET revision = 0 WHERE package = 'b'")
        .await;
    scene
        .meddle("UPDATE search_entries SET scheme = 0 WHERE package = 'c'")
        .await;
    scene
        .meddle("UPDATE search_tokens SET token = 'stale' WHERE package = 'c' AND token = 'word'")
        .await;
    assert_eq!(names(&scene, "word").await, ["b", "d"]);
    let behind = search::behind(scene.db.read(), "", 10).await.unwrap();
    assert_eq!(behind, ["a", "b", "c"].map(package));
    let page = search::behind(scene.db.read(), "a", 1).await.unwrap();
    assert_eq!(page, [package("b")]);
    write!(scene, |tx| {
        for name in &behind {
            search::refresh(tx, name).await?;
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(names(&scene, "word").await, ["a", "b", "c", "d"]);
    assert_eq!(names(&scene, "stale").await, [""; 0]);
    assert_eq!(search::behind(scene.db.read(), "", 10).await.unwrap(), []);
}

async fn a_removed_package_is_found_no_more(database: TestDatabase) {
    let scene = Scene::of(database).await;
    show(&scene, "x", "1.0.0", &json!({})).await;
    show(&scene, "y", "1.0.0", &json!({})).await;
    write!(scene, |tx| search::remove(tx, &package("x")).await).unwrap();
    assert_eq!(names(&scene, "").await, ["y"]);
    let left = scene.number("SELECT COUNT(*) AS n FROM search_tokens WHERE package = 'x'");
    assert_eq!(left.await, 0);
    write!(scene, |tx| search::refresh(tx, &package("nobody")).await).unwrap();
}

/// A common word may hide some of what it is in, never what is called so.
async fn a_query_looks_at_a_bounded_number_of_rows(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let numbers = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 21000)";
    scene
        .meddle(format!(
            "{numbers} INSERT INTO search_tokens (package, token, weight) \
         SELECT 'aa-' || n, 'common', 1 FROM numbers"
        ))
        .await;
    show(&scene, "common", "1.0.0", &json!({})).await;
    show(&scene, "common-sense", "1.0.0", &json!({})).await;
    let found = ask(&scene, "comm", FIRST).await;
    let names: Vec<_> = found
        .hits
        .iter()
        .map(|hit| hit.entry.name.as_str())
        .collect();
    assert_eq!(names, ["common", "common-sense"]);
    assert_eq!(found.total, 20_002);
}
