//! Scopes of package names: whose packages come from one registry, and nobody else hears of
//! them; or from none, because they are private to this mirror.
//!
//! What is in no such scope comes from the registry `default`. A package that is mirrored stays
//! with the registry it came from, whatever is said of its scope later.

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{PackageName, RegistryId, ScopeId, Timestamp};

use crate::{
    StoreError, Topic, Tx, invalidations, settings,
    sql::{Count, Text, sql},
};

/// The setting that holds further private scopes, as a JSON list of `@scope`.
pub const PRIVATE_SETTING: &str = "private_scopes";

/// A scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Its identifier.
    pub id: ScopeId,
    /// Lower case, with its `@`.
    pub name: String,
    /// Where its packages come from; from nowhere if it is private.
    pub registry: Option<RegistryId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    name: String,
    registry_id: Option<Uuid>,
    created_at: i64,
    updated_at: i64,
}

impl From<Row> for Scope {
    fn from(row: Row) -> Self {
        Self {
            id: ScopeId(row.id),
            name: row.name,
            registry: row.registry_id.map(RegistryId),
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        }
    }
}

const SELECT: &str = "SELECT id, name, registry_id, created_at, updated_at FROM scopes";

/// Makes a scope of a registry, or a private one.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if there is one of that name.
pub async fn insert(
    tx: &Tx,
    name: &str,
    registry: Option<RegistryId>,
    now: Timestamp,
) -> Result<Scope, StoreError> {
    let scope = Scope {
        id: ScopeId::new(),
        name: name.to_ascii_lowercase(),
        registry,
        created_at: now,
        updated_at: now,
    };
    sql(
        "INSERT INTO scopes (id, name, registry_id, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $4)",
    )
    .bind(scope.id.0)
    .bind(scope.name.as_str())
    .bind(registry.map(|id| id.0))
    .bind(now.0)
    .execute(&**tx)
    .await?;
    invalidations::insert(tx, Topic::Setting, PRIVATE_SETTING, now).await?;
    Ok(scope)
}

/// Returns the scope of this id or name.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find(
    connection: &impl ConnectionTrait,
    word: &str,
) -> Result<Option<Scope>, StoreError> {
    let row: Option<Row> = sql(format!("{SELECT} WHERE name = $1 OR id = $2 LIMIT 1"))
        .bind(word.to_ascii_lowercase())
        .bind(word.parse::<Uuid>().unwrap_or(Uuid::nil()))
        .one(connection)
        .await?;
    Ok(row.map(Scope::from))
}

/// Returns some scopes by their names, of one registry or all, and how many there are.
///
/// # Errors
/// If the database cannot be asked.
pub async fn page(
    connection: &impl ConnectionTrait,
    registry: Option<RegistryId>,
    (skipped, most): (i64, i64),
) -> Result<(Vec<Scope>, u64), StoreError> {
    let of = "WHERE ($1 OR registry_id = $2)";
    let id = registry.map_or(Uuid::nil(), |id| id.0);
    let rows: Vec<Row> = sql(format!("{SELECT} {of} ORDER BY name LIMIT $3 OFFSET $4"))
        .bind(registry.is_none())
        .bind(id)
        .bind(most)
        .bind(skipped)
        .all(connection)
        .await?;
    let total: Option<Count> = sql(format!("SELECT COUNT(*) AS n FROM scopes {of}"))
        .bind(registry.is_none())
        .bind(id)
        .one(connection)
        .await?;
    let total = total.map_or(0, |total| total.n.unsigned_abs());
    Ok((rows.into_iter().map(Scope::from).collect(), total))
}

/// Forgets a scope; says whether it was there. Its names are those of `default` then.
///
/// # Errors
/// If the database refuses.
pub async fn remove(tx: &Tx, id: ScopeId, now: Timestamp) -> Result<bool, StoreError> {
    let removed = sql("DELETE FROM scopes WHERE id = $1").bind(id.0);
    let was_there = removed.execute(&**tx).await? > 0;
    invalidations::insert(tx, Topic::Setting, PRIVATE_SETTING, now).await?;
    Ok(was_there)
}

/// Returns the registry that the packages of a name's scope come from, if that was said.
///
/// # Errors
/// If the database cannot be asked.
pub async fn home(
    connection: &impl ConnectionTrait,
    name: &PackageName,
) -> Result<Option<RegistryId>, StoreError> {
    let Some(scope) = name.scope() else {
        return Ok(None);
    };
    let scope = find(connection, &format!("@{scope}")).await?;
    Ok(scope.and_then(|scope| scope.registry))
}

/// Returns the private scopes, each with its `@`.
///
/// # Errors
/// If the database cannot be asked, or the setting is not readable: then nobody may guess.
pub async fn private(connection: &impl ConnectionTrait) -> Result<Vec<String>, StoreError> {
    let rows: Vec<Text> = sql("SELECT name AS value FROM scopes WHERE registry_id IS NULL")
        .all(connection)
        .await?;
    let mut private: Vec<_> = rows.into_iter().map(|row| row.value).collect();
    if let Some(text) = settings::find(connection, PRIVATE_SETTING).await? {
        let corrupt = |_| StoreError::Corrupt {
            table: "settings",
            column: "value",
            id: PRIVATE_SETTING.to_owned(),
        };
        private.extend(serde_json::from_str::<Vec<String>>(&text).map_err(corrupt)?);
    }
    Ok(private)
}

/// Returns the scopes whose names a registry must not hear: the private ones, and those of other
/// registries.
///
/// # Errors
/// As [`private`].
pub async fn kept_from(
    connection: &impl ConnectionTrait,
    registry: RegistryId,
) -> Result<Vec<String>, StoreError> {
    let rows: Vec<Text> = sql("SELECT name AS value FROM scopes WHERE registry_id <> $1")
        .bind(registry.0)
        .all(connection)
        .await?;
    let mut kept = private(connection).await?;
    kept.extend(rows.into_iter().map(|row| row.value));
    Ok(kept)
}

/// Says whether the name lies in one of `scopes`.
pub fn covers(scopes: &[String], name: &PackageName) -> bool {
    let Some(scope) = name.scope() else {
        return false;
    };
    let mut listed = scopes.iter().filter_map(|listed| listed.strip_prefix('@'));
    listed.any(|listed| listed.eq_ignore_ascii_case(scope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_covers_its_own_names_only() {
        let scopes = ["@acme".to_owned()];
        let is_private = |name: &str| covers(&scopes, &PackageName::parse(name).expect("valid"));
        assert!(is_private("@acme/a") && is_private("@Acme/a"));
        assert!(!is_private("@acme2/a") && !is_private("acme") && !is_private("@ac/me"));
    }
}
