//! What tokens may be limited to, and what their owners say of them.

use sea_orm_migration::prelude::*;

use crate::table::{optional, run, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, on both engines: the library's default leaves `SQLite` out.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Lists are JSON: they are read whole, with their token.
        for name in ["description", "cidrs", "granted"] {
            let mut altered = Table::alter();
            altered.table("tokens").add_column(optional(text(name)));
            manager.alter_table(altered.take()).await?;
        }
        let version = "UPDATE schema_version SET version = 13 WHERE version < 13";
        run(manager, &[version]).await
    }
}
