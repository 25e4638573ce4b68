//! The database as a whole: its clock, its schema, its second handle.

use std::{sync::Arc, time::Duration};

use sea_orm::{DbErr, RuntimeErr};
use sqlx::{Connection, Executor, sqlite::SqliteConnectOptions};
use weir_store::{DatabaseConfig, Db, NoListener, StoreError, clock, schema, settings};
use weir_testkit::{
    TestDatabase,
    database::{self, Engine},
    until,
};

use crate::support::{DEADLINE, Scene, ended, spawn, write};

weir_testkit::on_both_engines!(
    the_database_tells_the_time,
    a_fitting_schema_is_accepted,
    an_older_schema_names_the_cure,
    a_newer_schema_is_accepted_until_it_says_otherwise,
    a_reader_writes_nothing,
    a_second_handle_writes_the_same_database,
    statements_of_every_handle_are_counted,
    a_configuration_does_not_show_its_password,
    several_processes_may_migrate_at_once,
    a_migration_that_fails_leaves_nothing_behind,
    a_database_that_is_away_is_told_from_a_defect,
);

async fn the_database_tells_the_time(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let before = clock::now(scene.db.read()).await.unwrap();
    let after = write!(scene, |tx| clock::now(&**tx).await).unwrap();
    assert!(before.0 > 1_700_000_000_000, "milliseconds since 1970");
    assert!(after >= before && after.since(before).as_secs() < 60);
}

async fn a_fitting_schema_is_accepted(database: TestDatabase) {
    let scene = Scene::of(database).await;
    schema::check(scene.db.read()).await.unwrap();
}

async fn an_older_schema_names_the_cure(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.meddle("UPDATE schema_version SET version = 0").await;
    let older = schema::check(scene.db.read()).await.unwrap_err();
    assert!(older.to_string().contains("weir migrate"), "{older}");
    scene.meddle("DROP TABLE schema_version").await;
    let none = schema::check(scene.db.read()).await.unwrap_err();
    assert!(none.to_string().contains("weir migrate"), "{none}");
}

async fn a_newer_schema_is_accepted_until_it_says_otherwise(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.meddle("UPDATE schema_version SET version = 99").await;
    schema::check(scene.db.read()).await.unwrap();
    scene
        .meddle("UPDATE schema_version SET min_reader = 99")
        .await;
    let newer = schema::check(scene.db.read()).await.unwrap_err();
    assert!(newer.to_string().contains("update weir"), "{newer}");
}

async fn a_reader_writes_nothing(database: TestDatabase) {
    use weir_store::ConnectionTrait as _;
    let scene = Scene::of(database).await;
    if scene.engine == Engine::Postgres {
        return; // One pool for both; the type of a write is `Tx`.
    }
    let written = scene
        .db
        .read()
        .execute_unprepared("DELETE FROM schema_version")
        .await;
    assert!(written.is_err());
}

async fn statements_of_every_handle_are_counted(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (beside, reader) = (
        scene.db.beside().await.unwrap(),
        scene.db.own_reader().await.unwrap(),
    );
    let before = scene.db.statements();
    clock::now(scene.db.read()).await.unwrap();
    clock::now(&reader).await.unwrap();
    write!(scene, |tx| clock::now(&**tx).await).unwrap();
    let beside_it = beside.write(|tx| Box::pin(async move { clock::now(&**tx).await }));
    beside_it.await.unwrap();
    assert_eq!(scene.db.statements() - before, 4);
    assert_eq!(beside.statements(), scene.db.statements());
}

async fn a_second_handle_writes_the_same_database(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let beside = scene.db.beside().await.unwrap();
    let now = scene.now();
    beside
        .write(move |tx| Box::pin(async move { settings::put(tx, "key", "value", now).await }))
        .await
        .unwrap();
    assert!(!scene.heard.take().is_empty(), "with the same listener");
    let found = settings::find(scene.db.read(), "key").await.unwrap();
    assert_eq!(found.as_deref(), Some("value"));
}

async fn a_configuration_does_not_show_its_password(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let config = DatabaseConfig::new("postgres://weir:secret@db.example/weir");
    let shown = format!("{config:?} {:?}", scene.db);
    assert!(
        !shown.contains("secret") && !shown.contains("weir@"),
        "{shown}"
    );
}

/// Returns the URL of a database without any table.
async fn empty(scene: &Scene, folder: &tempfile::TempDir) -> String {
    if scene.engine == Engine::Sqlite {
        return format!("sqlite://{}", folder.path().join("empty.db").display());
    }
    scene
        .meddle("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        .await;
    scene.url().to_owned()
}

async fn open(url: &str) -> Db {
    let opened = Db::open(&DatabaseConfig::new(url), Arc::new(NoListener)).await;
    opened.unwrap()
}

async fn several_processes_may_migrate_at_once(database: TestDatabase) {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::of(database).await;
    let url = empty(&scene, &folder).await;
    let processes: Vec<_> = (0..4)
        .map(|_| {
            let url = url.clone();
            spawn(async move { weir_migration::migrate(&url).await })
        })
        .collect();
    for process in processes {
        ended(process).await.unwrap();
    }
    schema::check(open(&url).await.read()).await.unwrap();
}

async fn a_migration_that_fails_leaves_nothing_behind(database: TestDatabase) {
    use weir_store::ConnectionTrait as _;
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::of(database).await;
    let url = empty(&scene, &folder).await;
    let in_the_way = async |statement: &'static str| {
        let db = open(&url).await;
        let done = db.write(move |tx| {
            Box::pin(async move {
                tx.execute_unprepared(statement).await?;
                Ok(())
            })
        });
        done.await.unwrap();
    };
    // A step fails near its end, as if the process had been killed there.
    in_the_way("CREATE TABLE other (a INTEGER)").await;
    in_the_way("CREATE INDEX task_tree_by_task ON other (a)").await;
    assert!(weir_migration::migrate(&url).await.is_err());
    in_the_way("DROP INDEX task_tree_by_task").await;
    weir_migration::migrate(&url).await.unwrap();
    schema::check(open(&url).await.read()).await.unwrap();
}

#[tokio::test]
async fn a_database_that_is_away_is_not_taken_for_an_old_one() {
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let config = DatabaseConfig::new(format!("postgres://weir@127.0.0.1:{port}/weir"));
    let opened = Db::open(&config, Arc::new(NoListener)).await;
    assert!(matches!(opened, Err(StoreError::Database(_))));
}

/// Opens the scene's database with statements that may take this long.
async fn impatient(scene: &Scene, limit: Duration) -> Db {
    let config = DatabaseConfig {
        statement_timeout: limit,
        ..DatabaseConfig::new(scene.url())
    };
    Db::open(&config, Arc::new(NoListener)).await.unwrap()
}

/// Runs a statement in a transaction.
async fn run(db: &Db, statement: &'static str) -> Result<(), StoreError> {
    use weir_store::ConnectionTrait as _;
    let done = db.write(move |tx| {
        Box::pin(async move {
            tx.execute_unprepared(statement).await?;
            Ok(())
        })
    });
    done.await
}

#[tokio::test]
async fn a_session_has_its_limits() {
    let Some(database) = database::postgres_unless_skipped().await else {
        return;
    };
    let scene = Scene::of(database).await;
    for (setting, expected) in [
        ("statement_timeout", "20s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("application_name", "weir"),
    ] {
        let matches = format!(
            "SELECT CAST((current_setting('{setting}') = '{expected}') AS INTEGER)::BIGINT AS n"
        );
        assert_eq!(scene.number(matches).await, 1, "{setting}");
    }
}

#[tokio::test]
async fn a_session_is_called_what_the_url_calls_it() {
    let Some(database) = database::postgres_unless_skipped().await else {
        return;
    };
    let url = format!("{}?application_name=weir-worker-7", database.url());
    let db = Db::open(&DatabaseConfig::new(url), Arc::new(NoListener)).await;
    let assertion = "DO $$ BEGIN \
         ASSERT current_setting('application_name') = 'weir-worker-7'; END $$";
    run(&db.unwrap(), assertion).await.unwrap();
}

#[tokio::test]
async fn writes_find_living_sessions_when_the_server_cuts_them_off() {
    let Some(database) = database::postgres_unless_skipped().await else {
        return;
    };
    let scene = Scene::of(database).await;
    let crowd = async || {
        let writes = (0..8).map(|_| run(&scene.db, "SELECT pg_sleep(0.01)"));
        futures::future::try_join_all(writes).await
    };
    for _ in 0..10 {
        crowd().await.unwrap();
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()";
        scene.meddle(others).await;
        crowd().await.unwrap();
    }
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_given_up() {
    let Some(database) = database::postgres_unless_skipped().await else {
        return;
    };
    let scene = Scene::of(database).await;
    let db = impatient(&scene, Duration::from_millis(300)).await;
    let began = std::time::Instant::now();
    let slow = run(&db, "SELECT pg_sleep(20)").await;
    assert!(matches!(slow, Err(StoreError::Database(_))), "{slow:?}");
    assert!(began.elapsed() < Duration::from_secs(10));
    run(&db, "SELECT 1").await.unwrap();
    // A server that says nothing at all is not waited for either.
    let mute = db
        .write(|_| Box::pin(std::future::pending::<Result<(), StoreError>>()))
        .await;
    assert!(matches!(mute, Err(StoreError::NoAnswer)), "{mute:?}");
    run(&db, "SELECT 1").await.unwrap();
}

#[tokio::test]
async fn sessions_that_were_cut_off_are_replaced() {
    let Some(database) = database::postgres_unless_skipped().await else {
        return;
    };
    let scene = Scene::of(database).await;
    let db = impatient(&scene, Duration::from_secs(20)).await;
    run(&db, "SELECT 1").await.unwrap();
    for _ in 0..3 {
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()";
        scene.meddle(cut).await;
        // Of connections used just now some may have to find it out, but each only once.
        until("the pool to be whole again", DEADLINE, async || {
            let mut outcomes = Vec::new();
            for _ in 0..8 {
                outcomes.push(run(&db, "SELECT 1").await.is_ok());
            }
            outcomes.iter().all(|is_fine| *is_fine)
        })
        .await;
    }
}

/// Returns what somebody hears to whom the database shows the door.
async fn turned_away(scene: &Scene) -> sqlx::Error {
    if scene.engine == Engine::Postgres {
        let mut session = sqlx::PgConnection::connect(scene.url()).await.unwrap();
        let cut = "SELECT pg_terminate_backend(pg_backend_pid())";
        return session.execute(cut).await.unwrap_err();
    }
    let impatient: SqliteConnectOptions = scene.url().parse().unwrap();
    let impatient = impatient.busy_timeout(Duration::ZERO);
    let mut writer = sqlx::SqliteConnection::connect_with(&impatient).await;
    let writer = writer.as_mut().unwrap();
    let mut other = sqlx::SqliteConnection::connect_with(&impatient)
        .await
        .unwrap();
    writer.execute("BEGIN IMMEDIATE").await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap_err()
}

async fn a_database_that_is_away_is_told_from_a_defect(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let heard = turned_away(&scene).await;
    let heard = DbErr::Exec(RuntimeErr::SqlxError(Arc::new(heard)));
    assert!(StoreError::from(heard.clone()).is_outage(), "{heard:?}");

    scene.meddle("DROP TABLE settings").await;
    let defect = settings::find(scene.db.read(), "key").await.unwrap_err();
    assert!(!defect.is_outage(), "{defect:?}");
    let now = scene.now();
    let defect = write!(scene, |tx| settings::put(tx, "key", "value", now).await).unwrap_err();
    assert!(!defect.is_outage(), "{defect:?}");

    let reader = scene.db.read().clone();
    scene.db.clone().close().await;
    let closed = clock::now(&reader).await.unwrap_err();
    assert!(closed.is_outage(), "{closed:?}");
}
