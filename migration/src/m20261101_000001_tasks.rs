//! Tasks, their runs, requests, trees and logs; counters; invalidations; the schema's number.
//!
//! `tasks` is the truth about work. `task_runs` is its narrow companion that heartbeats
//! write, so that a lease renewal touches no index of the wide row.

use sea_orm_migration::prelude::*;

use crate::table::{bytes, flag, from_zero, int, optional, run, table, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What cannot be said with the schema builder: partial indexes and first rows.
const INDEXES: &[&str] = &[
    // One not yet begun per key; one begun (running, or between attempts) per key.
    "CREATE UNIQUE INDEX tasks_one_fresh ON tasks (dedupe_key) \
     WHERE state = 'waiting' AND generation = 0",
    "CREATE UNIQUE INDEX tasks_one_begun ON tasks (dedupe_key) \
     WHERE state = 'processing' OR (state = 'waiting' AND generation > 0)",
    "CREATE INDEX tasks_live ON tasks (dedupe_key) WHERE state IN ('waiting', 'processing')",
    // The head of a lane, flat however many rows wait.
    "CREATE INDEX tasks_ready ON tasks (lane, priority DESC, fair_key, id) WHERE is_ready",
    "CREATE INDEX tasks_due ON tasks (run_after) \
     WHERE state = 'waiting' AND NOT is_held AND NOT is_ready",
    "CREATE INDEX tasks_ready_since ON tasks (ready_at) WHERE is_ready",
    "CREATE INDEX tasks_held ON tasks (created_at) WHERE is_held",
    "CREATE INDEX tasks_by_target ON tasks (target, id DESC)",
    "CREATE INDEX tasks_by_state ON tasks (state, id DESC)",
    "CREATE INDEX task_runs_leases ON task_runs (lease_expires_at) WHERE owner IS NOT NULL",
    "CREATE INDEX task_requests_by_task ON task_requests (task_id)",
    "CREATE INDEX task_requests_by_root ON task_requests (root_id)",
    "CREATE INDEX task_tree_by_task ON task_tree (task_id)",
    "INSERT INTO schema_version (id, version, min_reader) VALUES (1, 1, 1)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, on both engines: the library's default leaves `SQLite` out.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut statement in [
            schema_version(),
            tasks(),
            task_runs(),
            task_requests(),
            task_tree(),
            tree_wants(),
            tree_expanded(),
            task_log_chunks(),
            task_count_deltas(),
            lanes(),
            invalidations(),
            settings(),
        ] {
            manager.create_table(statement.take()).await?;
        }
        run(manager, INDEXES).await
    }
}

fn schema_version() -> TableCreateStatement {
    table("schema_version")
        .col(int("id").primary_key())
        .col(int("version"))
        .col(int("min_reader"))
        .take()
}

fn tasks() -> TableCreateStatement {
    table("tasks")
        .col(uuid("id").primary_key())
        .col(text("kind"))
        .col(text("target"))
        .col(optional(uuid("registry_id")))
        .col(text("lane"))
        .col(text("dedupe_key"))
        .col(text("spec"))
        .col(int("spec_version"))
        .col(text("state"))
        .col(from_zero(int("generation")))
        .col(int("priority"))
        .col(flag("is_held"))
        .col(flag("is_ready"))
        .col(int("run_after"))
        .col(int("fair_key"))
        .col(from_zero(int("attempts")))
        .col(from_zero(int("crashes")))
        .col(optional(text("error_code")))
        .col(optional(text("error")))
        .col(text("warnings"))
        .col(optional(text("report")))
        .col(optional(uuid("retry_of")))
        .col(int("created_at"))
        .col(optional(int("ready_at")))
        .col(optional(int("started_at")))
        .col(optional(int("finished_at")))
        .take()
}

fn task_runs() -> TableCreateStatement {
    table("task_runs")
        .col(uuid("task_id").primary_key())
        .col(int("generation"))
        .col(optional(uuid("owner")))
        .col(int("lease_expires_at"))
        .col(flag("is_cancelled"))
        .col(from_zero(int("log_lines")))
        .col(from_zero(int("log_bytes")))
        .col(optional(text("progress")))
        .take()
}

fn task_requests() -> TableCreateStatement {
    table("task_requests")
        .col(uuid("id").primary_key())
        .col(uuid("task_id"))
        .col(uuid("root_id"))
        .col(optional(uuid("requester_id")))
        .col(optional(text("requester")))
        .col(optional(text("request_id")))
        .col(optional(text("idempotency_key")))
        .col(optional(text("tips")))
        .col(text("options"))
        .col(int("created_at"))
        .col(optional(int("withdrawn_at")))
        .take()
}

fn task_tree() -> TableCreateStatement {
    table("task_tree")
        .col(uuid("root_id"))
        .col(text("dedupe_key"))
        .col(uuid("task_id"))
        .primary_key(Index::create().col("root_id").col("dedupe_key"))
        .take()
}

fn tree_wants() -> TableCreateStatement {
    table("tree_wants")
        .col(uuid("root_id"))
        .col(text("name"))
        .col(text("wanted"))
        .primary_key(Index::create().col("root_id").col("name").col("wanted"))
        .take()
}

fn tree_expanded() -> TableCreateStatement {
    table("tree_expanded")
        .col(uuid("root_id"))
        .col(text("name"))
        .col(text("version"))
        .primary_key(Index::create().col("root_id").col("name").col("version"))
        .take()
}

fn task_log_chunks() -> TableCreateStatement {
    table("task_log_chunks")
        .col(uuid("task_id"))
        .col(int("first_line"))
        .col(int("line_count"))
        .col(int("byte_offset"))
        .col(int("generation"))
        .col(bytes("body"))
        .primary_key(Index::create().col("task_id").col("first_line"))
        .take()
}

/// Transitions append here; readers sum, the sweep folds (a counter row would serialise).
fn task_count_deltas() -> TableCreateStatement {
    table("task_count_deltas")
        .col(int("id").auto_increment().primary_key())
        .col(text("kind"))
        .col(text("state"))
        .col(int("delta"))
        .take()
}

fn lanes() -> TableCreateStatement {
    table("lanes")
        .col(text("lane").primary_key())
        .col(text("kind"))
        .col(flag("is_paused"))
        .take()
}

fn invalidations() -> TableCreateStatement {
    table("invalidations")
        .col(int("id").auto_increment().primary_key())
        .col(optional(int("seq")))
        .col(text("topic"))
        .col(text("key"))
        .col(int("created_at"))
        .take()
}

fn settings() -> TableCreateStatement {
    table("settings")
        .col(text("key").primary_key())
        .col(text("value"))
        .col(int("updated_at"))
        .take()
}
