//! What several processes on one database need of each other: numbers in the order of
//! commits, so that each can read on where it stopped; one that leads; work that all leave alone; logs that
//! are written no more.

use sea_orm_migration::prelude::*;

use crate::table::{bytes, flag, from_zero, int, optional, run, table, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const ROWS: &[&str] = &[
    "UPDATE schema_version SET version = 4",
    "INSERT INTO counters (name, value) VALUES ('invalidations', 0)",
    "INSERT INTO leaders (id, owner) VALUES (1, NULL)",
    // Numbered rows are read on from a number; those not numbered yet are found here too.
    "CREATE UNIQUE INDEX invalidations_seq ON invalidations (seq)",
    "CREATE INDEX tasks_unsealed ON tasks (finished_at, id) \
     WHERE finished_at IS NOT NULL AND NOT is_log_sealed",
    "CREATE INDEX sealed_logs_chunked ON sealed_logs (sealed_at) WHERE NOT is_stripped",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, on both engines: the library's default leaves `SQLite` out.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut statement in [counters(), leaders(), queues(), sealed_logs()] {
            manager.create_table(statement.take()).await?;
        }
        let mut tasks = Table::alter();
        tasks.table("tasks").add_column(flag("is_log_sealed"));
        manager.alter_table(tasks.take()).await?;
        run(manager, ROWS).await
    }
}

/// The last number given in each series.
fn counters() -> TableCreateStatement {
    table("counters")
        .col(text("name").primary_key())
        .col(from_zero(int("value")))
        .take()
}

/// One row: who does the periodic work, in which term, until when.
fn leaders() -> TableCreateStatement {
    table("leaders")
        .col(int("id").primary_key())
        .col(optional(uuid("owner")))
        .col(from_zero(int("term")))
        .col(from_zero(int("lease_expires_at")))
        .take()
}

/// Kinds of task that were ever paused.
fn queues() -> TableCreateStatement {
    table("queues")
        .col(text("kind").primary_key())
        .col(flag("is_paused"))
        .col(int("changed_at"))
        .col(text("changed_by"))
        .take()
}

/// Logs of finished tasks: how they are cut into frames, and the frames themselves if they
/// are small.
fn sealed_logs() -> TableCreateStatement {
    table("sealed_logs")
        .col(uuid("task_id").primary_key())
        .col(int("generation"))
        .col(text("frames"))
        .col(int("sealed_at"))
        .col(flag("is_stripped"))
        .col(optional(bytes("body")))
        .take()
}
