//! Tickets to read one task's log with, once and within a minute.

use sea_orm_migration::prelude::*;

use crate::table::{bytes, int, optional, run, table, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const ROWS: &[&str] = &[
    "UPDATE schema_version SET version = 10 WHERE version < 10",
    "CREATE INDEX log_tickets_at ON log_tickets (expires_at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, on both engines: the library's default leaves `SQLite` out.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(log_tickets().take()).await?;
        run(manager, ROWS).await
    }
}

fn log_tickets() -> TableCreateStatement {
    table("log_tickets")
        .col(bytes("hash").primary_key())
        .col(uuid("task_id"))
        // Whose it is; nobody's if somebody unknown made it.
        .col(optional(uuid("token_id")))
        .col(int("expires_at"))
        .take()
}
