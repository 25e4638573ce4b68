//! What users prove themselves with, and who they say they are. Passwords are argon2id, what must
//! be read again (secrets of one-time passwords) is sealed, recovery codes are digests.

use sea_orm_migration::prelude::*;

use crate::table::{bytes, int, optional, run, table, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const ROWS: &[&str] = &[
    "UPDATE schema_version SET version = 12 WHERE version < 12",
    // True of plain ASCII, and no others were made so far.
    "UPDATE users SET skeleton = name_key",
    "CREATE UNIQUE INDEX users_skeleton ON users (skeleton)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, on both engines: the library's default leaves `SQLite` out.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in columns() {
            let mut altered = Table::alter();
            altered.table("users").add_column(optional(column));
            manager.alter_table(altered.take()).await?;
        }
        for mut statement in [recovery_codes(), known_networks()] {
            manager.create_table(statement.take()).await?;
        }
        run(manager, ROWS).await
    }
}

/// All may be absent: former processes make users without them.
fn columns() -> [ColumnDef; 11] {
    [
        // What names that look alike have in common.
        text("skeleton"),
        text("email"),
        text("display_name"),
        // What else `npm profile set` keeps, as JSON.
        text("profile"),
        int("disabled_at"),
        text("password_hash"),
        int("password_changed_at"),
        // Sealed; the second is not yet confirmed.
        bytes("otp_secret"),
        bytes("otp_pending"),
        text("otp_mode"),
        // The last period whose code was used.
        int("otp_period"),
    ]
}

fn recovery_codes() -> TableCreateStatement {
    table("recovery_codes")
        .col(uuid("user_id"))
        .col(bytes("code_hash"))
        .primary_key(Index::create().col("user_id").col("code_hash"))
        .take()
}

/// From where users signed in: what a flood of wrong passwords does not keep out.
fn known_networks() -> TableCreateStatement {
    table("known_networks")
        .col(uuid("user_id"))
        .col(text("network"))
        .col(int("last_at"))
        .primary_key(Index::create().col("user_id").col("network"))
        .take()
}
