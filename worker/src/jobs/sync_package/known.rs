//! The versions and tags of a package as choosing among them needs: which tarballs to hold,
//! which versions a tree takes. Pure.

use std::collections::{BTreeMap, BTreeSet};

use weir_domain::{TarballPolicy, Version, dependency::chosen};
use weir_store::{blocks::Block, versions::Listed};

use super::{
    plan::SyncPlan,
    read::{Sides, Wants, Wishes},
};

/// Versions and tags at one moment.
#[derive(Debug)]
pub(super) struct Known {
    versions: BTreeMap<Version, Traits>,
    tags: BTreeMap<String, Version>,
}

#[derive(Debug, Clone, Copy)]
struct Traits {
    is_deprecated: bool,
    is_held: bool,
    is_shown: bool,
}

impl Known {
    /// Returns them as they are in the database; what is blocked is as if it were not there.
    pub(super) fn now(
        mut listed: Vec<Listed>,
        tags: BTreeMap<String, Version>,
        blocks: &[Block],
    ) -> Self {
        let blocked: BTreeSet<_> = blocks.iter().filter_map(|b| b.version.as_ref()).collect();
        listed.retain(|listed| !blocked.contains(&listed.version));
        let traits = |listed: Listed| {
            let traits = Traits {
                is_deprecated: listed.is_deprecated,
                is_held: listed.is_held,
                is_shown: listed.is_shown,
            };
            (listed.version, traits)
        };
        Self {
            versions: listed.into_iter().map(traits).collect(),
            tags,
        }
    }

    /// Returns them as they will be after the plan.
    pub(super) fn planned(sides: &Sides, plan: &SyncPlan) -> Self {
        let mut versions = BTreeMap::new();
        for ours in &sides.local.versions {
            let is_shown_again = plan.losses.shown_again.contains(&ours.version);
            let is_blocked = sides.removals.blocked.contains_key(&ours.version);
            if plan.losses.hides(&ours.version) || (is_blocked && !is_shown_again) {
                continue;
            }
            let is_renewed = plan.changed.contains_key(&ours.version);
            let traits = Traits {
                is_deprecated: ours.is_deprecated,
                is_held: ours.tarball.is_some(),
                is_shown: ours.quarantine.is_none() || is_renewed,
            };
            versions.insert(ours.version.clone(), traits);
        }
        let theirs = sides
            .upstream
            .iter()
            .flat_map(|upstream| &upstream.outline.versions);
        for theirs in theirs {
            if let Some(change) = plan.changed.get(&theirs.version)
                && let Some(traits) = versions.get_mut(&theirs.version)
            {
                traits.is_deprecated = theirs.is_deprecated;
                traits.is_held &= change.keeps_tarball;
            } else if plan.added.contains(&theirs.version) {
                let traits = Traits {
                    is_deprecated: theirs.is_deprecated,
                    is_held: false,
                    is_shown: true,
                };
                versions.insert(theirs.version.clone(), traits);
            }
        }
        let head = plan.head.as_ref().unwrap_or(&sides.local.head);
        Self {
            versions,
            tags: head.dist_tags.clone(),
        }
    }

    pub(super) fn has(&self, version: &Version) -> bool {
        self.versions.contains_key(version)
    }

    pub(super) fn is_held(&self, version: &Version) -> bool {
        self.versions
            .get(version)
            .is_some_and(|traits| traits.is_held)
    }

    /// Returns what a range or tag chooses.
    pub(super) fn choice(&self, wanted: &str) -> Vec<&Version> {
        let shown = self.versions.iter().filter(|(_, traits)| traits.is_shown);
        let listed = shown.map(|(version, traits)| (version, traits.is_deprecated));
        chosen(wanted, listed, |tag| self.tags.get(tag))
    }

    /// Returns the versions that one tree takes.
    pub(super) fn taken(&self, wants: &Wants, specific: &BTreeSet<Version>) -> BTreeSet<Version> {
        let mut taken: BTreeSet<Version> = BTreeSet::new();
        for range in &wants.ranges {
            taken.extend(self.choice(range).into_iter().cloned());
        }
        if wants.is_root {
            taken.extend(self.tags.get("latest").cloned());
            taken.extend(specific.iter().filter(|v| self.has(v)).cloned());
        }
        taken
    }

    /// Returns the tarballs to fetch.
    ///
    /// What is quarantined is always tried again: upstream may have mended it.
    pub(super) fn to_fetch(&self, policy: TarballPolicy, wishes: &Wishes) -> BTreeSet<Version> {
        let options = &wishes.options;
        let policy = if options.leave_tarballs {
            TarballPolicy::Requested
        } else {
            policy
        };
        let quarantined = self
            .versions
            .iter()
            .filter(|(_, traits)| !traits.is_shown)
            .map(|(version, _)| version.clone());
        let mut wanted: BTreeSet<Version> = quarantined.collect();
        wanted.extend(options.specific_versions.iter().cloned());
        if policy == TarballPolicy::All || options.force_sync_history {
            wanted.extend(self.versions.keys().cloned());
        }
        if policy == TarballPolicy::Tagged {
            wanted.extend(self.tags.values().cloned());
            for wants in wishes.roots.values() {
                wanted.extend(self.taken(wants, &options.specific_versions));
            }
        }
        wanted.retain(|version| {
            self.has(version) && (options.force_sync_history || !self.is_held(version))
        });
        wanted
    }
}
