//! Who may read a package: everybody, or the teams that it is bound to.
//!
//! By name, so that a package may be closed before it is mirrored. Beside administrators those
//! read a closed package who are in a team that it is bound to, or who own or administer that
//! team's organisation. Nobody remembers who may: it is asked at every read of a closed package,
//! and what is open has no row here.

use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;
use weir_domain::{
    OrgId, PackageName, TeamId, Timestamp, UserId, Version,
    org::{Access, Permission},
};

use crate::{
    StoreError, Topic, Tx,
    blocks::{self, Block},
    clock, invalidations,
    sql::{Count, Text, sql},
};

/// The teams that a user is in, or whose organisation they manage; the user is `?`.
const TEAMS: &str = "SELECT t.id FROM teams t WHERE \
     EXISTS (SELECT 1 FROM team_members m JOIN org_members i ON i.user_id = m.user_id \
     AND i.org_id = t.org_id WHERE m.team_id = t.id AND m.user_id = ?) \
     OR EXISTS (SELECT 1 FROM org_members o WHERE o.org_id = t.org_id AND o.user_id = ? \
     AND o.role IN ('admin', 'owner'))";

/// Somebody who wants to read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Viewer {
    /// Somebody unknown.
    #[default]
    Stranger,
    /// A user.
    User(UserId),
    /// Somebody who may read everything.
    Administrator,
}

impl Viewer {
    /// Returns a query of the names that the viewer may not read, if there are any such; a
    /// value that it needs is bound as `$number`.
    pub(crate) fn closed(self, number: usize) -> Option<(String, Option<Value>)> {
        let closed = "SELECT a.name FROM package_access a WHERE a.access = 'restricted'";
        match self {
            Self::Administrator => None,
            Self::Stranger => Some((closed.to_owned(), None)),
            Self::User(user) => {
                let teams = TEAMS.replace('?', &format!("${number}"));
                let text = format!(
                    "{closed} AND a.name NOT IN (SELECT p.package FROM team_packages p \
                     WHERE p.team_id IN ({teams}))"
                );
                Some((text, Some(user.0.into())))
            }
        }
    }
}

/// What stands between a reader and a package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Whether only some may know of it.
    pub is_restricted: bool,
    /// What is blocked of it, if the reader wants that.
    pub block: Option<Block>,
}

/// Returns the policy of a package, as far as it is about this version: one query.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn policy(
    connection: &impl ConnectionTrait,
    name: &PackageName,
    version: Option<&Version>,
) -> Result<Policy, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        access: Option<String>,
        id: Option<Uuid>,
        version: Option<String>,
        reason: Option<String>,
        source: Option<String>,
        created_at: Option<i64>,
        updated_at: Option<i64>,
    }
    let row: Option<Row> = sql(
        "SELECT a.access, b.id, b.version, b.reason, b.source, b.created_at, b.updated_at \
         FROM (SELECT 1 AS one) AS here \
         LEFT JOIN package_access a ON a.name = $1 AND a.access = 'restricted' \
         LEFT JOIN blocks b ON b.name = $1 AND (b.version = '' OR b.version = $2) \
         ORDER BY b.version LIMIT 1",
    )
    .bind(name.as_str())
    .bind(version.map_or("", Version::as_str))
    .one(connection)
    .await?;
    let Some(row) = row else {
        return Ok(Policy::default());
    };
    let block = || {
        Some(blocks::Row {
            id: row.id?,
            version: row.version?,
            reason: row.reason?,
            source: row.source?,
            created_at: row.created_at?,
            updated_at: row.updated_at,
        })
    };
    Ok(Policy {
        is_restricted: row.access.is_some(),
        block: block().map(Block::try_from).transpose()?,
    })
}

/// Says whether a viewer may read a closed package.
///
/// # Errors
/// If the database cannot be asked.
pub async fn may_read(
    connection: &impl ConnectionTrait,
    name: &PackageName,
    viewer: Viewer,
) -> Result<bool, StoreError> {
    let user = match viewer {
        Viewer::Administrator => return Ok(true),
        Viewer::Stranger => return Ok(false),
        Viewer::User(user) => user,
    };
    let teams = TEAMS.replace('?', "$2");
    let row: Option<Count> = sql(format!(
        "SELECT COUNT(*) AS n FROM team_packages p WHERE p.package = $1 AND p.team_id IN ({teams})"
    ))
    .bind(name.as_str())
    .bind(user.0)
    .one(connection)
    .await?;
    Ok(row.is_some_and(|row| row.n > 0))
}

/// Returns who may read a package, if anybody has said so.
pub(crate) async fn stated(
    connection: &impl ConnectionTrait,
    name: &PackageName,
) -> Result<Option<Access>, StoreError> {
    let row: Option<Text> = sql("SELECT access AS value FROM package_access WHERE name = $1")
        .bind(name.as_str())
        .one(connection)
        .await?;
    let corrupt = |_| StoreError::Corrupt {
        table: "package_access",
        column: "access",
        id: name.to_string(),
    };
    row.map(|row| row.value.parse().map_err(corrupt))
        .transpose()
}

/// Says who may read a package from now on; everybody's caches forget it.
///
/// # Errors
/// If the database refuses.
pub async fn put(
    tx: &Tx,
    name: &PackageName,
    access: Access,
    now: Timestamp,
) -> Result<(), StoreError> {
    sql(
        "INSERT INTO package_access (name, access, updated_at) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET access = excluded.access, \
         updated_at = excluded.updated_at",
    )
    .bind(name.as_str())
    .bind(access.as_str())
    .bind(now.0)
    .execute(&**tx)
    .await?;
    invalidations::insert(tx, Topic::Package, name.as_str(), now).await
}

/// Who may read no more what they could.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Withdrawn<'a> {
    /// A user, of whatever package.
    From(UserId),
    /// Whoever, of this package.
    Of(&'a PackageName),
    /// Whoever, of whatever package.
    Much,
}

/// Tells whoever goes on answering to look again at who may read.
pub(crate) async fn withdraw(tx: &Tx, what: Withdrawn<'_>) -> Result<(), StoreError> {
    let now = clock::now(&**tx).await?;
    let (topic, key) = match what {
        Withdrawn::From(user) => (Topic::Token, user.to_string()),
        Withdrawn::Of(name) => (Topic::Package, name.to_string()),
        Withdrawn::Much => (Topic::Everything, String::new()),
    };
    invalidations::insert(tx, topic, &key, now).await
}

/// What somebody may do with a package, by a name: the package's, or the user's.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Grant {
    /// The name.
    pub name: String,
    /// Whether it may be published too, and not only read.
    pub may_write: bool,
}

impl Grant {
    /// Returns the permission.
    pub fn permission(&self) -> Permission {
        if self.may_write {
            Permission::Write
        } else {
            Permission::Read
        }
    }
}

const MAY_WRITE: &str = "MAX(CASE WHEN p.permission = 'write' THEN 1 ELSE 0 END) = 1 AS may_write";

/// Returns what is bound to a team, by name.
///
/// # Errors
/// If the database cannot be asked.
pub async fn of_team(
    connection: &impl ConnectionTrait,
    team: TeamId,
) -> Result<Vec<Grant>, StoreError> {
    sql(format!(
        "SELECT p.package AS name, {MAY_WRITE} FROM team_packages p WHERE p.team_id = $1 \
         GROUP BY p.package ORDER BY p.package"
    ))
    .bind(team.0)
    .all(connection)
    .await
}

/// Returns what is bound to any team of an organisation, by name.
///
/// # Errors
/// If the database cannot be asked.
pub async fn of_org(
    connection: &impl ConnectionTrait,
    org: OrgId,
) -> Result<Vec<Grant>, StoreError> {
    sql(format!(
        "SELECT p.package AS name, {MAY_WRITE} FROM team_packages p \
         JOIN teams t ON t.id = p.team_id WHERE t.org_id = $1 \
         GROUP BY p.package ORDER BY p.package"
    ))
    .bind(org.0)
    .all(connection)
    .await
}

/// Returns what a user may do by their teams, by name.
///
/// # Errors
/// If the database cannot be asked.
pub async fn of_user(
    connection: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<Grant>, StoreError> {
    sql(format!(
        "SELECT p.package AS name, {MAY_WRITE} FROM team_packages p \
         JOIN team_members m ON m.team_id = p.team_id WHERE m.user_id = $1 \
         GROUP BY p.package ORDER BY p.package"
    ))
    .bind(user.0)
    .all(connection)
    .await
}

/// Returns the users who may do something with a package by their teams, by name.
///
/// # Errors
/// If the database cannot be asked.
pub async fn collaborators(
    connection: &impl ConnectionTrait,
    package: &PackageName,
) -> Result<Vec<Grant>, StoreError> {
    sql(format!(
        "SELECT u.name AS name, {MAY_WRITE} FROM team_packages p \
         JOIN team_members m ON m.team_id = p.team_id JOIN users u ON u.id = m.user_id \
         WHERE p.package = $1 GROUP BY u.name ORDER BY u.name"
    ))
    .bind(package.as_str())
    .all(connection)
    .await
}
