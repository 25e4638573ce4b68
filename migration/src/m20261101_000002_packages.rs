//! Registries, packages, their versions and documents, and the blobs all of these name.
//!
//! A version row is visible from `added_in` until before `removed_in`, both revisions of
//! its package: a sync stages under the next revision, and moving `packages.revision` is
//! the one instant at which everything changes.

use sea_orm_migration::prelude::*;

use crate::table::{bytes, flag, from_zero, int, optional, run, table, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: &[&str] = &[
    "UPDATE schema_version SET version = 2",
    "CREATE UNIQUE INDEX registries_slug ON registries (slug)",
    "CREATE UNIQUE INDEX packages_name ON packages (name)",
    "CREATE INDEX package_versions_staged ON package_versions (package_id, removed_in) \
     WHERE removed_in IS NOT NULL",
    "CREATE INDEX package_versions_tarball ON package_versions (tarball_digest) \
     WHERE tarball_digest IS NOT NULL",
    "CREATE INDEX documents_digest ON documents (digest)",
    "CREATE INDEX blobs_state ON blobs (state, touched_at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, on both engines: the library's default leaves `SQLite` out.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut statement in [
            registries(),
            packages(),
            package_versions(),
            documents(),
            blobs(),
        ] {
            manager.create_table(statement.take()).await?;
        }
        run(manager, INDEXES).await
    }
}

fn registries() -> TableCreateStatement {
    table("registries")
        .col(uuid("id").primary_key())
        .col(text("slug"))
        .col(text("name"))
        .col(text("url"))
        .col(text("tarballs"))
        .col(flag("is_internal"))
        .col(flag("allows_undigested"))
        .col(int("created_at"))
        .col(int("updated_at"))
        .take()
}

fn packages() -> TableCreateStatement {
    table("packages")
        .col(uuid("id").primary_key())
        .col(text("name"))
        .col(optional(uuid("registry_id")))
        .col(from_zero(int("revision")))
        .col(from_zero(int("policy_generation")))
        .col(text("dist_tags"))
        .col(text("time"))
        .col(text("root"))
        .col(optional(int("modified_at")))
        .col(optional(text("upstream_revision")))
        .col(optional(int("upstream_modified_at")))
        .col(optional(text("upstream_etag")))
        .col(optional(text("upstream_last_modified")))
        .col(optional(int("synced_at")))
        .col(flag("is_synced_cleanly"))
        .col(int("created_at"))
        .col(int("updated_at"))
        .take()
}

fn package_versions() -> TableCreateStatement {
    table("package_versions")
        .col(uuid("package_id"))
        .col(text("version"))
        .col(int("added_in"))
        .col(optional(int("removed_in")))
        .col(bytes("canonical_digest"))
        .col(int("tarball_start"))
        .col(int("tarball_len"))
        .col(optional(int("attestations_start")))
        .col(optional(int("attestations_len")))
        .col(text("tarball_url"))
        .col(optional(text("integrity")))
        .col(flag("is_deprecated"))
        .col(optional(int("published_at")))
        .col(optional(bytes("tarball_digest")))
        .col(optional(int("tarball_bytes")))
        .col(optional(text("quarantine")))
        // Last, so that reading the others never reads the pages it spills into.
        .col(text("raw"))
        .primary_key(
            Index::create()
                .col("package_id")
                .col("version")
                .col("added_in"),
        )
        .take()
}

fn documents() -> TableCreateStatement {
    table("documents")
        .col(uuid("package_id"))
        .col(text("form"))
        .col(text("encoding"))
        .col(text("base"))
        .col(int("revision"))
        .col(int("policy_generation"))
        .col(optional(int("valid_until")))
        .col(bytes("digest"))
        .col(int("size_bytes"))
        .col(int("identity_bytes"))
        .col(text("etag"))
        .col(int("modified_at"))
        .primary_key(
            Index::create()
                .col("package_id")
                .col("form")
                .col("encoding")
                .col("base"),
        )
        .take()
}

fn blobs() -> TableCreateStatement {
    table("blobs")
        .col(bytes("digest").primary_key())
        .col(int("size_bytes"))
        .col(text("state"))
        .col(int("touched_at"))
        .take()
}
