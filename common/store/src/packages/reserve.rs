//! Ids of packages that are not there yet: who blocks a name is told what it will be known by.

use sea_orm::FromQueryResult;
use uuid::Uuid;
use weir_domain::{PackageId, PackageName};

use super::find_place;
use crate::{StoreError, Tx, sql::sql};

/// Returns the id of the package of this name: its own, else the one that it will get.
///
/// # Errors
/// If the database refuses.
pub async fn reserve_id(tx: &Tx, name: &PackageName) -> Result<PackageId, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
    }
    if let Some(place) = find_place(&**tx, name).await? {
        return Ok(place.id);
    }
    sql("INSERT INTO package_ids (name, id) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
        .bind(name.as_str())
        .bind(PackageId::new().0)
        .execute(&**tx)
        .await?;
    let row: Option<Row> = sql("SELECT id FROM package_ids WHERE name = $1")
        .bind(name.as_str())
        .one(&**tx)
        .await?;
    let row = row.ok_or(StoreError::Changed("package id"))?;
    Ok(PackageId(row.id))
}
