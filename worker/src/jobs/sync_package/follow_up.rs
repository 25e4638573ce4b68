//! Submits the dependencies of a finished sync, within the transaction that finishes it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use weir_domain::{
    PackageName, RegistryId, TaskId, Timestamp, Version,
    dependency::Dependency,
    task::{Priority, SyncOptions, SyncPackage, TaskSpec, TaskState},
};
use weir_store::{
    StoreError, Tx, packages, scopes,
    task_trees::{self, TreeSize},
    tasks::{self, FairQueue, NewRequest, NewTask},
};

/// What the finishing transaction needs to know.
#[derive(Debug)]
pub(super) struct FollowUp {
    pub(super) package: PackageName,
    pub(super) registry: RegistryId,
    /// For each tree: the chosen versions.
    pub(super) trees: BTreeMap<TaskId, BTreeSet<Version>>,
    /// What each chosen version depends on.
    pub(super) dependencies: BTreeMap<Version, Vec<Dependency>>,
    /// What a tree already has everything of.
    pub(super) settled: BTreeSet<(TaskId, Dependency)>,
    /// The HTTP request that began each tree, where one did.
    pub(super) request_ids: BTreeMap<TaskId, String>,
    pub(super) fair: Arc<FairQueue>,
}

impl FollowUp {
    pub(super) async fn submit(&self, tx: &Tx, now: Timestamp) -> Result<(), StoreError> {
        let names = self
            .dependencies
            .values()
            .flatten()
            .map(|wanted| &wanted.name);
        let keys: BTreeSet<String> = names
            .chain([&self.package])
            .map(|name| format!("package:{name}"))
            .collect();
        tasks::lock(tx, keys.iter().map(String::as_str)).await?;
        for (root, chosen) in &self.trees {
            let mut fresh = BTreeSet::new();
            for version in chosen {
                if task_trees::expand(tx, *root, &self.package, version).await? {
                    fresh.extend(self.dependencies.get(version).into_iter().flatten());
                }
            }
            self.want(tx, *root, &fresh, now).await?;
        }
        Ok(())
    }

    /// Turns what is wanted into wishes of the tree, and new wishes into tasks.
    async fn want(
        &self,
        tx: &Tx,
        root: TaskId,
        dependencies: &BTreeSet<&Dependency>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if dependencies.is_empty() {
            return Ok(());
        }
        let mut size = task_trees::size(&**tx, root).await?;
        for dependency in dependencies {
            if is_full(size) {
                let text = format!(
                    "The tree is too large; what lies beyond {} names or {} ranges is left out",
                    task_trees::MAX_NAMES,
                    task_trees::MAX_WANTS
                );
                return tasks::add_warning(tx, root, &text).await;
            }
            if !task_trees::want(tx, root, &dependency.name, &dependency.wanted).await? {
                continue;
            }
            size.wants += 1;
            let spec = self.spec_of(tx, &dependency.name).await?;
            let member = task_trees::member(tx, root, &spec.dedupe_key()).await?;
            // Who has yet to begin is joined, for it may be claimed at this very moment.
            let is_needed = member.is_none_or(|(_, state, _)| state == TaskState::Waiting)
                || !self.settled.contains(&(root, (*dependency).clone()));
            size.names += i64::from(member.is_none());
            if is_needed {
                self.submit_one(tx, root, spec, now).await?;
            }
        }
        Ok(())
    }

    async fn submit_one(
        &self,
        tx: &Tx,
        root: TaskId,
        spec: TaskSpec,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let new = NewTask {
            spec,
            priority: Priority::DEPENDENCY,
            fair_key: self.fair.next(&root.to_string(), now),
            run_after: now,
            retry_of: None,
        };
        let request = NewRequest {
            root: Some(root),
            request_id: self.request_ids.get(&root).cloned(),
            options: SyncOptions::default(),
            ..NewRequest::default()
        };
        tasks::submit(tx, &new, &request, now).await.map(drop)
    }

    /// A package that is mirrored comes from where it always came from; else its scope says
    /// where from, and without one it is where its dependent is.
    async fn spec_of(&self, tx: &Tx, name: &PackageName) -> Result<TaskSpec, StoreError> {
        let place = packages::find_place(&**tx, name).await?;
        let registry = match place.and_then(|place| place.registry) {
            Some(registry) => Some(registry),
            None => scopes::home(&**tx, name).await?,
        };
        Ok(TaskSpec::SyncPackage(SyncPackage {
            package: name.clone(),
            registry: registry.unwrap_or(self.registry),
        }))
    }
}

fn is_full(size: TreeSize) -> bool {
    size.names >= task_trees::MAX_NAMES || size.wants >= task_trees::MAX_WANTS
}
