//! Removing registries that nothing needs any more.

use sea_orm::FromQueryResult;
use weir_domain::{Registry, RegistryId, TaskId, Timestamp, task::TaskState};

use super::{change::LOCK, get};
use crate::{
    StoreError, Topic, Tx,
    catalogue::sources,
    invalidations,
    sql::sql,
    tasks::{self, ListFilter, Trees},
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

/// A registry that may go: nobody makes, changes or removes a registry meanwhile, and nobody else
/// decides about its tasks.
///
/// The order that excludes deadlocks: every key lock in one call, rows of tasks and of runs, the
/// source's row, and what hangs on that ([`sources::remove`]).
#[derive(Debug)]
pub struct Leaving {
    /// It.
    pub registry: Registry,
    /// What would be without its source.
    pub has: Belongings,
    tasks: Trees,
}

impl Leaving {
    /// Locks it, and counts what comes from it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if it is gone.
    pub async fn lock(tx: &Tx, id: RegistryId) -> Result<Self, StoreError> {
        let tasks = Trees::find(tx, &unfinished(tx, id).await?).await?;
        tasks::lock(tx, tasks.keys().chain([LOCK])).await?;
        Ok(Self {
            registry: get(&**tx, id).await?,
            has: belongings(tx, id).await?,
            tasks,
        })
    }

    /// Removes it with what the catalogue has of it; `by` is told in the logs of the tasks that
    /// end with it. That no mirrored package and no scope comes from it is the caller's to see to.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn remove(self, tx: &Tx, by: &str, now: Timestamp) -> Result<(), StoreError> {
        let Registry { id, slug, .. } = self.registry;
        self.tasks.cancel(tx, by, now).await?;
        sources::remove(tx, id).await?;
        for table in ["kept_answers WHERE registry_id", "registries WHERE id"] {
            sql(format!("DELETE FROM {table} = $1"))
                .bind(id.0)
                .execute(&**tx)
                .await?;
        }
        invalidations::insert(tx, Topic::Registry, &slug, now).await
    }
}

async fn belongings(tx: &Tx, id: RegistryId) -> Result<Belongings, StoreError> {
    let counted = sql(
        "SELECT (SELECT COUNT(*) FROM packages WHERE registry_id = $1) AS packages, \
         (SELECT COUNT(*) FROM catalogue_packages WHERE registry_id = $1) AS catalogue_packages, \
         (SELECT COUNT(*) FROM scopes WHERE registry_id = $1) AS scopes, \
         (SELECT COUNT(*) FROM tasks WHERE registry_id = $1 AND state = 'processing') \
         AS running_tasks",
    );
    let counted: Option<Belongings> = counted.bind(id.0).one(&**tx).await?;
    Ok(counted.unwrap_or_default())
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
