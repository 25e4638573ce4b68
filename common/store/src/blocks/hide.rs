//! Hiding versions in the revision that is shown.
//!
//! No revision can be made beside a sync that stages one. So the policy moves instead: documents
//! of the former one are no longer given, and a sync that began under it shows nothing. The tags
//! as they were are kept beside those that are left, so that the last block to go restores them.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weir_domain::{PackageId, PackageName, Version, version::highest};

use super::Block;
use crate::{StoreError, Tx, sql::sql, versions};

/// What is said of a version that an operator blocked, where it is said of broken ones what
/// broke; readers are given the block's reason.
const BLOCKED: &str = "Blocked by an operator";

/// A package whose policy has just moved: its row is locked until the end of the transaction.
pub(super) struct Moved {
    id: PackageId,
    revision: i64,
    tags: Tags,
}

type Tags = BTreeMap<String, Version>;

/// The tags of one revision, before blocks took some away.
#[derive(Serialize, Deserialize)]
struct Unblocked {
    revision: i64,
    tags: Tags,
}

/// Moves a package's policy, if it is there; unless `is_clean`, the next sync reads all of
/// upstream's document, since it left out what was blocked.
pub(super) async fn change_policy(
    tx: &Tx,
    name: &PackageName,
    is_clean: bool,
) -> Result<Option<Moved>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        revision: i64,
        dist_tags: String,
        unblocked_tags: Option<String>,
    }
    let row: Option<Row> = sql(
        "UPDATE packages SET policy_generation = policy_generation + 1, \
         is_synced_cleanly = is_synced_cleanly AND $2 WHERE name = $1 \
         RETURNING id, revision, dist_tags, unblocked_tags",
    )
    .bind(name.as_str())
    .bind(is_clean)
    .one(&**tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let corrupt = |column| StoreError::Corrupt {
        table: "packages",
        column,
        id: name.to_string(),
    };
    let kept = row.unblocked_tags.as_deref().map(serde_json::from_str);
    let kept: Option<Unblocked> = kept.transpose().map_err(|_| corrupt("unblocked_tags"))?;
    let kept = kept.filter(|kept| kept.revision == row.revision);
    let tags = match kept {
        Some(kept) => kept.tags,
        None => serde_json::from_str(&row.dist_tags).map_err(|_| corrupt("dist_tags"))?,
    };
    Ok(Some(Moved {
        id: PackageId(row.id),
        revision: row.revision,
        tags,
    }))
}

impl Moved {
    /// Hides a version, also one that a removal hid.
    pub(super) async fn hide(
        &self,
        tx: &Tx,
        (version, former): (&Version, Option<&Block>),
    ) -> Result<(), StoreError> {
        sql(
            "UPDATE package_versions SET quarantine = $3 WHERE package_id = $1 AND version = $2 \
             AND (quarantine IS NULL OR quarantine = $4)",
        )
        .bind(self.id.0)
        .bind(version.as_str())
        .bind(BLOCKED)
        .bind(former.map_or("", |block| block.reason.as_str()))
        .execute(&**tx)
        .await?;
        Ok(())
    }

    /// Shows a version that only this block hid: what is broken stays hidden.
    pub(super) async fn show(
        &self,
        tx: &Tx,
        (version, block): (&Version, &Block),
    ) -> Result<(), StoreError> {
        sql(
            "UPDATE package_versions SET quarantine = NULL WHERE package_id = $1 AND version = $2 \
             AND quarantine IN ($3, $4)",
        )
        .bind(self.id.0)
        .bind(version.as_str())
        .bind(BLOCKED)
        .bind(block.reason.as_str())
        .execute(&**tx)
        .await?;
        Ok(())
    }

    /// Leaves the tags that lead to something shown; `latest` then is the highest of it.
    pub(super) async fn retag(&self, tx: &Tx) -> Result<(), StoreError> {
        let listed = versions::listed(&**tx, self.id, self.revision).await?;
        let shown = listed.into_iter().filter(|listed| listed.is_shown);
        let shown: BTreeSet<Version> = shown.map(|listed| listed.version).collect();
        let mut left = self.tags.clone();
        left.retain(|_, version| shown.contains(version));
        if let (false, Some(highest)) = (left.contains_key("latest"), highest(&shown)) {
            left.insert("latest".to_owned(), highest.clone());
        }
        let kept = Unblocked {
            revision: self.revision,
            tags: self.tags.clone(),
        };
        let unwritable = |_| StoreError::Changed("dist-tags");
        sql("UPDATE packages SET dist_tags = $2, unblocked_tags = $3 WHERE id = $1")
            .bind(self.id.0)
            .bind(serde_json::to_string(&left).map_err(unwritable)?)
            .bind(serde_json::to_string(&kept).map_err(unwritable)?)
            .execute(&**tx)
            .await?;
        Ok(())
    }
}
