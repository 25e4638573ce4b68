//! What the upkeep of a mirror remembers: when a blob's bytes were last proven, when a package
//! is to be looked at again, and in which order tasks ended.

use sea_orm_migration::prelude::*;

use crate::table::{from_zero, int, optional, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: &[&str] = &[
    "UPDATE schema_version SET version = 8 WHERE version < 8",
    "CREATE INDEX blobs_verified ON blobs (verified_at) WHERE state = 'stored'",
    // Also finds those that have no time yet.
    "CREATE INDEX packages_resync ON packages (registry_id, resync_at)",
    "CREATE INDEX tasks_ended ON tasks (state, finished_at, id) \
     WHERE finished_at IS NOT NULL AND is_log_sealed",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, on both engines: the library's default leaves `SQLite` out.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("blobs", from_zero(int("verified_at"))),
            ("packages", optional(int("resync_at"))),
            ("registries", from_zero(int("resync_interval_ms"))),
        ] {
            let mut altered = Table::alter();
            altered.table(table).add_column(column);
            manager.alter_table(altered.take()).await?;
        }
        run(manager, INDEXES).await
    }
}
