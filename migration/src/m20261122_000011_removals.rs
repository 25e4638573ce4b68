//! What upstream was seen to lack and what became of it, what is not served, and what is kept
//! beside packages: counts of downloads, and answers about signatures.

use sea_orm_migration::prelude::*;

use crate::table::{bytes, int, optional, run, table, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const ROWS: &[&str] = &[
    "UPDATE schema_version SET version = 11 WHERE version < 11",
    // A block needs no package: it may be there before the package is.
    "CREATE UNIQUE INDEX blocks_of ON blocks (name, version)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, on both engines: the library's default leaves `SQLite` out.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut statement in [removals(), blocks(), download_counts(), kept_answers()] {
            manager.create_table(statement.take()).await?;
        }
        for column in [
            text("removals").default("keep").take(),
            optional(text("downloads_url")),
        ] {
            let mut altered = Table::alter();
            altered.table("registries").add_column(column);
            manager.alter_table(altered.take()).await?;
        }
        run(manager, ROWS).await
    }
}

/// What upstream lacks that we have; the empty version is the whole package.
fn removals() -> TableCreateStatement {
    table("removals")
        .col(uuid("package_id"))
        .col(text("version"))
        .col(text("absence"))
        .col(int("first_seen_at"))
        .col(int("last_seen_at"))
        .col(int("looks"))
        .col(uuid("last_task"))
        // The policy that was applied, once it was believed.
        .col(optional(text("outcome")))
        .primary_key(Index::create().col("package_id").col("version"))
        .take()
}

/// What is answered with 451; the empty version is the whole package.
fn blocks() -> TableCreateStatement {
    table("blocks")
        .col(uuid("id").primary_key())
        .col(text("name"))
        .col(text("version"))
        .col(text("reason"))
        .col(text("source"))
        .col(int("created_at"))
        .take()
}

/// Downloads of a package on one day, by upstream's account; days since 1970.
fn download_counts() -> TableCreateStatement {
    table("download_counts")
        .col(uuid("package_id"))
        .col(int("day"))
        .col(int("downloads"))
        .primary_key(Index::create().col("package_id").col("day"))
        .take()
}

/// What a registry answered to a path; no body is a definite "there is none".
fn kept_answers() -> TableCreateStatement {
    table("kept_answers")
        .col(uuid("registry_id"))
        .col(text("path"))
        .col(optional(bytes("body")))
        .col(int("fetched_at"))
        .primary_key(Index::create().col("registry_id").col("path"))
        .take()
}
