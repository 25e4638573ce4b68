//! A blob whose bytes are no longer its own: from this commit on nothing refers to it.

use sea_orm::FromQueryResult;
use uuid::Uuid;
use weir_domain::{Digest, PackageId, PackageName, RegistryId, Timestamp, Version};

use crate::{StoreError, Topic, Tx, audit, invalidations, sql::sql};

/// What a damaged blob was good for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Damage {
    /// The versions whose tarball it was, with where each comes from; their tarballs are lazy
    /// now.
    pub tarballs: Vec<(PackageName, Option<RegistryId>, Version)>,
    /// The packages of which it was a rendered document; the next reader has it rendered anew.
    pub documents: Vec<PackageName>,
}

/// Takes a blob out of use whose bytes were found to be `found`, and notes that for auditors;
/// the caller removes the file and calls [`super::forget`].
///
/// Returns nothing if the blob was put again after `seen_at`, when the reading began.
///
/// # Errors
/// If the database refuses.
pub async fn condemn(
    tx: &Tx,
    digest: Digest,
    (found, seen_at): (&str, Timestamp),
    now: Timestamp,
) -> Result<Option<Damage>, StoreError> {
    let key = || digest.0.to_vec();
    let taken = sql("UPDATE blobs SET state = 'deleting', touched_at = $2 \
         WHERE digest = $1 AND state IN ('stored', 'doomed') AND touched_at <= $3")
    .bind(key())
    .bind(now.0)
    .bind(seen_at.0)
    .execute(&**tx)
    .await?;
    // A row that nobody may use any more may still have been named by one that was just written.
    if taken == 0 && is_in_use(tx, digest).await? {
        return Ok(None);
    }
    let damage = Damage {
        tarballs: let_go(tx, digest).await?,
        documents: drop_documents(tx, digest).await?,
    };
    if damage == Damage::default() && taken == 0 {
        return Ok(None);
    }
    let names = damage.tarballs.iter().map(|(name, ..)| name);
    for name in names.chain(&damage.documents) {
        invalidations::insert(tx, Topic::Package, name.as_str(), now).await?;
    }
    let event = audit::Event {
        at: now,
        by: audit::Actor::ITSELF,
        action: audit::BLOB_DAMAGE.to_owned(),
        target: digest.to_string(),
        detail: format!("{found}; {damage}"),
    };
    audit::insert(tx, &event).await?;
    Ok(Some(damage))
}

async fn is_in_use(tx: &Tx, digest: Digest) -> Result<bool, StoreError> {
    #[derive(FromQueryResult)]
    struct State {
        state: String,
    }
    let row: Option<State> = sql("SELECT state FROM blobs WHERE digest = $1")
        .bind(digest.0.to_vec())
        .one(&**tx)
        .await?;
    Ok(row.is_some_and(|row| row.state != "deleting"))
}

/// Makes the tarballs lazy whose bytes these were.
async fn let_go(
    tx: &Tx,
    digest: Digest,
) -> Result<Vec<(PackageName, Option<RegistryId>, Version)>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        name: String,
        registry_id: Option<Uuid>,
        version: String,
    }
    let rows: Vec<Row> = sql("SELECT DISTINCT p.name, p.registry_id, v.version FROM package_versions v \
         JOIN packages p ON p.id = v.package_id WHERE v.tarball_digest = $1 ORDER BY p.name, v.version")
    .bind(digest.0.to_vec())
    .all(&**tx)
    .await?;
    sql(
        "UPDATE package_versions SET tarball_digest = NULL, tarball_bytes = NULL \
         WHERE tarball_digest = $1",
    )
    .bind(digest.0.to_vec())
    .execute(&**tx)
    .await?;
    let corrupt = |table, column, id: &str| StoreError::Corrupt {
        table,
        column,
        id: id.to_owned(),
    };
    let read = |row: Row| {
        let version = Version::parse(&row.version)
            .map_err(|_| corrupt("package_versions", "version", &row.version))?;
        let name = PackageName::parse(&row.name);
        let name = name.map_err(|_| corrupt("packages", "name", &row.name))?;
        Ok((name, row.registry_id.map(RegistryId), version))
    };
    rows.into_iter().map(read).collect()
}

async fn drop_documents(tx: &Tx, digest: Digest) -> Result<Vec<PackageName>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        name: String,
    }
    let rows: Vec<Row> = sql("SELECT DISTINCT p.id, p.name FROM documents d \
         JOIN packages p ON p.id = d.package_id WHERE d.digest = $1 ORDER BY p.name")
    .bind(digest.0.to_vec())
    .all(&**tx)
    .await?;
    sql("DELETE FROM documents WHERE digest = $1")
        .bind(digest.0.to_vec())
        .execute(&**tx)
        .await?;
    let read = |row: Row| {
        PackageName::parse(&row.name).map_err(|_| StoreError::Corrupt {
            table: "packages",
            column: "name",
            id: PackageId(row.id).to_string(),
        })
    };
    rows.into_iter().map(read).collect()
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tarballs = self.tarballs.iter();
        let tarballs = tarballs.map(|(name, _, version)| format!("tarball of {name}@{version}"));
        let documents = self.documents.iter();
        let documents = documents.map(|name| format!("document of {name}"));
        let all: Vec<_> = tarballs.chain(documents).collect();
        match all.as_slice() {
            [] => f.write_str("nothing refers to it"),
            all => f.write_str(&all.join(", ")),
        }
    }
}
