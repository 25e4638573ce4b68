//! Goes on to the dependencies: for every tree that wants this package, the ranges its
//! chosen versions name become wishes, and wishes become tasks.
//!
//! All of it happens in the transaction that finishes this task, so a tree is never
//! complete while something of it is still to be submitted.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use weir_domain::{
    PackageName, Registry, TaskId, Timestamp, Version,
    dependency::{Dependencies, Dependency, chosen},
    task::{Priority, SyncOptions, SyncPackage, TaskSpec, TaskState},
};
use weir_store::{
    StoreError, Tx, packages, task_trees,
    tasks::{self, FairQueue, NewRequest, NewTask},
    versions,
};

use super::{
    Sync,
    plan::{Known, SyncPlan},
    read::Sides,
};
use crate::job::{FollowUps, JobError};

/// What the finishing transaction needs to know.
struct FanOut {
    package: PackageName,
    registry: Registry,
    /// For each tree: the chosen versions.
    trees: BTreeMap<TaskId, BTreeSet<Version>>,
    /// What each chosen version depends on.
    dependencies: BTreeMap<Version, Vec<Dependency>>,
    fair: Arc<FairQueue>,
}

impl Sync<'_> {
    pub(super) async fn fan_out(&mut self, sides: &Sides) -> Result<Option<FollowUps>, JobError> {
        if sides.wishes.roots.is_empty() {
            return Ok(None);
        }
        let db = self.environment.db.read();
        let Some(package) = packages::find(db, &self.spec.package).await? else {
            return Ok(None);
        };
        let local = super::read::Local {
            revision: package.revision,
            versions: versions::outlines(db, package.id, package.revision).await?,
            head: package.head.clone(),
            mark: package.upstream.clone(),
        };
        // As it is now, after the plan was applied.
        let now = Sides {
            registry: sides.registry.clone(),
            upstream: None,
            local,
            wishes: super::read::Wishes::default(),
        };
        let known = Known::new(&now, &SyncPlan::default());
        let mut trees = BTreeMap::new();
        for (root, wants) in &sides.wishes.roots {
            let taken = known.chosen(wants, &sides.wishes.options.specific_versions);
            self.warn_unsatisfied(wants.ranges.iter(), &known).await;
            trees.insert(*root, taken);
        }
        let mut dependencies = BTreeMap::new();
        for version in trees.values().flatten().cloned().collect::<BTreeSet<_>>() {
            let manifest =
                versions::find_manifest(db, package.id, package.revision, &version).await?;
            let Some(manifest) = manifest else { continue };
            let Ok(manifest) = serde_json::from_str(&manifest.raw) else {
                continue;
            };
            let found = Dependencies::of_manifest(&manifest);
            for other in found.unfollowed {
                self.warn(format!(
                    "Version {version} depends on {} by {:?}, which no registry holds",
                    other.name, other.spec
                ))
                .await;
            }
            dependencies.insert(version, found.followed);
        }
        self.report.dependencies_requested = u64::try_from(
            dependencies
                .values()
                .flatten()
                .collect::<BTreeSet<_>>()
                .len(),
        )
        .unwrap_or(0);
        let fan_out = FanOut {
            package: self.spec.package.clone(),
            registry: sides.registry.clone(),
            trees,
            dependencies,
            fair: Arc::clone(&self.environment.fair),
        };
        Ok(Some(Box::new(move |tx, now| {
            Box::pin(async move { fan_out.submit(tx, now).await })
        })))
    }

    async fn warn_unsatisfied(&mut self, ranges: impl Iterator<Item = &String>, known: &Known) {
        for range in ranges {
            if !known.satisfies(range) {
                self.warn(format!(
                    "No version satisfies {range:?}, which a dependent package wants"
                ))
                .await;
            }
        }
    }
}

impl FanOut {
    async fn submit(&self, tx: &Tx, now: Timestamp) -> Result<(), StoreError> {
        let wanted = self.dependencies.values().flatten();
        let keys: BTreeSet<String> = wanted
            .map(|dependency| self.spec_of(&dependency.name).dedupe_key())
            .chain([self.spec_of(&self.package).dedupe_key()])
            .collect();
        tasks::lock(tx, keys.iter().map(String::as_str)).await?;
        for (root, chosen) in &self.trees {
            // The newest member of the tree for each name, so that a name is submitted once.
            let mut submitted: BTreeSet<&PackageName> = BTreeSet::new();
            for version in chosen {
                if !task_trees::expand(tx, *root, &self.package, version).await? {
                    continue;
                }
                for dependency in self.dependencies.get(version).into_iter().flatten() {
                    let is_new =
                        task_trees::want(tx, *root, &dependency.name, &dependency.wanted).await?;
                    if is_new
                        && !submitted.contains(&dependency.name)
                        && self.is_needed(tx, *root, dependency).await?
                        && self.submit_one(tx, *root, dependency, now).await?
                    {
                        submitted.insert(&dependency.name);
                    }
                }
            }
        }
        Ok(())
    }

    /// Says whether the wish needs a (further) task: not if one of the tree has yet to
    /// begin, nor if the tree already has everything that the range chooses.
    async fn is_needed(
        &self,
        tx: &Tx,
        root: TaskId,
        dependency: &Dependency,
    ) -> Result<bool, StoreError> {
        let key = self.spec_of(&dependency.name).dedupe_key();
        let Some((_, state, generation)) = task_trees::member(tx, root, &key).await? else {
            return Ok(true);
        };
        if state == TaskState::Waiting && generation == 0 {
            return Ok(false);
        }
        let Some(package) = packages::find(&**tx, &dependency.name).await? else {
            return Ok(true);
        };
        let outlines = versions::outlines(&**tx, package.id, package.revision).await?;
        let listed = outlines
            .iter()
            .map(|outline| (&outline.version, outline.is_deprecated));
        let tags = |tag: &str| package.head.dist_tags.get(tag);
        let taken: BTreeSet<&Version> = chosen(&dependency.wanted, listed, tags)
            .into_iter()
            .collect();
        for outline in outlines
            .iter()
            .filter(|outline| taken.contains(&outline.version))
        {
            let is_expanded =
                task_trees::is_expanded(&**tx, root, &dependency.name, &outline.version).await?;
            if outline.tarball.is_none() || !is_expanded {
                return Ok(true);
            }
        }
        Ok(taken.is_empty())
    }

    /// Submits the dependency's sync; false if the tree is as large as a tree may be.
    async fn submit_one(
        &self,
        tx: &Tx,
        root: TaskId,
        dependency: &Dependency,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let size = task_trees::size(&**tx, root).await?;
        if size.names >= task_trees::MAX_NAMES || size.wants >= task_trees::MAX_WANTS {
            let text = format!(
                "The tree is too large; {} and more are left out",
                dependency.name
            );
            tasks::add_warning(tx, root, &text).await?;
            return Ok(false);
        }
        let new = NewTask {
            spec: self.spec_of(&dependency.name),
            priority: Priority::DEPENDENCY,
            fair_key: self.fair.next(&root.to_string(), now),
            run_after: now,
            retry_of: None,
        };
        let request = NewRequest {
            root: Some(root),
            options: SyncOptions::default(),
            ..NewRequest::default()
        };
        tasks::submit(tx, &new, &request, now).await?;
        Ok(true)
    }

    fn spec_of(&self, package: &PackageName) -> TaskSpec {
        let sync = SyncPackage {
            package: package.clone(),
            registry: self.registry.id,
        };
        TaskSpec::SyncPackage(sync)
    }
}
