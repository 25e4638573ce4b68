//! Decides what a sync does. Pure: the same two sides always give the same plan.
//!
//! The rules it holds: what we have is never replaced by an older document, nor by an
//! empty one; a version whose bytes changed upstream stays as it first was; one version
//! that cannot be mirrored does not keep the others away; what disappeared upstream is
//! kept until its removal is certain.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use weir_domain::{
    TarballPolicy, Timestamp, Version, dependency::chosen, manifest::ManifestFacts,
    packument::PackumentOutline, task::ErrorCode,
};
use weir_store::{packages::Head, versions::VersionOutline};

use super::{
    read::{Local, Sides, Upstream, Wants},
    tags,
};
use crate::job::JobError;

/// What a sync does.
#[derive(Debug, Default)]
pub(super) struct SyncPlan {
    /// Versions new to us.
    pub(super) added: BTreeSet<Version>,
    /// Versions whose manifest changed, with what changed if it can be said.
    pub(super) changed: BTreeMap<Version, &'static str>,
    /// Versions that are no longer upstream.
    pub(super) kept: Vec<Version>,
    /// How many versions are left out.
    pub(super) skipped: usize,
    /// Everything visible but the versions; nothing if no new revision is needed.
    pub(super) head: Option<Head>,
    /// Tags that are new, moved or gone: name and new target.
    pub(super) tag_moves: Vec<(String, Option<Version>)>,
    /// Versions whose tarball is fetched, oldest first.
    pub(super) fetch: BTreeSet<Version>,
    /// What a person should know.
    pub(super) warnings: Vec<String>,
}

/// Returns what to do.
///
/// # Errors
/// If upstream's document must not be taken.
pub(super) fn plan(sides: &Sides) -> Result<SyncPlan, JobError> {
    let mut plan = SyncPlan::default();
    if let Some(upstream) = &sides.upstream {
        refuse_untakable(upstream, &sides.local, sides.wishes.options.force)?;
        plan.compare(sides, &upstream.outline);
        plan.show(&sides.local, &upstream.outline)?;
    }
    plan.choose_tarballs(sides);
    Ok(plan)
}

/// Refuses documents that are empty or older than what we have.
fn refuse_untakable(upstream: &Upstream, local: &Local, force: bool) -> Result<(), JobError> {
    let outline = &upstream.outline;
    let kept = if local.revision > 0 {
        "; what the mirror has is kept"
    } else {
        ""
    };
    if outline.versions.is_empty() {
        if outline.is_unpublished {
            let text = format!("Upstream says that the package was unpublished{kept}");
            return Err(JobError::give_up(ErrorCode::NotFound, text));
        }
        let text = format!("Upstream's document has no version that can be mirrored{kept}");
        return Err(JobError::give_up(ErrorCode::UpstreamInvalid, text));
    }
    if local.revision > 0 && !force && is_older(upstream, local) {
        let text = "Upstream's document is older than the one the mirror has, which is kept";
        return Err(JobError::give_up(ErrorCode::StaleUpstream, text));
    }
    Ok(())
}

/// Compares ages by `_rev`, then `time.modified`, then `last-modified`; unknown is newer.
fn is_older(upstream: &Upstream, local: &Local) -> bool {
    let number = |revision: &Option<String>| {
        revision
            .as_deref()
            .and_then(|text| text.split('-').next()?.parse::<u64>().ok())
    };
    let date = |text: &Option<String>| text.as_deref().and_then(Timestamp::parse_http_date);
    let (theirs, ours) = (&upstream.mark, &local.mark);
    if let (Some(theirs), Some(ours)) = (number(&theirs.revision), number(&ours.revision))
        && theirs != ours
    {
        return theirs < ours;
    }
    if let (Some(theirs), Some(ours)) = (theirs.modified_at, ours.modified_at) {
        return theirs < ours;
    }
    matches!((date(&theirs.last_modified), date(&ours.last_modified)), (Some(t), Some(o)) if t < o)
}

impl SyncPlan {
    /// Sorts upstream's versions into new, changed, conflicting and unusable.
    fn compare(&mut self, sides: &Sides, outline: &PackumentOutline) {
        let local: HashMap<&Version, &VersionOutline> = sides
            .local
            .versions
            .iter()
            .map(|ours| (&ours.version, ours))
            .collect();
        for (version, why) in &outline.unreadable {
            self.skip(format!("Version {version} is skipped: {why}"));
        }
        for theirs in &outline.versions {
            if theirs.integrity.is_none() && !sides.registry.allows_undigested {
                self.skip(format!(
                    "Version {} is skipped: upstream gives no digest",
                    theirs.version
                ));
                continue;
            }
            match local.get(&theirs.version) {
                None => {
                    self.added.insert(theirs.version.clone());
                }
                Some(ours) if ours.canonical_digest == theirs.canonical_digest => {}
                Some(ours) if has_other_bytes(ours, theirs) => self.skip(format!(
                    "Version {} has other bytes upstream than when it was first seen (conflict); \
                     the first are kept",
                    theirs.version
                )),
                Some(ours) => {
                    self.changed
                        .insert(theirs.version.clone(), what_changed(ours, theirs));
                }
            }
        }
        let upstream: HashSet<&Version> = outline
            .versions
            .iter()
            .map(|theirs| &theirs.version)
            .collect();
        let is_gone = |ours: &&VersionOutline| !upstream.contains(&ours.version);
        self.kept = sides
            .local
            .versions
            .iter()
            .filter(is_gone)
            .map(|ours| ours.version.clone())
            .collect();
    }

    fn skip(&mut self, why: String) {
        self.skipped += 1;
        self.warnings.push(why);
    }

    /// Decides what is shown beside the versions, and whether anything shown changes.
    fn show(&mut self, local: &Local, outline: &PackumentOutline) -> Result<(), JobError> {
        let mut shown: BTreeSet<Version> = local
            .versions
            .iter()
            .filter(|ours| ours.quarantine.is_none())
            .map(|ours| ours.version.clone())
            .collect();
        shown.extend(self.added.iter().chain(self.changed.keys()).cloned());
        if shown.is_empty() {
            let text = "None of upstream's versions can be mirrored";
            return Err(JobError::give_up(ErrorCode::UpstreamInvalid, text));
        }
        let tags = tags::shown(&outline.dist_tags, &local.head.dist_tags, &shown);
        self.warnings.extend(tags.warnings);
        self.tag_moves = tag_moves(&local.head.dist_tags, &tags.shown);
        let head = Head {
            dist_tags: tags.shown,
            time: merged_time(&outline.time, &local.head.time, &self.kept),
            root: outline.root.clone(),
            modified_at: outline.modified.or_else(|| newest(&outline.time)),
        };
        let has_changed = local.revision == 0
            || !self.added.is_empty()
            || !self.changed.is_empty()
            || !is_same_head(&head, &local.head);
        self.head = has_changed.then_some(head);
        Ok(())
    }

    /// Chooses the tarballs to hold.
    fn choose_tarballs(&mut self, sides: &Sides) {
        let known = Known::new(sides, self);
        let options = &sides.wishes.options;
        for version in &options.specific_versions {
            if !known.versions.contains_key(version) {
                self.warnings.push(format!(
                    "Version {version} was asked for, but upstream has no such version"
                ));
            }
        }
        let mut wanted: BTreeSet<Version> = options.specific_versions.clone();
        if sides.registry.tarballs == TarballPolicy::All || options.force_sync_history {
            wanted.extend(known.versions.keys().cloned());
        }
        if sides.registry.tarballs == TarballPolicy::Tagged {
            wanted.extend(known.tags.values().cloned());
            for wants in sides.wishes.roots.values() {
                wanted.extend(known.chosen(wants, &options.specific_versions));
            }
        }
        wanted.retain(|version| {
            known
                .versions
                .get(version)
                .is_some_and(|known| !known.is_held || options.force_sync_history)
        });
        self.fetch = wanted;
    }
}

/// The versions and tags as they will be after the plan.
pub(super) struct Known {
    versions: BTreeMap<Version, KnownVersion>,
    tags: BTreeMap<String, Version>,
}

struct KnownVersion {
    is_deprecated: bool,
    is_held: bool,
}

impl Known {
    pub(super) fn new(sides: &Sides, plan: &SyncPlan) -> Self {
        let mut versions: BTreeMap<Version, KnownVersion> = BTreeMap::new();
        for ours in &sides.local.versions {
            let known = KnownVersion {
                is_deprecated: ours.is_deprecated,
                is_held: ours.tarball.is_some(),
            };
            versions.insert(ours.version.clone(), known);
        }
        for theirs in sides
            .upstream
            .iter()
            .flat_map(|upstream| &upstream.outline.versions)
        {
            let version = &theirs.version;
            if plan.added.contains(version) {
                let known = KnownVersion {
                    is_deprecated: theirs.is_deprecated,
                    is_held: false,
                };
                versions.insert(version.clone(), known);
            } else if let Some(known) = versions.get_mut(version) {
                known.is_deprecated = theirs.is_deprecated;
            }
        }
        let head = plan.head.as_ref().unwrap_or(&sides.local.head);
        Self {
            versions,
            tags: head.dist_tags.clone(),
        }
    }

    /// Says whether a range or tag chooses anything.
    pub(super) fn satisfies(&self, wanted: &str) -> bool {
        let listed = self
            .versions
            .iter()
            .map(|(version, known)| (version, known.is_deprecated));
        !chosen(wanted, listed, |tag| self.tags.get(tag)).is_empty()
    }

    /// Returns the versions that one tree takes.
    pub(super) fn chosen(&self, wants: &Wants, specific: &BTreeSet<Version>) -> BTreeSet<Version> {
        let listed = || {
            self.versions
                .iter()
                .map(|(version, known)| (version, known.is_deprecated))
        };
        let tags = |tag: &str| self.tags.get(tag);
        let mut taken: BTreeSet<Version> = BTreeSet::new();
        for range in &wants.ranges {
            taken.extend(chosen(range, listed(), tags).into_iter().cloned());
        }
        if wants.is_root {
            taken.extend(self.tags.get("latest").cloned());
            taken.extend(
                specific
                    .iter()
                    .filter(|version| self.versions.contains_key(*version))
                    .cloned(),
            );
        }
        taken
    }
}

fn has_other_bytes(ours: &VersionOutline, theirs: &ManifestFacts) -> bool {
    matches!((&ours.integrity, &theirs.integrity), (Some(ours), Some(theirs)) if ours != theirs)
}

fn what_changed(ours: &VersionOutline, theirs: &ManifestFacts) -> &'static str {
    match (ours.is_deprecated, theirs.is_deprecated) {
        (false, true) => "deprecated",
        (true, false) => "no longer deprecated",
        _ => "its manifest changed",
    }
}

fn tag_moves(
    former: &BTreeMap<String, Version>,
    shown: &BTreeMap<String, Version>,
) -> Vec<(String, Option<Version>)> {
    let names: BTreeSet<&String> = former.keys().chain(shown.keys()).collect();
    let moved = names
        .into_iter()
        .filter(|name| former.get(*name) != shown.get(*name));
    moved
        .map(|name| (name.clone(), shown.get(name).cloned()))
        .collect()
}

/// Upstream's times, with ours for versions that only we still have.
fn merged_time(
    theirs: &BTreeMap<String, String>,
    ours: &BTreeMap<String, String>,
    kept: &[Version],
) -> BTreeMap<String, String> {
    let mut time = theirs.clone();
    for version in kept {
        if let Some(at) = ours.get(version.as_str()) {
            time.entry(version.to_string())
                .or_insert_with(|| at.clone());
        }
    }
    time
}

fn newest(time: &BTreeMap<String, String>) -> Option<Timestamp> {
    time.values().filter_map(|at| Timestamp::parse(at)).max()
}

fn is_same_head(new: &Head, old: &Head) -> bool {
    let texts = |head: &Head| -> Vec<(String, String)> {
        head.root
            .iter()
            .map(|(name, value)| (name.clone(), value.get().to_owned()))
            .collect()
    };
    new.dist_tags == old.dist_tags
        && new.time == old.time
        && new.modified_at == old.modified_at
        && texts(new) == texts(old)
}
