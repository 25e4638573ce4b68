//! Organisations, their teams and what these may read; who asked for what the trail tells; and
//! what a block by an operator must remember.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::table::{int, optional, run, table, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const ROWS: &[&str] = &[
    "UPDATE schema_version SET version = 15 WHERE version < 15",
    "CREATE UNIQUE INDEX orgs_name ON orgs (name)",
    "CREATE INDEX org_members_user ON org_members (user_id)",
    "CREATE UNIQUE INDEX teams_name ON teams (org_id, name)",
    "CREATE INDEX team_members_user ON team_members (user_id)",
    "CREATE INDEX team_packages_package ON team_packages (package)",
    // The trail is asked by who and by what, the newest first.
    "CREATE INDEX audit_events_user ON audit_events (user_id, at)",
    "CREATE INDEX audit_events_target ON audit_events (target, at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, on both engines: the library's default leaves `SQLite` out.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        for mut statement in [
            orgs(),
            org_members(),
            teams(),
            team_members(),
            team_packages(backend),
            package_access(backend),
            package_ids(),
        ] {
            manager.create_table(statement.take()).await?;
        }
        for (table, column) in added() {
            let mut altered = Table::alter();
            altered.table(table).add_column(column);
            manager.alter_table(altered.take()).await?;
        }
        run(manager, ROWS).await
    }
}

fn added() -> [(&'static str, ColumnDef); 5] {
    [
        ("audit_events", optional(uuid("token_id"))),
        ("audit_events", optional(text("address"))),
        ("audit_events", optional(text("request_id"))),
        // Null: as when it was made.
        ("blocks", optional(int("updated_at"))),
        // The dist-tags of one revision, before blocks took some away: JSON.
        ("packages", optional(text("unblocked_tags"))),
    ]
}

fn orgs() -> TableCreateStatement {
    table("orgs")
        .col(uuid("id").primary_key())
        .col(text("name"))
        .col(optional(text("description")))
        .col(int("created_at"))
        .take()
}

fn org_members() -> TableCreateStatement {
    table("org_members")
        .col(uuid("org_id"))
        .col(uuid("user_id"))
        .col(text("role"))
        .col(int("created_at"))
        .primary_key(Index::create().col("org_id").col("user_id"))
        .take()
}

fn teams() -> TableCreateStatement {
    table("teams")
        .col(uuid("id").primary_key())
        .col(uuid("org_id"))
        .col(text("name"))
        .col(optional(text("description")))
        .col(int("created_at"))
        .take()
}

fn team_members() -> TableCreateStatement {
    table("team_members")
        .col(uuid("team_id"))
        .col(uuid("user_id"))
        .col(int("created_at"))
        .primary_key(Index::create().col("team_id").col("user_id"))
        .take()
}

/// A package's name, compared byte by byte as the index of searches does.
fn package(name: &'static str, backend: DbBackend) -> ColumnDef {
    let mut column = text(name);
    if backend == DbBackend::Postgres {
        column.extra("COLLATE \"C\"");
    }
    column
}

/// By name: a package may be bound to a team before it is mirrored.
fn team_packages(backend: DbBackend) -> TableCreateStatement {
    table("team_packages")
        .col(uuid("team_id"))
        .col(package("package", backend))
        .col(text("permission"))
        .col(int("created_at"))
        .primary_key(Index::create().col("team_id").col("package"))
        .take()
}

/// Who may read a package, by name; everybody if there is no row.
fn package_access(backend: DbBackend) -> TableCreateStatement {
    table("package_access")
        .col(package("name", backend).primary_key())
        .col(text("access"))
        .col(int("updated_at"))
        .take()
}

/// Ids that were told of packages before they were mirrored.
fn package_ids() -> TableCreateStatement {
    table("package_ids")
        .col(text("name").primary_key())
        .col(uuid("id"))
        .take()
}
