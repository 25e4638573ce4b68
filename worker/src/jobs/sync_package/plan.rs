//! Decides what a sync does. Pure: the same two sides always give the same plan.
//!
//! The rules it holds: what we have is never replaced by an older document, nor by an
//! empty one; a version whose bytes changed upstream stays as it first was; one version
//! that cannot be mirrored does not keep the others away; what disappeared upstream is
//! kept until its removal is certain ([`super::removal`]).

use std::collections::{BTreeMap, BTreeSet};

use weir_domain::{Timestamp, Version, packument::PackumentOutline, task::ErrorCode};
use weir_store::{
    packages::{Head, UpstreamMark},
    versions::VersionOutline,
};

use super::{
    known::Known,
    promise::{Change, Verdict, judge},
    read::{Local, Sides, Upstream},
    removal::Losses,
    tags,
};
use crate::job::JobError;

/// What a sync does.
#[derive(Debug, Default)]
pub(super) struct SyncPlan {
    /// Versions new to us.
    pub(super) added: BTreeSet<Version>,
    /// Versions whose manifest changed.
    pub(super) changed: BTreeMap<Version, Change>,
    /// Versions that are no longer upstream, and shown all the same.
    pub(super) kept: Vec<Version>,
    /// What becomes of versions that came or went upstream.
    pub(super) losses: Losses,
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
        plan.show(sides, &upstream.outline)?;
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
        let text = format!("Upstream's document has no version that can be mirrored{kept}");
        return Err(JobError::give_up(ErrorCode::UpstreamInvalid, text));
    }
    if local.revision > 0 && !force {
        refuse_older(&upstream.mark, &local.mark)?;
    }
    Ok(())
}

/// Refuses a document that is older than what we have.
pub(super) fn refuse_older(theirs: &UpstreamMark, ours: &UpstreamMark) -> Result<(), JobError> {
    if is_older(theirs, ours) {
        let text = "Upstream's document is older than the one the mirror has, which is kept";
        return Err(JobError::give_up(ErrorCode::StaleUpstream, text));
    }
    Ok(())
}

/// Compares ages by `_rev`, then `time.modified`, then `last-modified`; unknown is newer.
fn is_older(theirs: &UpstreamMark, ours: &UpstreamMark) -> bool {
    let number = |revision: &Option<String>| {
        revision
            .as_deref()
            .and_then(|text| text.split('-').next()?.parse::<u64>().ok())
    };
    let date = |text: &Option<String>| text.as_deref().and_then(Timestamp::parse_http_date);
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
        let mut gone: BTreeMap<&Version, &VersionOutline> = sides
            .local
            .versions
            .iter()
            .map(|ours| (&ours.version, ours))
            .collect();
        for theirs in &outline.versions {
            let (version, ours) = (&theirs.version, gone.remove(&theirs.version));
            if sides.removals.is_forbidden(version) {
                continue;
            }
            if theirs.integrity.is_none() && !sides.registry.allows_undigested {
                self.skip(format!(
                    "Version {version} is skipped: upstream gives no digest"
                ));
                continue;
            }
            match ours {
                None => {
                    self.added.insert(version.clone());
                }
                Some(ours) if ours.canonical_digest == theirs.canonical_digest => {}
                Some(ours) => match judge(ours, theirs, sides.proven.contains(version)) {
                    Verdict::Refuse(why) => self.skip(format!("Version {version} {why}")),
                    Verdict::Take(change) => {
                        self.changed.insert(version.clone(), change);
                    }
                },
            }
        }
        for (version, why) in &outline.unreadable {
            self.skip(format!("Version {version} is skipped: {why}"));
            if let Ok(version) = Version::parse(version) {
                gone.remove(&version);
            }
        }
        let listed = outline.versions.iter().map(|theirs| &theirs.version);
        let (removals, is_holder) = (&sides.removals, outline.is_security_holder());
        self.losses = removals.sort(gone.keys().copied(), listed, is_holder);
        gone.retain(|version, _| {
            !self.losses.hides(version) && !removals.blocked.contains_key(version)
        });
        self.kept = gone.into_keys().cloned().collect();
    }

    fn skip(&mut self, why: String) {
        self.skipped += 1;
        self.warnings.push(why);
    }

    /// Decides what is shown beside the versions, and whether anything shown changes.
    fn show(&mut self, sides: &Sides, outline: &PackumentOutline) -> Result<(), JobError> {
        let (local, losses) = (&sides.local, &self.losses);
        let is_hidden = |version: &Version| {
            losses.hides(version) || sides.removals.blocked.contains_key(version)
        };
        let is_shown =
            |ours: &&VersionOutline| ours.quarantine.is_none() && !is_hidden(&ours.version);
        let ours = local.versions.iter().filter(is_shown);
        let mut shown: BTreeSet<Version> = ours.map(|ours| ours.version.clone()).collect();
        shown.extend(self.added.iter().chain(self.changed.keys()).cloned());
        shown.extend(losses.shown_again.iter().cloned());
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
            || self.losses.is_visible()
            || !is_same_head(&head, &local.head);
        self.head = has_changed.then_some(head);
        Ok(())
    }

    /// Chooses the tarballs to hold.
    fn choose_tarballs(&mut self, sides: &Sides) {
        let known = Known::planned(sides, self);
        for version in &sides.wishes.options.specific_versions {
            if !known.has(version) {
                self.warnings.push(format!(
                    "Version {version} was asked for, but upstream has no such version"
                ));
            }
        }
        self.fetch = known.to_fetch(sides.registry.tarballs, &sides.wishes);
    }
}

/// Returns the tags that differ: name and new target.
pub(super) fn tag_moves(
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
