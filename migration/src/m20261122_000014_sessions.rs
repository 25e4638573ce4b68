//! Who is signed in where: sessions of the site, logins that wait for somebody's word, and the
//! accounts of GitHub that users have linked.
//!
//! Of every secret only the SHA-256 is stored.

use sea_orm_migration::prelude::*;

use crate::table::{bytes, flag, int, optional, run, table, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const ROWS: &[&str] = &[
    "UPDATE schema_version SET version = 14 WHERE version < 14",
    "CREATE UNIQUE INDEX sessions_secret ON sessions (secret_hash)",
    "CREATE INDEX sessions_user ON sessions (user_id)",
    "CREATE INDEX sessions_at ON sessions (expires_at)",
    "CREATE UNIQUE INDEX web_logins_done ON web_logins (done_hash)",
    "CREATE INDEX web_logins_at ON web_logins (expires_at)",
    "CREATE UNIQUE INDEX github_accounts_id ON github_accounts (github_id)",
    "CREATE INDEX github_sign_ins_at ON github_sign_ins (expires_at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, on both engines: the library's default leaves `SQLite` out.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let all = [
            sessions(),
            web_logins(),
            github_accounts(),
            github_sign_ins(),
        ];
        for mut statement in all {
            manager.create_table(statement.take()).await?;
        }
        run(manager, ROWS).await
    }
}

fn sessions() -> TableCreateStatement {
    table("sessions")
        .col(uuid("id").primary_key())
        .col(bytes("secret_hash"))
        .col(uuid("user_id"))
        // How its user proved who they are.
        .col(text("way"))
        .col(text("address"))
        .col(text("user_agent"))
        .col(int("created_at"))
        .col(int("used_at"))
        .col(int("expires_at"))
        .take()
}

fn web_logins() -> TableCreateStatement {
    table("web_logins")
        // What the page's address holds, and what the program that waits shows.
        .col(bytes("login_hash").primary_key())
        .col(bytes("done_hash"))
        .col(text("address"))
        .col(text("user_agent"))
        // Null until somebody confirms.
        .col(optional(uuid("user_id")))
        .col(flag("is_admin"))
        .col(int("asked_at"))
        .col(int("expires_at"))
        .take()
}

fn github_accounts() -> TableCreateStatement {
    table("github_accounts")
        .col(uuid("user_id").primary_key())
        // GitHub's own number; the login beside it may move to somebody else.
        .col(int("github_id"))
        .col(text("login"))
        .col(int("linked_at"))
        .take()
}

fn github_sign_ins() -> TableCreateStatement {
    table("github_sign_ins")
        .col(bytes("state_hash").primary_key())
        .col(bytes("browser_hash"))
        // Who links an account; null for whoever signs in.
        .col(optional(uuid("linker_id")))
        .col(text("next"))
        .col(int("expires_at"))
        .take()
}
