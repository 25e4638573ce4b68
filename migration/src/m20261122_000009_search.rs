//! What packages are found by: an entry each, and the tokens it is found under.
//!
//! Tokens and names are compared byte by byte on both engines, so that what begins with a
//! text is one range of an index, and ties are in one order. Packages that are there already
//! get their entries from the worker that leads, a few at a time.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::table::{int, run, table, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: &[&str] = &[
    "UPDATE schema_version SET version = 9",
    "CREATE UNIQUE INDEX search_entries_package ON search_entries (package_id)",
    "CREATE INDEX search_tokens_by_token ON search_tokens (token, package, weight)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, on both engines: the library's default leaves `SQLite` out.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        for statement in [search_entries(backend), search_tokens(backend)] {
            manager.create_table(statement).await?;
        }
        run(manager, INDEXES).await
    }
}

/// A text that is compared byte by byte; `SQLite` compares no other way.
fn bytewise(name: &'static str, backend: DbBackend) -> ColumnDef {
    let mut column = text(name);
    if backend == DbBackend::Postgres {
        column.extra("COLLATE \"C\"");
    }
    column
}

fn search_entries(backend: DbBackend) -> TableCreateStatement {
    table("search_entries")
        .col(bytewise("package", backend).primary_key())
        .col(uuid("package_id"))
        // The revision it is about, and how its tokens were cut.
        .col(int("revision"))
        .col(int("scheme"))
        .col(text("entry"))
        .take()
}

fn search_tokens(backend: DbBackend) -> TableCreateStatement {
    let mut tokens = table("search_tokens")
        .col(bytewise("package", backend))
        .col(bytewise("token", backend))
        .col(int("weight"))
        .primary_key(Index::create().col("package").col("token"))
        .take();
    if backend == DbBackend::Sqlite {
        // The rows are their own index.
        tokens.extra("WITHOUT ROWID");
    }
    tokens
}
