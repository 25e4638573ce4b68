//! Users and their tokens. Of a token only the SHA-256 of its text is stored.

use sea_orm_migration::prelude::*;

use crate::table::{bytes, flag, int, optional, run, table, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: &[&str] = &[
    "UPDATE schema_version SET version = 3",
    "CREATE UNIQUE INDEX users_name ON users (name_key)",
    "CREATE UNIQUE INDEX tokens_secret ON tokens (secret_hash)",
    "CREATE INDEX tokens_user ON tokens (user_id)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, on both engines: the library's default leaves `SQLite` out.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut statement in [users(), tokens()] {
            manager.create_table(statement.take()).await?;
        }
        run(manager, INDEXES).await
    }
}

fn users() -> TableCreateStatement {
    table("users")
        .col(uuid("id").primary_key())
        .col(text("name"))
        .col(text("name_key"))
        .col(text("role"))
        .col(int("created_at"))
        .col(int("updated_at"))
        .take()
}

fn tokens() -> TableCreateStatement {
    table("tokens")
        .col(uuid("id").primary_key())
        .col(uuid("user_id"))
        .col(bytes("secret_hash"))
        .col(text("mask"))
        .col(optional(text("name")))
        .col(flag("is_admin"))
        .col(flag("is_readonly"))
        .col(flag("is_automation"))
        .col(flag("from_config"))
        .col(optional(int("expires_at")))
        .col(optional(int("last_used_at")))
        .col(int("created_at"))
        .col(int("updated_at"))
        .take()
}
