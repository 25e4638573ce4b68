//! Organisations and their members.
//!
//! Who owns an organisation or administers it manages its teams ([`crate::teams`]); what teams
//! may read is by the name of the package ([`crate::access`]).

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{OrgId, OrgName, Timestamp, UserId, org::Role};

use crate::{
    StoreError, Tx,
    access::{self, Withdrawn},
    sql::{Count, Text, sql},
};

/// An organisation as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Org {
    /// Identifier.
    pub id: OrgId,
    /// What it is for.
    pub description: Option<String>,
    /// Since when.
    pub created_at: Timestamp,
}

/// Somebody who belongs to an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The user's name.
    pub name: String,
    /// What they may do in it.
    pub role: Role,
}

fn role(text: &str) -> Result<Role, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt {
        table: "org_members",
        column: "role",
        id: text.to_owned(),
    })
}

/// Makes an organisation.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if the name is taken.
pub async fn insert(
    tx: &Tx,
    name: &OrgName,
    description: Option<&str>,
    now: Timestamp,
) -> Result<OrgId, StoreError> {
    let id = OrgId::new();
    sql("INSERT INTO orgs (id, name, description, created_at) VALUES ($1, $2, $3, $4)")
        .bind(id.0)
        .bind(name.as_str())
        .bind(description.map(str::to_owned))
        .bind(now.0)
        .execute(&**tx)
        .await?;
    Ok(id)
}

/// Returns the organisation of this name, if there is one.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find(
    connection: &impl ConnectionTrait,
    name: &OrgName,
) -> Result<Option<Org>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        description: Option<String>,
        created_at: i64,
    }
    let row: Option<Row> = sql("SELECT id, description, created_at FROM orgs WHERE name = $1")
        .bind(name.as_str())
        .one(connection)
        .await?;
    Ok(row.map(|row| Org {
        id: OrgId(row.id),
        description: row.description,
        created_at: Timestamp(row.created_at),
    }))
}

/// Keeps everybody from changing an organisation and its members until the transaction ends; says
/// whether it is there. Whoever changes either begins with this, so nobody waits in a circle.
async fn lock(tx: &Tx, org: OrgId) -> Result<bool, StoreError> {
    let locked = sql("UPDATE orgs SET name = name WHERE id = $1")
        .bind(org.0)
        .execute(&**tx)
        .await?;
    Ok(locked > 0)
}

/// Removes an organisation with its teams. What was bound to them stays closed.
///
/// # Errors
/// If the database refuses.
pub async fn remove(tx: &Tx, org: OrgId) -> Result<(), StoreError> {
    lock(tx, org).await?;
    for statement in [
        "DELETE FROM team_packages WHERE team_id IN (SELECT id FROM teams WHERE org_id = $1)",
        "DELETE FROM team_members WHERE team_id IN (SELECT id FROM teams WHERE org_id = $1)",
        "DELETE FROM teams WHERE org_id = $1",
        "DELETE FROM org_members WHERE org_id = $1",
        "DELETE FROM orgs WHERE id = $1",
    ] {
        sql(statement).bind(org.0).execute(&**tx).await?;
    }
    access::withdraw(tx, Withdrawn::Much).await
}

/// Returns what a user may do in an organisation, if they belong to it.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn role_of(
    connection: &impl ConnectionTrait,
    org: OrgId,
    user: UserId,
) -> Result<Option<Role>, StoreError> {
    let row: Option<Text> =
        sql("SELECT role AS value FROM org_members WHERE org_id = $1 AND user_id = $2")
            .bind(org.0)
            .bind(user.0)
            .one(connection)
            .await?;
    row.map(|row| role(&row.value)).transpose()
}

/// Returns who belongs to an organisation, by name.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn members(
    connection: &impl ConnectionTrait,
    org: OrgId,
) -> Result<Vec<Member>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        name: String,
        role: String,
    }
    let rows: Vec<Row> = sql("SELECT u.name, m.role FROM org_members m \
         JOIN users u ON u.id = m.user_id WHERE m.org_id = $1 ORDER BY u.name_key")
    .bind(org.0)
    .all(connection)
    .await?;
    let member = |row: Row| {
        Ok(Member {
            role: role(&row.role)?,
            name: row.name,
        })
    };
    rows.into_iter().map(member).collect()
}

/// Says whether somebody else owns the organisation who may still come in, and keeps everybody
/// from changing its members until the transaction ends.
///
/// # Errors
/// If the database refuses.
///
/// # Concurrency
/// Of two owners who leave at once, one finds the other gone.
pub async fn has_other_owner(tx: &Tx, org: OrgId, user: UserId) -> Result<bool, StoreError> {
    lock(tx, org).await?;
    let others: Option<Count> = sql("SELECT COUNT(*) AS n FROM org_members m \
         JOIN users u ON u.id = m.user_id AND u.disabled_at IS NULL \
         WHERE m.org_id = $1 AND m.user_id <> $2 AND m.role = $3")
    .bind(org.0)
    .bind(user.0)
    .bind(Role::Owner.as_str())
    .one(&**tx)
    .await?;
    Ok(others.is_some_and(|row| row.n > 0))
}

/// Makes a user a member, or gives a member another role.
///
/// # Errors
/// [`StoreError::NotFound`] if the organisation was removed meanwhile.
pub async fn put_member(
    tx: &Tx,
    org: OrgId,
    (user, role): (UserId, Role),
    now: Timestamp,
) -> Result<(), StoreError> {
    if !lock(tx, org).await? {
        return Err(StoreError::NotFound {
            what: "organisation",
            id: org.to_string(),
        });
    }
    sql(
        "INSERT INTO org_members (org_id, user_id, role, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (org_id, user_id) DO UPDATE SET role = excluded.role",
    )
    .bind(org.0)
    .bind(user.0)
    .bind(role.as_str())
    .bind(now.0)
    .execute(&**tx)
    .await?;
    access::withdraw(tx, Withdrawn::From(user)).await
}

/// Has a user belong to an organisation and its teams no more; says whether they did.
///
/// # Errors
/// If the database refuses.
pub async fn remove_member(tx: &Tx, org: OrgId, user: UserId) -> Result<bool, StoreError> {
    lock(tx, org).await?;
    sql("DELETE FROM team_members WHERE user_id = $2 \
         AND team_id IN (SELECT id FROM teams WHERE org_id = $1)")
    .bind(org.0)
    .bind(user.0)
    .execute(&**tx)
    .await?;
    let gone = sql("DELETE FROM org_members WHERE org_id = $1 AND user_id = $2")
        .bind(org.0)
        .bind(user.0)
        .execute(&**tx)
        .await?;
    access::withdraw(tx, Withdrawn::From(user)).await?;
    Ok(gone > 0)
}
