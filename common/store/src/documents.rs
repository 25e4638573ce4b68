//! Rendered packuments: which blob answers which request, and until when.

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{Digest, PackageId, PackageName, PublicBase, RegistryId, Timestamp};

use crate::{StoreError, Tx, sql::sql};

/// A rendered document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// `full` or `abbreviated`.
    pub form: String,
    /// `gzip`, `br`, `zstd` or `identity`.
    pub encoding: String,
    /// The public base its URLs are on.
    pub base: String,
    /// The package's revision it shows.
    pub revision: i64,
    /// The package's policy it was rendered under.
    pub policy_generation: i64,
    /// When an age or a block ends and it must be made anew.
    pub valid_until: Option<Timestamp>,
    /// The blob.
    pub digest: Digest,
    /// The blob's size.
    pub size_bytes: u64,
    /// The size without the encoding.
    pub identity_bytes: u64,
    /// The weak entity tag.
    pub etag: String,
    /// What `last-modified` says.
    pub modified_at: Timestamp,
}

/// What a request for a packument finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The package.
    pub package: PackageId,
    /// Its visible revision; 0 if nothing is visible.
    pub revision: i64,
    /// Its policy.
    pub policy_generation: i64,
    /// Where it is mirrored from.
    pub registry: Option<RegistryId>,
    /// When upstream last confirmed what is shown.
    pub checked_at: Option<Timestamp>,
    /// The document, if one of the visible revision and policy was rendered and is valid.
    pub document: Option<Document>,
}

#[derive(FromQueryResult)]
struct Row {
    package_id: Uuid,
    package_revision: i64,
    package_policy: i64,
    registry_id: Option<Uuid>,
    checked_at: Option<i64>,
    form: Option<String>,
    encoding: Option<String>,
    base: Option<String>,
    valid_until: Option<i64>,
    digest: Option<Vec<u8>>,
    size_bytes: Option<i64>,
    identity_bytes: Option<i64>,
    etag: Option<String>,
    modified_at: Option<i64>,
}

impl Row {
    fn document(&self) -> Option<Document> {
        let size = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
        Some(Document {
            form: self.form.clone()?,
            encoding: self.encoding.clone()?,
            base: self.base.clone()?,
            revision: self.package_revision,
            policy_generation: self.package_policy,
            valid_until: self.valid_until.map(Timestamp),
            digest: Digest::from_slice(self.digest.as_deref()?)?,
            size_bytes: size(self.size_bytes)?,
            identity_bytes: size(self.identity_bytes)?,
            etag: self.etag.clone()?,
            modified_at: Timestamp(self.modified_at?),
        })
    }
}

/// Returns the package of this name and its current document, each if there is one: in the
/// encoding that is asked for, else in gzip.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find(
    connection: &impl ConnectionTrait,
    name: &PackageName,
    (form, encoding): (&str, &str),
    base: &PublicBase,
    now: Timestamp,
) -> Result<Option<Found>, StoreError> {
    let row: Option<Row> = sql("SELECT p.id AS package_id, p.revision AS package_revision, \
         p.policy_generation AS package_policy, p.registry_id, p.checked_at, d.form, d.encoding, d.base, d.valid_until, d.digest, \
         d.size_bytes, d.identity_bytes, d.etag, d.modified_at FROM packages p \
         LEFT JOIN documents d ON d.package_id = p.id AND d.form = $2 AND d.encoding IN ($3, 'gzip') AND d.base = $4 \
         AND d.revision = p.revision AND d.policy_generation = p.policy_generation \
         AND (d.valid_until IS NULL OR d.valid_until > $5) WHERE p.name = $1 \
         ORDER BY CASE WHEN d.encoding = $3 THEN 0 ELSE 1 END LIMIT 1")
        .bind(name.as_str())
        .bind(form)
        .bind(encoding)
        .bind(base.as_str())
        .bind(now.0)
        .one(connection)
        .await?;
    Ok(row.map(|row| Found {
        package: PackageId(row.package_id),
        revision: row.package_revision,
        policy_generation: row.package_policy,
        registry: row.registry_id.map(RegistryId),
        checked_at: row.checked_at.map(Timestamp),
        document: row.document(),
    }))
}

/// Records a document, if it shows the package as it is now; says whether it does.
///
/// # Errors
/// If the database refuses.
pub async fn put(tx: &Tx, package: PackageId, document: &Document) -> Result<bool, StoreError> {
    let size = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let recorded = sql("INSERT INTO documents (package_id, form, encoding, base, revision, policy_generation, \
         valid_until, digest, size_bytes, identity_bytes, etag, modified_at) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 WHERE EXISTS \
         (SELECT 1 FROM packages WHERE id = $1 AND revision = $5 AND policy_generation = $6) \
         ON CONFLICT (package_id, form, encoding, base) DO UPDATE SET revision = excluded.revision, \
         policy_generation = excluded.policy_generation, valid_until = excluded.valid_until, \
         digest = excluded.digest, size_bytes = excluded.size_bytes, \
         identity_bytes = excluded.identity_bytes, etag = excluded.etag, \
         modified_at = excluded.modified_at WHERE documents.revision < excluded.revision \
         OR (documents.revision = excluded.revision \
         AND documents.policy_generation <= excluded.policy_generation)")
        .bind(package.0)
        .bind(document.form.as_str())
        .bind(document.encoding.as_str())
        .bind(document.base.as_str())
        .bind(document.revision)
        .bind(document.policy_generation)
        .bind(document.valid_until.map(|at| at.0))
        .bind(document.digest.0.to_vec())
        .bind(size(document.size_bytes))
        .bind(size(document.identity_bytes))
        .bind(document.etag.as_str())
        .bind(document.modified_at.0)
        .execute(&**tx)
        .await?;
    Ok(recorded > 0)
}

/// Replaces every document of a package by those of its new revision.
pub(crate) async fn replace_all(
    tx: &Tx,
    package: PackageId,
    rendered: &[Document],
) -> Result<(), StoreError> {
    sql("DELETE FROM documents WHERE package_id = $1")
        .bind(package.0)
        .execute(&**tx)
        .await?;
    for document in rendered {
        if !put(tx, package, document).await? {
            return Err(StoreError::Changed("package"));
        }
    }
    Ok(())
}
