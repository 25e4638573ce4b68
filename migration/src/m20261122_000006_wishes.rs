//! What callers are told about their wishes: the answers given to requests that carried a key,
//! and who stopped a run.

use sea_orm_migration::prelude::*;

use crate::table::{bytes, int, optional, run, table, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: &[&str] = &[
    "UPDATE schema_version SET version = 6",
    "CREATE INDEX idempotency_keys_at ON idempotency_keys (created_at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, on both engines: the library's default leaves `SQLite` out.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(idempotency_keys().take()).await?;
        let mut runs = Table::alter();
        runs.table("task_runs")
            .add_column(optional(text("cancelled_by")));
        manager.alter_table(runs.take()).await?;
        run(manager, INDEXES).await
    }
}

/// One answer a caller and key; what was asked is told apart by its digest.
fn idempotency_keys() -> TableCreateStatement {
    table("idempotency_keys")
        .col(text("caller"))
        .col(text("key"))
        .col(bytes("fingerprint"))
        .col(int("status"))
        .col(text("body"))
        .col(int("created_at"))
        .primary_key(Index::create().col("caller").col("key"))
        .take()
}
