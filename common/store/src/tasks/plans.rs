//! Whether the statements of the hot paths are answered from their index, in its order,
//! so that their cost does not grow with the backlog.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, Statement, Value};
use uuid::Uuid;
use weir_domain::Timestamp;
use weir_testkit::{TestDatabase, database::Engine};

use super::{claim, end, places, submit, sweep};
use crate::{
    DatabaseConfig, Db, NoListener, invalidations, sealed_logs,
    task_runs::{self, Lost},
};

weir_testkit::on_both_engines!(hot_statements_follow_their_index);

/// A statement, its values, and the indexes it must use, one of them at least.
type Hot = (String, Vec<Value>, &'static [&'static str]);

fn hot(db: &Db) -> Vec<Hot> {
    let db = db.read();
    let now: Value = 5_i64.into();
    let many: Value = 500_i64.into();
    let id: Value = Uuid::nil().into();
    let key: Value = "package:p7".into();
    vec![
        (
            claim::head(db),
            vec!["lane".into(), 0_i64.into(), 2_i64.into(), 16_i64.into()],
            &["tasks_ready"],
        ),
        (
            claim::due(db),
            vec![now.clone(), many.clone()],
            &["tasks_due"],
        ),
        (claim::next_row_due(db), vec![], &["tasks_due"]),
        (
            claim::hold(db).replace("$*", "$1, $2"),
            vec![id.clone(), id],
            OF_KEY,
        ),
        (submit::live(db), vec![key.clone()], OF_KEY),
        (places::heads(db, 1), vec!["lane".into()], &["tasks_ready"]),
        (end::letting_go(db), vec![key, now.clone()], OF_KEY),
        (
            sweep::ready_too_long(db),
            vec![now.clone(), many.clone()],
            &["tasks_ready_since"],
        ),
        (sweep::orphans(db), vec![many.clone()], &["tasks_held"]),
        (
            task_runs::losing(db, Lost::Lapsed(Timestamp(0))),
            vec![now.clone(), many.clone()],
            &["task_runs_leases"],
        ),
        (
            sealed_logs::waiting(db),
            vec![now.clone(), now.clone(), Uuid::nil().into(), many.clone()],
            &["tasks_unsealed"],
        ),
        (
            crate::blobs::waiting(db),
            vec![now.clone(), many.clone()],
            &["blobs_verified"],
        ),
        (
            invalidations::BEYOND.to_owned(),
            vec![now, many],
            &["invalidations_seq"],
        ),
    ]
}

/// Each finds the few rows of a key.
const OF_KEY: &[&str] = &["tasks_live", "tasks_one_begun", "tasks_one_fresh"];

/// Many rows of every sort, so that reading all of them would be dear.
const FILL: &[&str] = &[
    "INSERT INTO tasks (id, kind, target, lane, dedupe_key, spec, spec_version, state, generation, \
     priority, is_held, is_ready, run_after, fair_key, warnings, created_at, ready_at, finished_at, is_log_sealed) \
     SELECT %ID%, 'sync_package', 'p', 'lane', 'package:p' || n, '{}', 1, \
     CASE WHEN n % 4 = 3 THEN 'success' ELSE 'waiting' END, CASE WHEN n % 4 = 3 THEN 1 ELSE 0 END, \
     n % 5 * 10, n % 4 = 2, n % 4 = 0, n, n, '[]', n, n, CASE WHEN n % 4 = 3 THEN n END, n % 80 <> 79 FROM numbers",
    "INSERT INTO task_runs (task_id, generation, owner, lease_expires_at) \
     SELECT id, 1, CASE WHEN created_at % 50 = 0 THEN id ELSE NULL END, created_at FROM tasks",
    "INSERT INTO blobs (digest, size_bytes, state, touched_at, verified_at) SELECT %KEY%, n, \
     CASE WHEN n % 4 = 3 THEN 'doomed' ELSE 'stored' END, n, n FROM numbers",
    "INSERT INTO invalidations (seq, topic, key, created_at) SELECT n, 'package', 'p', n FROM numbers",
];

async fn fill(db: &Db, engine: Engine) {
    let (numbers, id, key) = match engine {
        Engine::Sqlite => (
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000) ",
            "randomblob(16)",
            "randomblob(32)",
        ),
        Engine::Postgres => (
            "WITH numbers AS (SELECT n FROM generate_series(1, 20000) AS n) ",
            "gen_random_uuid()",
            "decode(md5(n::text), 'hex')",
        ),
    };
    for statement in FILL {
        let mut statement = statement.replace("%ID%", id).replace("%KEY%", key);
        if statement.contains("FROM numbers") {
            statement = format!("{numbers}{statement}");
        }
        run(db, statement).await;
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

async fn plan(db: &Db, engine: Engine, statement: &str, values: Vec<Value>) -> String {
    let (explain, column) = match engine {
        Engine::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
        Engine::Postgres => ("EXPLAIN", "QUERY PLAN"),
    };
    let backend = db.read().get_database_backend();
    let text = format!("{explain} {statement}");
    let explained = Statement::from_sql_and_values(backend, text, values);
    let rows = db.read().query_all_raw(explained).await;
    let rows = rows.expect("the statement has a plan");
    let lines: Vec<String> = rows
        .iter()
        .map(|row| row.try_get("", column).expect("a line of the plan"))
        .collect();
    lines.join("\n")
}

async fn hot_statements_follow_their_index(database: TestDatabase) {
    let engine = database.engine();
    let config = DatabaseConfig::new(database.url());
    let db = Db::open(&config, Arc::new(NoListener))
        .await
        .expect("the database opens");
    fill(&db, engine).await;
    // Nobody ever tells SQLite how the rows are distributed; PostgreSQL finds out by itself.
    if engine == Engine::Sqlite {
        check(&db, engine).await;
    }
    run(&db, "ANALYZE".to_owned()).await;
    check(&db, engine).await;
}

async fn check(db: &Db, engine: Engine) {
    for (statement, values, indexes) in hot(db) {
        let plan = plan(db, engine, &statement, values).await;
        let used = indexes.iter().any(|index| plan.contains(index));
        assert!(used, "{statement}\n{plan}");
        for waste in [
            "Seq Scan",
            "SCAN tasks\n",
            "SCAN invalidations\n",
            "Sort",
            "TEMP B-TREE",
            "by_state",
        ] {
            assert!(!plan.contains(waste), "{statement}\n{plan}");
        }
    }
}
