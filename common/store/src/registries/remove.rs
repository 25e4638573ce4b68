//! Removing registries that nothing needs any more.

use sea_orm::{ConnectionTrait, FromQueryResult};
use weir_domain::{Registry, RegistryId, TaskId, Timestamp, task::TaskState};

use crate::{
    StoreError, Topic, Tx,
    catalogue::sources,
    invalidations,
    sql::sql,
    tasks::{self, ListFilter},
};

/// Most unfinished tasks of one registry that are ended with it.
const TASKS: u64 = 1000;

/// What came from a registry, or does so at this moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromQueryResult)]
pub struct Belongings {
    /// Packages that are mirrored from it.
    pub packages: i64,
    /// Packages that the catalogue has from it.
    pub catalogue_packages: i64,
    /// Scopes whose packages come from it.
    pub scopes: i64,
    /// Tasks that read from it now.
    pub running_tasks: i64,
}

/// Returns what would be without its source.
///
/// # Errors
/// If the database cannot be asked.
pub async fn belongings(
    connection: &impl ConnectionTrait,
    id: RegistryId,
) -> Result<Belongings, StoreError> {
    let counted = sql(
        "SELECT (SELECT COUNT(*) FROM packages WHERE registry_id = $1) AS packages, \
         (SELECT COUNT(*) FROM catalogue_packages WHERE registry_id = $1) AS catalogue_packages, \
         (SELECT COUNT(*) FROM scopes WHERE registry_id = $1) AS scopes, \
         (SELECT COUNT(*) FROM tasks WHERE registry_id = $1 AND state = 'processing') \
         AS running_tasks",
    );
    let counted: Option<Belongings> = counted.bind(id.0).one(connection).await?;
    Ok(counted.unwrap_or_default())
}

/// Removes a registry with what the catalogue has of it; `by` is told in the logs of the tasks
/// that end with it. That no mirrored package and no scope comes from it is the caller's to see to.
///
/// # Errors
/// If the database refuses.
pub async fn remove(
    tx: &Tx,
    registry: &Registry,
    by: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    for task in unfinished(tx, registry.id).await? {
        tasks::cancel(tx, task, by, now).await?;
    }
    sources::remove(tx, registry.id).await?;
    for table in ["kept_answers WHERE registry_id", "registries WHERE id"] {
        sql(format!("DELETE FROM {table} = $1"))
            .bind(registry.id.0)
            .execute(&**tx)
            .await?;
    }
    invalidations::insert(tx, Topic::Registry, &registry.slug, now).await
}

async fn unfinished(tx: &Tx, id: RegistryId) -> Result<Vec<TaskId>, StoreError> {
    let mut found = Vec::new();
    for state in [TaskState::Waiting, TaskState::Processing] {
        let filter = ListFilter {
            state: Some(state),
            registry: Some(id),
            limit: TASKS,
            ..ListFilter::default()
        };
        let tasks = tasks::list(&**tx, &filter).await?;
        found.extend(tasks.into_iter().map(|task| task.id));
    }
    Ok(found)
}
