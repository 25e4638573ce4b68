//! The catalogue: its sources, the packages they list, the versions and revisions of these, and
//! what webhooks said has changed; kinds and credentials of registries; scopes; when second
//! factors were begun.

use sea_orm_migration::prelude::*;

use crate::table::{bytes, flag, from_zero, int, optional, run, table, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const ROWS: &[&str] = &[
    "UPDATE schema_version SET version = 17 WHERE version < 17",
    "CREATE UNIQUE INDEX registries_name ON registries (name)",
    "CREATE UNIQUE INDEX catalogue_packages_key ON catalogue_packages (namespace, name)",
    "CREATE INDEX catalogue_packages_name ON catalogue_packages (name)",
    // One for each order of lists; the first also counts what has a label.
    "CREATE INDEX catalogue_packages_by_name \
     ON catalogue_packages (is_hidden, name, namespace, id)",
    "CREATE INDEX catalogue_packages_by_update \
     ON catalogue_packages (is_hidden, updated_at, namespace, name)",
    "CREATE INDEX catalogue_packages_by_creation \
     ON catalogue_packages (is_hidden, created_at, namespace, name)",
    "CREATE INDEX catalogue_packages_by_downloads \
     ON catalogue_packages (is_hidden, downloads, namespace, name)",
    "CREATE INDEX catalogue_packages_registry ON catalogue_packages (registry_id)",
    "CREATE INDEX catalogue_labels_label ON catalogue_labels (kind, label, package_id)",
    "CREATE UNIQUE INDEX scopes_name ON scopes (name)",
    "CREATE INDEX catalogue_versions_place ON catalogue_versions (package_id, place)",
    "CREATE INDEX catalogue_hints_at ON catalogue_hints (registry_id, at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, on both engines: the library's default leaves `SQLite` out.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in added() {
            let mut altered = Table::alter();
            altered.table(table).add_column(column);
            manager.alter_table(altered.take()).await?;
        }
        for mut statement in [
            sources(),
            packages(),
            labels(),
            versions(),
            revisions(),
            hints(),
            scopes(),
        ] {
            manager.create_table(statement.take()).await?;
        }
        run(manager, ROWS).await
    }
}

fn added() -> [(&'static str, ColumnDef); 5] {
    [
        ("registries", text("kind").default("npm").take()),
        ("registries", optional(text("user_prefix"))),
        ("registries", optional(text("change_stream"))),
        // What proves to it who we are, sealed.
        ("registries", optional(bytes("credentials"))),
        // When a second factor was begun that is not confirmed yet.
        ("users", optional(int("otp_begun_at"))),
    ]
}

/// What a registry that is a source of the catalogue has beside its row there.
fn sources() -> TableCreateStatement {
    table("catalogue_sources")
        .col(uuid("registry_id").primary_key())
        // JSON.
        .col(text("settings"))
        // What its webhooks are signed with, sealed.
        .col(optional(bytes("webhook_secret")))
        // Up to when its changes are known, by its own clock.
        .col(optional(int("cursor_at")))
        .col(optional(int("next_full_at")))
        .col(optional(int("next_incremental_at")))
        // When a run of each kind last went well, and when one last failed.
        .col(optional(int("full_at")))
        .col(optional(int("incremental_at")))
        .col(optional(int("failed_at")))
        .take()
}

fn packages() -> TableCreateStatement {
    table("catalogue_packages")
        .col(uuid("id").primary_key())
        .col(uuid("registry_id"))
        .col(text("namespace"))
        .col(text("name"))
        .col(optional(text("latest_version")))
        .col(optional(text("latest_stable_version")))
        // JSON: those of the latest version.
        .col(text("facts"))
        // JSON: what an operator says instead of what the topics say.
        .col(optional(text("category_override")))
        // Not shown by itself: there for recipes only.
        .col(flag("is_hidden"))
        // What it is found by, folded.
        .col(text("words"))
        .col(from_zero(int("downloads")))
        .col(int("versions_count"))
        .col(int("created_at"))
        .col(int("updated_at"))
        .col(int("synced_at"))
        // The task that looked at it last, so that its next attempt need not.
        .col(optional(uuid("looked_at_by")))
        .take()
}

/// Categories, topics and licences, for filters and counts.
fn labels() -> TableCreateStatement {
    table("catalogue_labels")
        .col(uuid("package_id"))
        .col(text("kind"))
        .col(text("label"))
        // Zero is the primary one.
        .col(int("place"))
        .primary_key(Index::create().col("package_id").col("kind").col("label"))
        .take()
}

fn versions() -> TableCreateStatement {
    table("catalogue_versions")
        .col(uuid("package_id"))
        .col(text("version"))
        .col(text("channel"))
        .col(text("revision"))
        // Its place by Conan's order of versions; zero is the highest.
        .col(int("place"))
        // JSON.
        .col(text("facts"))
        .col(optional(text("readme")))
        .col(flag("is_yanked"))
        .col(int("created_at"))
        .col(int("updated_at"))
        // Since when a complete listing lacks it, while that is not yet confirmed.
        .col(optional(int("missing_since")))
        .col(optional(uuid("looked_at_by")))
        .primary_key(
            Index::create()
                .col("package_id")
                .col("version")
                .col("channel"),
        )
        .take()
}

/// Every revision a version was ever seen at.
fn revisions() -> TableCreateStatement {
    table("catalogue_revisions")
        .col(uuid("package_id"))
        .col(text("version"))
        .col(text("channel"))
        .col(text("revision"))
        .col(int("seen_at"))
        .primary_key(
            Index::create()
                .col("package_id")
                .col("version")
                .col("channel")
                .col("revision"),
        )
        .take()
}

/// References that a webhook named, until an incremental run is submitted for them.
fn hints() -> TableCreateStatement {
    table("catalogue_hints")
        .col(uuid("registry_id"))
        .col(text("reference"))
        .col(int("at"))
        .primary_key(Index::create().col("registry_id").col("reference"))
        .take()
}

/// Scopes whose packages come from one registry, or from none.
fn scopes() -> TableCreateStatement {
    table("scopes")
        .col(uuid("id").primary_key())
        // Lower case, with its `@`.
        .col(text("name"))
        // Without one it is private: its names are told to nobody.
        .col(optional(uuid("registry_id")))
        .col(int("created_at"))
        .col(int("updated_at"))
        .take()
}
