//! Goes on to the dependencies: for every tree that wants this package, the ranges its
//! chosen versions name become wishes.
//!
//! Here is the reading; [`super::follow_up`] submits, in the transaction that finishes
//! this task, so a tree is never complete while something of it is still to be submitted.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use weir_domain::{
    TarballPolicy, TaskId, Version,
    dependency::{Dependencies, Dependency},
    json::escape_lone_surrogates,
    task::{SyncPackage, TaskSpec},
};
use weir_store::{
    packages::{self, Package},
    scopes, task_trees, versions,
};

use super::{Sync, follow_up::FollowUp, known::Known, read::Sides};
use crate::job::{FollowUps, JobError};

impl Sync<'_> {
    pub(super) async fn fan_out(
        &mut self,
        sides: &Sides,
        package: &Package,
    ) -> Result<Option<FollowUps>, JobError> {
        if sides.wishes.roots.is_empty() {
            return Ok(None);
        }
        let known = self.known_now(package).await?;
        let mut trees = BTreeMap::new();
        for (root, wants) in &sides.wishes.roots {
            self.warn_unsatisfied(&wants.ranges, &known).await;
            let taken = known.taken(wants, &sides.wishes.options.specific_versions);
            trees.insert(*root, taken);
        }
        let taken: BTreeSet<Version> = trees.values().flatten().cloned().collect();
        let dependencies = self.dependencies(package, &taken).await?;
        let wanted: BTreeSet<&Dependency> = dependencies.values().flatten().collect();
        self.report.dependencies_requested = wanted.len() as u64;
        let mut settled = BTreeSet::new();
        for (root, taken) in &trees {
            let wanted: BTreeSet<_> = taken.iter().flat_map(|v| &dependencies[v]).collect();
            for dependency in wanted {
                if self.is_settled(sides, *root, dependency).await? {
                    settled.insert((*root, dependency.clone()));
                }
            }
        }
        let follow_up = Arc::new(FollowUp {
            package: self.spec.package.clone(),
            registry: sides.registry.id,
            trees,
            dependencies,
            settled,
            request_ids: self.request_ids(),
            fair: Arc::clone(&self.environment.fair),
        });
        Ok(Some(Arc::new(move |tx, now| {
            let follow_up = Arc::clone(&follow_up);
            Box::pin(async move { follow_up.submit(tx, now).await })
        })))
    }

    /// Returns the HTTP request that began each tree: lines about all of it name that one.
    fn request_ids(&self) -> BTreeMap<TaskId, String> {
        let wishes = self.attempt.requests.iter();
        wishes
            .filter_map(|wish| Some((wish.root, wish.request_id.clone()?)))
            .collect()
    }

    async fn warn_unsatisfied(&mut self, ranges: &BTreeSet<String>, known: &Known) {
        for range in ranges {
            if known.choice(range).is_empty() {
                self.warn(format!(
                    "No version satisfies {range:?}, which a dependent package wants"
                ))
                .await;
            }
        }
    }

    /// Returns what each of the versions depends on and a mirror can follow.
    async fn dependencies(
        &mut self,
        package: &Package,
        taken: &BTreeSet<Version>,
    ) -> Result<BTreeMap<Version, Vec<Dependency>>, JobError> {
        let db = self.environment.db.read();
        let private = scopes::private(db).await?;
        let mut dependencies = BTreeMap::new();
        for version in taken {
            let stored = versions::find_manifest(db, package.id, package.revision, version).await?;
            let manifest = stored
                .and_then(|stored| serde_json::from_str(&escape_lone_surrogates(&stored.raw)).ok());
            let mut found = manifest
                .as_ref()
                .map(Dependencies::of_manifest)
                .unwrap_or_default();
            for other in found.unfollowed {
                self.warn(format!(
                    "Version {version} depends on {} by {:?}, which no registry holds",
                    other.name, other.spec
                ))
                .await;
            }
            let is_private = |wanted: &Dependency| scopes::covers(&private, &wanted.name);
            for other in found.followed.extract_if(.., |wanted| is_private(wanted)) {
                self.warn(format!(
                    "Version {version} depends on {}, whose scope is private to this mirror",
                    other.name
                ))
                .await;
            }
            dependencies.insert(version.clone(), found.followed);
        }
        Ok(dependencies)
    }

    /// Says whether the tree already has everything that the range chooses, so that a task
    /// of the tree that ran before need not run again.
    ///
    /// Only a look ahead, outside the transaction: what is true here stays true.
    async fn is_settled(
        &self,
        sides: &Sides,
        root: TaskId,
        dependency: &Dependency,
    ) -> Result<bool, JobError> {
        let db = self.environment.db.read();
        let (name, wanted) = (&dependency.name, dependency.wanted.as_str());
        let key = TaskSpec::SyncPackage(SyncPackage {
            package: name.clone(),
            registry: sides.registry.id,
        })
        .dedupe_key();
        // The transaction finds out by itself that a wish is not new, or a name is.
        if task_trees::is_wanted(db, root, name, wanted).await?
            || !task_trees::has_member(db, root, &key).await?
        {
            return Ok(false);
        }
        let Some(package) = packages::find(db, name).await? else {
            return Ok(false);
        };
        let chosen: Vec<Version> = {
            let known = self.known_now(&package).await?;
            let chosen = known.choice(wanted);
            let is_held = |version: &&Version| known.is_held(version);
            if sides.registry.tarballs != TarballPolicy::Requested && !chosen.iter().all(is_held) {
                return Ok(false);
            }
            chosen.into_iter().cloned().collect()
        };
        for version in &chosen {
            if !task_trees::is_expanded(db, root, name, version).await? {
                return Ok(false);
            }
        }
        Ok(!chosen.is_empty())
    }
}
