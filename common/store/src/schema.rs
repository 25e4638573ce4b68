//! Whether the database's schema fits this build.

use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::{StoreError, sql::sql};

/// The schema number this build needs.
pub const NEEDED: i64 = 18;

#[derive(FromQueryResult)]
struct Row {
    version: i64,
    min_reader: i64,
}

/// Checks that the schema is at least what this build needs, and still accepts it.
///
/// # Errors
/// [`StoreError::Schema`] with a sentence that names `weir migrate`.
pub async fn check(connection: &impl ConnectionTrait) -> Result<(), StoreError> {
    let row = sql("SELECT version, min_reader FROM schema_version")
        .one::<Row>(connection)
        .await;
    match row {
        Ok(Some(row)) if row.version >= NEEDED && row.min_reader <= NEEDED => Ok(()),
        Ok(Some(row)) if row.version >= NEEDED => Err(StoreError::Schema(format!(
            "the database is for newer builds only (schema {}, this build reads {NEEDED}); update weir",
            row.version
        ))),
        Err(error) if !is_missing_table(&error) => Err(error),
        Ok(_) | Err(_) => Err(StoreError::Schema(
            "the database schema is older than this build needs; run `weir migrate` first"
                .to_owned(),
        )),
    }
}

/// Says whether the server answered that there is no such table (and not, say, that it is away).
fn is_missing_table(error: &StoreError) -> bool {
    let StoreError::Database(error) = error else {
        return false;
    };
    let text = error.to_string();
    text.contains("no such table") || text.contains("\"schema_version\" does not exist")
}
