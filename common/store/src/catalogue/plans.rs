//! Whether lists, counts and details are answered from their indexes, so that what they cost
//! does not grow with the size of a description.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, Statement, Value};
use weir_testkit::{TestDatabase, database::Engine};

use super::{
    find,
    list::{self, Listing, Page, Sort},
};
use crate::{DatabaseConfig, Db, NoListener, sql::Sql};

weir_testkit::on_both_engines!(lists_and_details_follow_their_indexes);

const PAGE: Page = Page { from: 40, size: 20 };

/// A statement, and the index that it must use.
fn hot(db: &impl ConnectionTrait) -> Vec<(Sql, &'static str)> {
    let by = |sort, is_descending| Listing {
        sort,
        is_descending,
        ..Listing::default()
    };
    vec![
        (
            list::statement(db, &by(Sort::Name, false), PAGE),
            "catalogue_packages_by_name",
        ),
        (
            list::statement(db, &by(Sort::Name, true), PAGE),
            "catalogue_packages_by_name",
        ),
        (
            list::statement(db, &by(Sort::Updated, true), PAGE),
            "catalogue_packages_by_update",
        ),
        (
            list::statement(db, &by(Sort::Created, true), PAGE),
            "catalogue_packages_by_creation",
        ),
        (
            list::statement(db, &by(Sort::Downloads, true), PAGE),
            "catalogue_packages_by_downloads",
        ),
        (find::by_name("p7"), "catalogue_packages_name"),
        // Where a name is one package's, its own index does as well.
        (find::by_key("n3", "p7"), "catalogue_packages_"),
    ]
}

/// The same for counts; `PostgreSQL` reads a table that is hardly larger than its index.
fn counts() -> Vec<(Sql, &'static str)> {
    let labelled = Listing {
        category: Some("SENSOR".to_owned()),
        ..Listing::default()
    };
    vec![
        (
            list::count(&Listing::default()),
            "COVERING INDEX catalogue_packages_by_",
        ),
        (
            list::count(&labelled),
            "COVERING INDEX catalogue_labels_label",
        ),
    ]
}

const FILL: &[&str] = &[
    "INSERT INTO catalogue_packages (id, registry_id, namespace, name, facts, is_hidden, words, \
     downloads, versions_count, created_at, updated_at, synced_at) \
     SELECT %ID%, %ID%, 'n' || (n % 40), 'p' || n, '{}', n % 100 = 0, 'p' || n, n % 500, 1, n, n, n \
     FROM numbers",
    "INSERT INTO catalogue_labels (package_id, kind, label, place) \
     SELECT id, 'category', CASE downloads % 9 WHEN 0 THEN 'SENSOR' ELSE 'AUDIO' END, 0 \
     FROM catalogue_packages",
];

async fn fill(db: &Db, engine: Engine) {
    let (numbers, id) = match engine {
        Engine::Sqlite => (
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000) ",
            "randomblob(16)",
        ),
        Engine::Postgres => (
            "WITH numbers AS (SELECT n FROM generate_series(1, 20000) AS n) ",
            "gen_random_uuid()",
        ),
    };
    for statement in FILL {
        let statement = statement.replace("%ID%", id);
        if statement.contains("FROM numbers") {
            run(db, format!("{numbers}{statement}")).await;
        } else {
            run(db, statement).await;
        }
    }
}

async fn run(db: &Db, statement: String) {
    let done = db.write(move |tx| {
        Box::pin(async move {
            tx.execute_unprepared(&statement).await?;
            Ok(())
        })
    });
    done.await.expect("the statement runs");
}

async fn plan(db: &Db, engine: Engine, text: &str, values: Vec<Value>) -> String {
    let (explain, column) = match engine {
        Engine::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
        Engine::Postgres => ("EXPLAIN", "QUERY PLAN"),
    };
    let backend = db.read().get_database_backend();
    let explained = Statement::from_sql_and_values(backend, format!("{explain} {text}"), values);
    let rows = db.read().query_all_raw(explained).await;
    let rows = rows.expect("the statement has a plan");
    let lines: Vec<String> = rows
        .iter()
        .map(|row| row.try_get("", column).expect("a line of the plan"))
        .collect();
    lines.join("\n")
}

async fn lists_and_details_follow_their_indexes(database: TestDatabase) {
    let engine = database.engine();
    let config = DatabaseConfig::new(database.url());
    let db = Db::open(&config, Arc::new(NoListener)).await;
    let db = db.expect("the database opens");
    fill(&db, engine).await;
    // Nobody ever tells SQLite how the rows are distributed; PostgreSQL finds out by itself.
    if engine == Engine::Sqlite {
        check(&db, engine).await;
    }
    run(&db, "ANALYZE".to_owned()).await;
    check(&db, engine).await;
}

async fn check(db: &Db, engine: Engine) {
    let mut all = hot(db.read());
    if engine == Engine::Sqlite {
        all.extend(counts());
    }
    for (statement, index) in all {
        let (text, values) = statement.parts();
        let plan = plan(db, engine, &text, values).await;
        assert!(plan.contains(index), "{text}\n{plan}");
        for waste in ["Seq Scan on catalogue_packages", "SCAN c\n", "SCAN p\n"] {
            assert!(!plan.contains(waste), "{text}\n{plan}");
        }
    }
}
