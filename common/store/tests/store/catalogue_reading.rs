//! Reading the catalogue: pages in every order, filters, words, bare names, labels, counts.

use sea_orm::Statement;
use weir_domain::{
    PackageId, RegistryId,
    catalogue::{CatalogueSettings, Facts, PackageKey, categories::UNCATEGORIZED, pieces, words},
};
use weir_store::{
    ConnectionTrait, StoreError, Tx,
    catalogue::{self, Listed, Listing, Page, Sort},
};
use weir_testkit::{TestDatabase, database::Engine};

use crate::support::{Scene, write};

weir_testkit::on_both_engines!(
    a_list_is_in_a_total_order_whatever_it_is_ordered_by,
    pages_follow_each_other_and_know_the_total,
    filters_choose_and_all_must_hold,
    names_count_most_in_a_search,
    any_part_of_a_text_is_found_and_nothing_is_a_pattern,
    a_package_is_found_with_its_versions_and_its_readme,
    a_bare_name_means_one_of_its_packages,
    what_is_for_recipes_only_is_in_no_list_and_in_no_count,
    twenty_thousand_packages_are_paged_through_once_each,
);

const ALL: Page = Page {
    from: 0,
    size: 1_000,
};
const SIFLI: RegistryId = RegistryId(uuid::Uuid::from_u128(1));

/// A package as a run would have found it.
#[derive(Debug, Clone)]
pub struct Package {
    key: PackageKey,
    registry: RegistryId,
    facts: Facts,
    downloads: i64,
    at: i64,
    versions: Vec<(&'static str, Option<&'static str>)>,
}

pub fn key(text: &str) -> PackageKey {
    let (namespace, name) = text.split_once('/').expect("a key");
    PackageKey {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    }
}

/// Returns a package with these topics.
pub fn package(text: &str, topics: &[&str]) -> Package {
    Package {
        key: key(text),
        registry: SIFLI,
        facts: Facts {
            topics: topics.iter().map(|&topic| topic.to_owned()).collect(),
            ..Facts::default()
        },
        downloads: 0,
        at: 1_000,
        versions: vec![("1.0.0", None)],
    }
}

impl Package {
    fn about(mut self, description: &str) -> Self {
        self.facts.description = Some(description.to_owned());
        self
    }

    fn fetched(self, downloads: i64) -> Self {
        Self { downloads, ..self }
    }

    fn at(self, at: i64) -> Self {
        Self { at, ..self }
    }

    fn licensed(mut self, license: &str) -> Self {
        self.facts.licenses.push(license.to_owned());
        self
    }

    fn for_recipes(mut self) -> Self {
        self.facts.package_type = Some("python-require".to_owned());
        self
    }

    async fn insert(self, tx: &Tx) -> Result<PackageId, StoreError> {
        let id = PackageId::new();
        let facts = serde_json::to_string(&self.facts).unwrap();
        let run = async |text: &str, values: Vec<sea_orm::Value>| {
            let backend = tx.get_database_backend();
            let statement = Statement::from_sql_and_values(backend, text, values);
            tx.execute_raw(statement).await
        };
        run(
            "INSERT INTO catalogue_packages (id, registry_id, namespace, name, latest_version, \
             latest_stable_version, facts, is_hidden, words, downloads, versions_count, \
             created_at, updated_at, synced_at) \
             VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10, $11, $12, $12)",
            vec![
                id.0.into(),
                self.registry.0.into(),
                self.key.namespace.as_str().into(),
                self.key.name.as_str().into(),
                self.versions.first().map(|(version, _)| *version).into(),
                facts.as_str().into(),
                self.facts.is_for_recipes().into(),
                words(&self.key, &self.facts).into(),
                self.downloads.into(),
                i64::try_from(self.versions.len()).unwrap().into(),
                self.at.into(),
                (2_000_000 - self.at).into(),
            ],
        )
        .await?;
        for ((version, readme), place) in self.versions.iter().zip(0_i64..) {
            run(
                "INSERT INTO catalogue_versions (package_id, version, channel, revision, place, \
                 facts, readme, is_yanked, created_at, updated_at) \
                 VALUES ($1, $2, '_', 'r', $3, $4, $5, false, 1, 2)",
                vec![
                    id.0.into(),
                    (*version).into(),
                    place.into(),
                    facts.as_str().into(),
                    (*readme).into(),
                ],
            )
            .await?;
        }
        let table = catalogue::category_table(&**tx).await?;
        catalogue::label(tx, id, &self.facts, &table, None).await?;
        Ok(id)
    }
}

pub async fn filled(database: TestDatabase, packages: Vec<Package>) -> Scene {
    let scene = Scene::of(database).await;
    write!(scene, |tx| {
        for package in packages {
            package.insert(tx).await?;
        }
        Ok(())
    })
    .unwrap();
    scene
}

async fn list(scene: &Scene, listing: &Listing, page: Page) -> Listed {
    let listed = catalogue::list(scene.db.read(), listing, page).await;
    listed.unwrap()
}

fn keys(listed: &Listed) -> Vec<String> {
    let keys = listed.packages.iter().map(|package| &package.key);
    keys.map(ToString::to_string).collect()
}

async fn all(scene: &Scene, listing: Listing) -> Vec<String> {
    let listed = list(scene, &listing, ALL).await;
    assert_eq!(listed.total, listed.packages.len() as u64);
    keys(&listed)
}

async fn searched(scene: &Scene, search: &str) -> Vec<String> {
    let listing = Listing {
        pieces: pieces(search),
        sort: Sort::Relevance,
        is_descending: true,
        ..Listing::default()
    };
    all(scene, listing).await
}

async fn a_list_is_in_a_total_order_whatever_it_is_ordered_by(database: TestDatabase) {
    let packages = vec![
        package("b/x", &[]).fetched(5).at(30),
        package("a/x", &[]).fetched(5).at(30),
        package("a/y", &[]).fetched(5).at(10),
        package("c/w", &[]).fetched(9).at(20),
    ];
    let scene = filled(database, packages).await;
    for (sort, is_descending, wanted) in [
        (Sort::Name, false, ["c/w", "a/x", "b/x", "a/y"]),
        (Sort::Name, true, ["a/y", "b/x", "a/x", "c/w"]),
        // Nothing is searched for.
        (Sort::Relevance, false, ["c/w", "a/x", "b/x", "a/y"]),
        (Sort::Downloads, true, ["c/w", "a/x", "a/y", "b/x"]),
        (Sort::Downloads, false, ["a/x", "a/y", "b/x", "c/w"]),
        (Sort::Created, false, ["a/y", "c/w", "a/x", "b/x"]),
        (Sort::Created, true, ["a/x", "b/x", "c/w", "a/y"]),
        (Sort::Updated, true, ["a/y", "c/w", "a/x", "b/x"]),
    ] {
        let listing = Listing {
            sort,
            is_descending,
            ..Listing::default()
        };
        assert_eq!(
            all(&scene, listing).await,
            wanted,
            "{sort:?} {is_descending}"
        );
    }
}

async fn pages_follow_each_other_and_know_the_total(database: TestDatabase) {
    let packages = ["a", "b", "c", "d", "e"].map(|name| package(&format!("n/{name}"), &[]));
    let scene = filled(database, packages.to_vec()).await;
    for (from, wanted) in [
        (0, &["n/a", "n/b"][..]),
        (2, &["n/c", "n/d"]),
        (4, &["n/e"]),
        (6, &[]),
        (u64::MAX, &[]),
    ] {
        let listed = list(&scene, &Listing::default(), Page { from, size: 2 }).await;
        assert_eq!((keys(&listed), listed.total), (own(wanted), 5), "{from}");
    }
}

pub fn own(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

async fn filters_choose_and_all_must_hold(database: TestDatabase) {
    let packages = vec![
        package("a/one", &["sensor", "i2c"]).licensed("Apache-2.0"),
        package("a/two", &["sensor"]).licensed("MIT"),
        package("b/three", &["camera"]).licensed("Apache 2.0"),
        package("b/four", &[]),
    ];
    let scene = filled(database, packages).await;
    let some = |text: &str| Some(text.to_owned());
    let listing = Listing::default;
    for (listing, wanted) in [
        (
            Listing {
                category: some("sensor"),
                ..listing()
            },
            &["a/one", "a/two"][..],
        ),
        (
            Listing {
                category: some(UNCATEGORIZED),
                ..listing()
            },
            &["b/four"],
        ),
        (
            Listing {
                category: some("nothing"),
                ..listing()
            },
            &[],
        ),
        (
            Listing {
                topic: some("I2C"),
                ..listing()
            },
            &["a/one"],
        ),
        (
            Listing {
                license: some("apache 2.0"),
                ..listing()
            },
            &["b/three"],
        ),
        (
            Listing {
                namespace: some("b"),
                ..listing()
            },
            &["b/four", "b/three"],
        ),
        (
            Listing {
                category: some("SENSOR"),
                topic: some("sensor"),
                license: some("mit"),
                namespace: some("a"),
                pieces: pieces("tw"),
                ..listing()
            },
            &["a/two"],
        ),
        (
            Listing {
                category: some("SENSOR"),
                namespace: some("b"),
                ..listing()
            },
            &[],
        ),
    ] {
        assert_eq!(
            all(&scene, listing.clone()).await,
            own(wanted),
            "{listing:?}"
        );
    }
}

async fn names_count_most_in_a_search(database: TestDatabase) {
    let packages = vec![
        package("n/aaa", &["sht30"]).fetched(900),
        package("n/bbb", &[])
            .about("reads the SHT30")
            .fetched(1_000),
        package("n/my-sht30", &[]).fetched(50),
        package("n/sht30-driver", &[]).fetched(10),
        package("n/sht30", &[]),
        package("m/sht30", &[]),
        package("sht30/zzz", &[]),
    ];
    let scene = filled(database, packages).await;
    assert_eq!(
        searched(&scene, "SHT30").await,
        [
            "m/sht30",
            "n/sht30",
            "n/sht30-driver",
            "n/my-sht30",
            "sht30/zzz",
            "n/bbb",
            "n/aaa"
        ]
    );
    assert_eq!(
        searched(&scene, "sht30 driver").await,
        ["n/sht30-driver"],
        "all pieces must be there"
    );
    assert_eq!(searched(&scene, "m/sht30").await[0], "m/sht30");
    let worst_first = Listing {
        pieces: pieces("sht30"),
        sort: Sort::Relevance,
        ..Listing::default()
    };
    assert_eq!(all(&scene, worst_first).await[0], "n/bbb");
}

async fn any_part_of_a_text_is_found_and_nothing_is_a_pattern(database: TestDatabase) {
    let packages = vec![
        package("n/one", &[]).about("温湿度传感器驱动 100% Straße"),
        package("n/two_b", &[]).about("Capteur d'humidité!"),
        package("n/three", &[]).about("日本語"),
    ];
    let scene = filled(database, packages).await;
    for (search, wanted) in [
        ("传感", &["n/one"][..]),
        ("湿度　驱动", &["n/one"]),
        ("度", &["n/one"]),
        ("本", &["n/three"]),
        ("HUMIDITE!", &["n/two_b"]),
        ("100%", &["n/one"]),
        ("o_b", &["n/two_b"]),
        ("_", &["n/two_b"]),
        ("%", &["n/one"]),
        ("o%e", &[]),
        ("%%", &[]),
        ("\u{0}", &[]),
        ("'; DROP TABLE catalogue_packages; --", &[]),
        ("one\ntwo", &[]),
        ("", &["n/one", "n/three", "n/two_b"]),
    ] {
        let mut found = searched(&scene, search).await;
        found.sort();
        assert_eq!(found, own(wanted), "{search:?}");
    }
}

async fn a_package_is_found_with_its_versions_and_its_readme(database: TestDatabase) {
    let mut sht30 = package("sifli/sht30", &["driver", "sensor"]).about("Reads it");
    sht30.versions = vec![
        ("0.0.5", None),
        ("0.0.4", Some("# four")),
        ("0.0.3", Some("x")),
    ];
    let scene = filled(database, vec![sht30.clone(), package("sifli/other", &[])]).await;
    let db = scene.db.read();
    assert_eq!(
        catalogue::find(db, &key("sifli/nothing")).await.unwrap(),
        None
    );
    assert_eq!(catalogue::find_named(db, "nothing").await.unwrap(), None);
    let found = catalogue::find(db, &key("sifli/sht30"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.package.facts, sht30.facts);
    assert_eq!(found.package.categories, ["SENSOR", "DRIVER"]);
    assert_eq!(found.package.latest_version.as_deref(), Some("0.0.5"));
    assert_eq!(
        (found.package.versions_count, found.package.registry),
        (3, SIFLI)
    );
    let before = scene.db.statements();
    let named = catalogue::find_named(db, "sht30").await.unwrap();
    assert_eq!(named.as_ref(), Some(&found));
    let page = Page { from: 1, size: 5 };
    let versions = catalogue::versions(db, found.id, page).await.unwrap();
    let asked = scene.db.statements() - before;
    assert_eq!(asked, 2, "what is shown of a package is two look-ups");
    let texts: Vec<_> = versions.iter().map(|one| one.version.as_str()).collect();
    assert_eq!(texts, ["0.0.4", "0.0.3"]);
    let readme = catalogue::readme(db, found.id).await.unwrap().unwrap();
    assert_eq!(
        (&readme.version[..], &readme.readme[..]),
        ("0.0.4", "# four")
    );
    let other = catalogue::find(db, &key("sifli/other"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(catalogue::readme(db, other.id).await.unwrap(), None);
}

async fn a_bare_name_means_one_of_its_packages(database: TestDatabase) {
    let scene = filled(
        database,
        vec![
            package("a/x", &[]).fetched(1).at(5),
            package("b/x", &[]).fetched(9).at(9),
            package("c/x", &[]).fetched(9).at(7),
            package("d/x", &[]).fetched(9).at(7),
            package("base/x", &[]).fetched(100).for_recipes(),
        ],
    )
    .await;
    let named = async || {
        let found = catalogue::find_named(scene.db.read(), "x").await;
        let found = found.unwrap().unwrap();
        let others = found.alternatives.iter().map(ToString::to_string);
        let all = std::iter::once(found.package.key.to_string()).chain(others);
        all.collect::<Vec<_>>()
    };
    assert_eq!(named().await, ["c/x", "d/x", "b/x", "a/x", "base/x"]);
    let settings = CatalogueSettings {
        official_namespaces: own(&["base", "sifli", "a", "b"]),
        ..CatalogueSettings::default()
    };
    let settings = serde_json::to_string(&settings).unwrap();
    write!(scene, |tx| {
        let statement = Statement::from_sql_and_values(
            tx.get_database_backend(),
            "INSERT INTO catalogue_sources (registry_id, settings) VALUES ($1, $2)",
            [SIFLI.0.into(), settings.into()],
        );
        tx.execute_raw(statement).await?;
        Ok(())
    })
    .unwrap();
    assert_eq!(named().await, ["a/x", "b/x", "c/x", "d/x", "base/x"]);
}

async fn what_is_for_recipes_only_is_in_no_list_and_in_no_count(database: TestDatabase) {
    let base = package("sifli/sf-pkg-base", &["sensor"]).for_recipes();
    let scene = filled(database, vec![base, package("sifli/sht30", &["sensor"])]).await;
    assert_eq!(all(&scene, Listing::default()).await, ["sifli/sht30"]);
    assert_eq!(searched(&scene, "sensor").await, ["sifli/sht30"]);
    let counts = catalogue::count(scene.db.read()).await.unwrap();
    assert_eq!((counts.total, counts.categories[0].count), (1, 1));
    let found = catalogue::find_named(scene.db.read(), "sf-pkg-base").await;
    let found = found.unwrap().expect("who knows its name finds it");
    assert_eq!(found.package.categories, [UNCATEGORIZED]);
}

async fn twenty_thousand_packages_are_paged_through_once_each(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (numbers, id) = match scene.engine {
        Engine::Sqlite => (
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000)",
            "randomblob(16)",
        ),
        Engine::Postgres => (
            "WITH numbers AS (SELECT n FROM generate_series(1, 20000) AS n)",
            "gen_random_uuid()",
        ),
    };
    scene
        .meddle(format!(
            "{numbers} INSERT INTO catalogue_packages (id, registry_id, namespace, name, facts, \
             words, downloads, versions_count, created_at, updated_at, synced_at) \
             SELECT {id}, {id}, 'n' || (n % 7), 'p' || (n / 7), '{{}}', 'p' || (n / 7), n % 3, 1, \
             n % 11, n, n FROM numbers"
        ))
        .await;
    scene
        .meddle(
            "INSERT INTO catalogue_labels (package_id, kind, label, place) \
             SELECT id, 'category', 'SENSOR', 0 FROM catalogue_packages",
        )
        .await;
    for sort in [Sort::Name, Sort::Downloads, Sort::Relevance] {
        let listing = Listing {
            sort,
            category: Some("SENSOR".to_owned()),
            pieces: pieces("p"),
            is_descending: true,
            ..Listing::default()
        };
        let mut seen = std::collections::BTreeSet::new();
        for page in 0..21 {
            let page = Page {
                from: page * 1_000,
                size: 1_000,
            };
            let listed = list(&scene, &listing, page).await;
            assert_eq!(listed.total, 20_000);
            seen.extend(keys(&listed));
        }
        assert_eq!(seen.len(), 20_000, "{sort:?}");
    }
}
