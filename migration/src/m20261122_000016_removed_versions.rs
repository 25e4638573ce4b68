//! Finds the versions that nobody sees any more, so that their bytes can be collected.

use sea_orm_migration::prelude::*;

use crate::table::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: &[&str] = &[
    "UPDATE schema_version SET version = 16",
    "CREATE INDEX package_versions_removed ON package_versions (package_id) WHERE removed_in IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, on both engines: the library's default leaves `SQLite` out.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, INDEXES).await
    }
}
