//! Keeps how often each version of the catalogue was fetched, of which a package's figure is the
//! sum.

use sea_orm_migration::prelude::*;

use crate::table::{int, optional, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, on both engines: the library's default leaves `SQLite` out.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Null if its source does not say, and for what was read before there was the column.
        let downloads = optional(int("downloads"));
        let mut altered = Table::alter();
        altered.table("catalogue_versions").add_column(downloads);
        manager.alter_table(altered.take()).await?;
        run(manager, &["UPDATE schema_version SET version = 18"]).await
    }
}
