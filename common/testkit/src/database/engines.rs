//! Running one test on both engines.

use super::{PostgresServer, TestDatabase};
use crate::environment;

/// Set to `1`, the PostgreSQL half of every test passes without running.
pub const SKIP_VARIABLE: &str = "WEIR_TEST_SKIP_POSTGRES";

/// Declares tests that run once on SQLite and once on PostgreSQL.
///
/// Each name is an `async fn(TestDatabase)` beside the call; one list a module.
///
/// ```text
/// weir_testkit::on_both_engines!(a_row_is_found_again);
///
/// async fn a_row_is_found_again(database: TestDatabase) { … }
/// ```
#[macro_export]
macro_rules! on_both_engines {
    ($($test:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test($crate::database::TestDatabase::sqlite().await).await;
            })+
        }

        mod on_postgres {
            $(#[tokio::test]
            async fn $test() {
                if let Some(database) = $crate::database::postgres_unless_skipped().await {
                    super::$test(database).await;
                }
            })+
        }
    };
}

/// Returns a fresh PostgreSQL database; `None` only if the environment says to skip it.
///
/// # Panics
/// If there is no PostgreSQL and nobody said to skip.
pub async fn postgres_unless_skipped() -> Option<TestDatabase> {
    if is_skipped() {
        return None;
    }
    Some(TestDatabase::postgres().await)
}

/// Returns a server of one's own, to be stopped and started; `None` only if the environment says
/// to skip it.
///
/// # Panics
/// If there is no PostgreSQL and nobody said to skip.
pub async fn server_unless_skipped() -> Option<PostgresServer> {
    if is_skipped() {
        return None;
    }
    Some(
        PostgresServer::start()
            .await
            .expect("PostgreSQL is installed"),
    )
}

fn is_skipped() -> bool {
    environment::variable(SKIP_VARIABLE).as_deref() == Some("1")
}
