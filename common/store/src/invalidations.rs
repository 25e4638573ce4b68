//! What caches must forget, written in the transaction that makes it so.
//!
//! Within a process the commit's signal arrives before the writer's answer; other
//! processes tail this table.

use weir_domain::Timestamp;

use crate::{Signal, StoreError, Tx, sql::sql};

/// What kind of cached knowledge is out of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// A package's documents and tarballs; the key is its name.
    Package,
    /// A token; the key is the hash in hexadecimal.
    Token,
    /// A registry; the key is its slug.
    Registry,
    /// A setting; the key is its key.
    Setting,
}

impl Topic {
    /// Returns the word in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Package => "package",
            Self::Token => "token",
            Self::Registry => "registry",
            Self::Setting => "setting",
        }
    }
}

/// Records that `key` of `topic` changed.
///
/// # Errors
/// If the database refuses.
pub async fn insert(tx: &Tx, topic: Topic, key: &str, now: Timestamp) -> Result<(), StoreError> {
    sql("INSERT INTO invalidations (topic, key, created_at) VALUES ($1, $2, $3)")
        .bind(topic.as_str())
        .bind(key)
        .bind(now.0)
        .execute(&**tx)
        .await?;
    tx.signal(Signal::Invalidated(topic, key.to_owned()));
    Ok(())
}
