//! What readers cause: tasks that came of a read, when upstream last confirmed what is shown,
//! and who is fetching which tarball.

use sea_orm_migration::prelude::*;

use crate::table::{flag, int, optional, run, table, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const ROWS: &[&str] = &[
    "UPDATE schema_version SET version = 7 WHERE version < 7",
    "UPDATE packages SET checked_at = synced_at",
    // How many of them wait, and which have ended; both stay short.
    "CREATE INDEX tasks_pulls_waiting ON tasks (id) WHERE is_pull AND state = 'waiting'",
    "CREATE INDEX tasks_pulls_ended ON tasks (finished_at) WHERE is_pull AND finished_at IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, on both engines: the library's default leaves `SQLite` out.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(fetches().take()).await?;
        for (table, column) in [
            ("tasks", flag("is_pull")),
            ("packages", optional(int("checked_at"))),
        ] {
            let mut altered = Table::alter();
            altered.table(table).add_column(column);
            manager.alter_table(altered.take()).await?;
        }
        run(manager, ROWS).await
    }
}

/// Lazy tarballs on their way: one process fetches, until when at least, and others wait.
fn fetches() -> TableCreateStatement {
    table("fetches")
        .col(uuid("package_id"))
        .col(text("version"))
        // The upstream digest it must match; empty if there is none.
        .col(text("promise"))
        .col(uuid("owner"))
        .col(int("expires_at"))
        .primary_key(
            Index::create()
                .col("package_id")
                .col("version")
                .col("promise"),
        )
        .take()
}
