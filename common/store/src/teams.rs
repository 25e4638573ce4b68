//! Teams of organisations: who is in them, and which packages are bound to them.

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{
    OrgId, PackageName, TeamId, TeamName, Timestamp, UserId,
    org::{Access, Permission},
};

use crate::{
    StoreError, Tx,
    access::{self, Withdrawn},
    sql::{Text, sql},
};

/// A team as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Identifier.
    pub id: TeamId,
    /// What it is for.
    pub description: Option<String>,
    /// Since when.
    pub created_at: Timestamp,
}

/// Makes a team.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if the organisation has one of that name.
pub async fn insert(
    tx: &Tx,
    org: OrgId,
    (name, description): (&TeamName, Option<&str>),
    now: Timestamp,
) -> Result<TeamId, StoreError> {
    let id = TeamId::new();
    sql(
        "INSERT INTO teams (id, org_id, name, description, created_at) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(id.0)
    .bind(org.0)
    .bind(name.as_str())
    .bind(description.map(str::to_owned))
    .bind(now.0)
    .execute(&**tx)
    .await?;
    Ok(id)
}

/// Returns the team of this name, if the organisation has one.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find(
    connection: &impl ConnectionTrait,
    org: OrgId,
    name: &TeamName,
) -> Result<Option<Team>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        description: Option<String>,
        created_at: i64,
    }
    let row: Option<Row> =
        sql("SELECT id, description, created_at FROM teams WHERE org_id = $1 AND name = $2")
            .bind(org.0)
            .bind(name.as_str())
            .one(connection)
            .await?;
    Ok(row.map(|row| Team {
        id: TeamId(row.id),
        description: row.description,
        created_at: Timestamp(row.created_at),
    }))
}

/// Returns the names of an organisation's teams, in order.
///
/// # Errors
/// If the database cannot be asked.
pub async fn list(
    connection: &impl ConnectionTrait,
    org: OrgId,
) -> Result<Vec<String>, StoreError> {
    let rows: Vec<Text> = sql("SELECT name AS value FROM teams WHERE org_id = $1 ORDER BY name")
        .bind(org.0)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| row.value).collect())
}

/// Removes a team. What was bound to it stays closed.
///
/// # Errors
/// If the database refuses.
pub async fn remove(tx: &Tx, team: TeamId) -> Result<(), StoreError> {
    for statement in [
        "DELETE FROM team_packages WHERE team_id = $1",
        "DELETE FROM team_members WHERE team_id = $1",
        "DELETE FROM teams WHERE id = $1",
    ] {
        sql(statement).bind(team.0).execute(&**tx).await?;
    }
    access::withdraw(tx, Withdrawn::Much).await
}

/// Returns the names of the users in a team, in order.
///
/// # Errors
/// If the database cannot be asked.
pub async fn members(
    connection: &impl ConnectionTrait,
    team: TeamId,
) -> Result<Vec<String>, StoreError> {
    let rows: Vec<Text> = sql("SELECT u.name AS value FROM team_members m \
         JOIN users u ON u.id = m.user_id WHERE m.team_id = $1 ORDER BY u.name_key")
    .bind(team.0)
    .all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| row.value).collect())
}

/// Adds a user to a team; one who is in it stays.
///
/// # Errors
/// If the database refuses.
pub async fn put_member(
    tx: &Tx,
    team: TeamId,
    user: UserId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sql(
        "INSERT INTO team_members (team_id, user_id, created_at) VALUES ($1, $2, $3) \
         ON CONFLICT (team_id, user_id) DO NOTHING",
    )
    .bind(team.0)
    .bind(user.0)
    .bind(now.0)
    .execute(&**tx)
    .await?;
    Ok(())
}

/// Takes a user out of a team; says whether they were in it.
///
/// # Errors
/// If the database refuses.
pub async fn remove_member(tx: &Tx, team: TeamId, user: UserId) -> Result<bool, StoreError> {
    let gone = sql("DELETE FROM team_members WHERE team_id = $1 AND user_id = $2")
        .bind(team.0)
        .bind(user.0)
        .execute(&**tx)
        .await?;
    access::withdraw(tx, Withdrawn::From(user)).await?;
    Ok(gone > 0)
}

/// Binds a package to a team, mirrored or not; it is closed from then on, unless somebody has
/// said that it is public.
///
/// # Errors
/// If the database refuses.
pub async fn bind(
    tx: &Tx,
    team: TeamId,
    (package, permission): (&PackageName, Permission),
    now: Timestamp,
) -> Result<(), StoreError> {
    sql(
        "INSERT INTO team_packages (team_id, package, permission, created_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (team_id, package) \
         DO UPDATE SET permission = excluded.permission",
    )
    .bind(team.0)
    .bind(package.as_str())
    .bind(permission.as_str())
    .bind(now.0)
    .execute(&**tx)
    .await?;
    if access::stated(&**tx, package).await?.is_none() {
        access::put(tx, package, Access::Restricted, now).await?;
    }
    Ok(())
}

/// Takes a package from a team; says whether it was bound to it. It stays closed.
///
/// # Errors
/// If the database refuses.
pub async fn release(tx: &Tx, team: TeamId, package: &PackageName) -> Result<bool, StoreError> {
    let gone = sql("DELETE FROM team_packages WHERE team_id = $1 AND package = $2")
        .bind(team.0)
        .bind(package.as_str())
        .execute(&**tx)
        .await?;
    access::withdraw(tx, Withdrawn::Of(package)).await?;
    Ok(gone > 0)
}
