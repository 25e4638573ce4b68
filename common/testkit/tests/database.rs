//! Throw-away databases: migrated, empty, one's own; on both engines.

use std::{process::Output, time::Duration};

use sqlx::{Connection, Executor};
use tokio::{net::TcpStream, process::Command};
use weir_testkit::{
    ObjectServer, RedisServer, StandIn, TestDatabase, WeirProcess,
    database::{self, Engine, PostgresServer, Restart},
    until,
};

weir_testkit::on_both_engines!(
    a_fresh_database_has_the_schema_and_no_rows,
    a_database_is_its_own
);

async fn count(database: &TestDatabase, table: &str) -> i64 {
    let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
    let count = match database.engine() {
        Engine::Sqlite => {
            let mut connection = sqlite(database).await;
            sqlx::query_scalar(sql).fetch_one(&mut connection).await
        }
        Engine::Postgres => {
            let mut connection = postgres(database.url()).await;
            sqlx::query_scalar(sql).fetch_one(&mut connection).await
        }
    };
    count.expect("the table exists")
}

async fn sqlite(database: &TestDatabase) -> sqlx::SqliteConnection {
    let connection = sqlx::SqliteConnection::connect(database.url()).await;
    connection.expect("the file opens")
}

async fn postgres(url: &str) -> sqlx::PgConnection {
    sqlx::PgConnection::connect(url)
        .await
        .expect("the server answers")
}

async fn a_fresh_database_has_the_schema_and_no_rows(database: TestDatabase) {
    assert_eq!(count(&database, "schema_version").await, 1);
    assert_eq!(count(&database, "tasks").await, 0);
}

async fn a_database_is_its_own(database: TestDatabase) {
    let sql = "DELETE FROM schema_version";
    let other = match database.engine() {
        Engine::Sqlite => {
            sqlite(&database)
                .await
                .execute(sql)
                .await
                .expect("a row goes");
            TestDatabase::sqlite().await
        }
        Engine::Postgres => {
            postgres(database.url())
                .await
                .execute(sql)
                .await
                .expect("a row goes");
            TestDatabase::postgres().await
        }
    };
    assert_eq!(count(&database, "schema_version").await, 0);
    assert_eq!(count(&other, "schema_version").await, 1);
}

/// Runs one of the tests above in a process of its own, with a server that is not there.
async fn without_a_server(skip: &str) -> Output {
    let itself = std::env::current_exe().expect("a running test has a file");
    let test = "on_postgres::a_fresh_database_has_the_schema_and_no_rows";
    let mut run = Command::new(itself);
    run.args(["--exact", test])
        .env("WEIR_TEST_SKIP_POSTGRES", skip);
    run.env(
        "WEIR_TEST_POSTGRES_URL",
        "postgres://weir@127.0.0.1:1/postgres",
    );
    run.output().await.expect("a test binary runs")
}

#[tokio::test]
async fn a_missing_server_is_a_failure_unless_it_is_to_be_skipped() {
    let failed = without_a_server("").await;
    let said = String::from_utf8_lossy(&failed.stdout).into_owned();
    assert!(!failed.status.success());
    assert!(
        said.contains("the PostgreSQL server for tests at postgres://weir@"),
        "{said}"
    );
    assert!(without_a_server("1").await.status.success());
}

/// Runs in a process of its own, for the test below.
#[tokio::test]
#[ignore = "it fails"]
async fn a_test_that_fails_in_the_middle() {
    let postgres = TestDatabase::postgres().await;
    let sqlite = TestDatabase::sqlite().await;
    let _session = self::postgres(postgres.url()).await;
    let _objects = ObjectServer::start().await;
    let _upstream = StandIn::start([]).await;
    let _redis = RedisServer::start().await;
    let data = tempfile::tempdir().expect("a folder");
    let busy = "cd \"$WEIR_DATA\"; while :; do n=$((n+1)); mkdir -p d$n; echo >d$n/f; done";
    let process = WeirProcess::builder("sh").args(["-c", busy]);
    let _process = process.data(data.path()).spawn();
    until(
        "the process to write",
        Duration::from_secs(20),
        async || data.path().join("d9").exists(),
    )
    .await;
    panic!("{} {}", postgres.url(), sqlite.url());
}

#[tokio::test]
async fn a_test_that_fails_leaves_nothing_behind() {
    let Some(server) = database::server_unless_skipped().await else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let itself = std::env::current_exe().expect("a running test has a file");
    let failed = Command::new(itself)
        .args(["--ignored", "--exact", "a_test_that_fails_in_the_middle"])
        .env("WEIR_TEST_POSTGRES_URL", server.url())
        .env("TMPDIR", folder.path())
        .output()
        .await
        .expect("a test binary runs");
    let said = String::from_utf8_lossy(&failed.stdout).into_owned();
    assert!(said.contains("weir_test_"), "it came to its end: {said}");
    let mut session = postgres(server.url()).await;
    let left = sqlx::query_scalar("SELECT datname FROM pg_database WHERE datname LIKE 'weir%'");
    let left: Vec<String> = left.fetch_all(&mut session).await.expect("an answer");
    assert!(left.is_empty(), "{left:?}");
    // The shells that keep servers end a moment later.
    until(
        "all folders to be gone",
        Duration::from_secs(20),
        async || {
            let left: Vec<_> = std::fs::read_dir(folder.path())?.flatten().collect();
            match left[..] {
                [] => Ok(()),
                _ => Err(std::io::Error::other(format!("{left:?}"))),
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_server_that_is_away_holds_no_test_up() {
    let Some(mut server) = database::server_unless_skipped().await else {
        return;
    };
    let database = TestDatabase::on(&server).await;
    server.stop().await;
    let began = std::time::Instant::now();
    drop(database);
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_server_ends_with_its_owner_and_leaves_nothing() {
    let server = PostgresServer::start()
        .await
        .expect("PostgreSQL is installed");
    let url = server.url().to_owned();
    let folder = server.folder().to_owned();
    postgres(&url).await;
    drop(server);
    until(
        "the server and its folder to be gone",
        Duration::from_secs(20),
        async || {
            let address = url
                .trim_start_matches("postgres://weir@")
                .trim_end_matches("/postgres");
            TcpStream::connect(address).await.is_err() && !folder.exists()
        },
    )
    .await;
}

#[tokio::test]
async fn what_was_committed_survives_both_restarts() {
    let server = PostgresServer::start().await;
    let mut server = server.expect("PostgreSQL is installed");
    let database = TestDatabase::on(&server).await;
    for how in [Restart::Fast, Restart::Immediate] {
        let mut before = postgres(database.url()).await;
        let sql =
            "INSERT INTO lanes (lane, kind, is_paused) VALUES (random()::text, 'none', false)";
        before.execute(sql).await.expect("a row comes");
        server.restart(how).await;
        assert!(before.execute("SELECT 1").await.is_err(), "{how:?}");
    }
    assert_eq!(count(&database, "lanes").await, 2);
}
