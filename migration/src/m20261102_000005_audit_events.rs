//! Who changed what that decides what others get: append-only.

use sea_orm_migration::prelude::*;

use crate::table::{int, optional, run, table, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: &[&str] = &[
    "UPDATE schema_version SET version = 5",
    "CREATE INDEX audit_events_at ON audit_events (at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, on both engines: the library's default leaves `SQLite` out.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(audit_events().take()).await?;
        run(manager, INDEXES).await
    }
}

fn audit_events() -> TableCreateStatement {
    table("audit_events")
        .col(uuid("id").primary_key())
        .col(int("at"))
        // Null: the configuration, at a start.
        .col(optional(uuid("user_id")))
        .col(text("action"))
        .col(text("target"))
        .col(text("detail"))
        .take()
}
