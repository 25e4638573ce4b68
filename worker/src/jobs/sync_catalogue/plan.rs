//! Decides what a run does. Pure: the same two sides always give the same plan.
//!
//! The rules it holds: a revision that is known is not read again, whatever its time says; what
//! another source has is left alone; only a complete listing can lack something; and a listing
//! that lacks too much is not believed ([`guard`]).

use std::collections::{BTreeMap, BTreeSet};

use weir_domain::{
    TaskId,
    catalogue::{
        CatalogueOptions, CatalogueSettings, Note, NoteCode, PackageKey, Reference, Stamp, Tally,
    },
    task::ErrorCode,
};
use weir_store::catalogue::Known;

use super::tally::{Fate, count};
use crate::job::JobError;

/// What a run knows before it does anything.
#[derive(Debug, Clone)]
pub(super) struct Sides {
    /// What the source lists, with its revision if the listing tells.
    pub(super) found: BTreeMap<Reference, Option<Stamp>>,
    /// Whether that is everything the source has.
    pub(super) is_complete: bool,
    /// Packages of which it could not be found out what there is; they stay as they are.
    pub(super) unread: BTreeSet<PackageKey>,
    /// What is looked at whatever the listing says.
    pub(super) hints: BTreeSet<Reference>,
    /// What the catalogue has of it.
    pub(super) known: BTreeMap<Reference, Known>,
    /// Packages that other sources have.
    pub(super) foreign: BTreeSet<PackageKey>,
    pub(super) options: CatalogueOptions,
    pub(super) settings: CatalogueSettings,
    /// The run's task: what an earlier attempt of it wrote is done.
    pub(super) task: TaskId,
}

/// What a run does.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Packages of which something is looked at, read or taken away.
    pub(super) packages: Vec<PackagePlan>,
    /// What was missing and is listed again.
    pub(super) again: Vec<Known>,
    /// A version of each package that is unread, for a look a while later.
    pub(super) unread: Vec<Reference>,
    /// How many packages there are, and what became of those that are settled.
    pub(super) package_tally: Tally,
    /// The same of versions.
    pub(super) version_tally: Tally,
    /// What a person should know.
    pub(super) warnings: Vec<Note>,
}

/// What is done about one package.
#[derive(Debug)]
pub(super) struct PackagePlan {
    pub(super) key: PackageKey,
    pub(super) steps: Vec<Step>,
    /// Versions that the complete listing lacks.
    pub(super) absent: Vec<Known>,
    /// Versions that stay as they are.
    pub(super) settled: usize,
    /// Whether an earlier attempt of this task wrote some of these.
    pub(super) has_begun: bool,
    /// Whether the package is new with this task.
    pub(super) is_new: bool,
    /// Whether the listing could tell nothing of it.
    pub(super) is_unread: bool,
}

/// A version that is looked at, and read if it is at another revision than ours.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) reference: Reference,
    /// Where the listing says it is; else the source is asked.
    pub(super) stamp: Option<Stamp>,
    /// What we have of it.
    pub(super) held: Option<Known>,
}

/// Returns what to do.
///
/// # Errors
/// If the listing lacks so much that it is not believed.
pub(super) fn plan(mut sides: Sides) -> Result<Plan, JobError> {
    if sides.is_complete {
        let loss = Loss::expected(&sides);
        guard(loss, &sides.settings, &sides.options)?;
    }
    let old = sides.old();
    let mut plan = Plan::default();
    let mut groups: BTreeMap<PackageKey, PackagePlan> = BTreeMap::new();
    let mut passed: BTreeMap<PackageKey, u64> = BTreeMap::new();
    let mut found = std::mem::take(&mut sides.found);
    for hint in &sides.hints {
        found.entry(hint.clone()).or_default();
    }
    for (reference, stamp) in found {
        let held = sides.known.remove(&reference);
        plan.version_tally.discovered += 1;
        if sides.foreign.contains(&reference.key) {
            *passed.entry(reference.key).or_default() += 1;
            continue;
        }
        plan.again.extend(
            held.iter()
                .filter(|held| held.missing_since.is_some())
                .cloned(),
        );
        let group = group_of(&mut groups, &reference.key, &old);
        let step = Step {
            reference,
            stamp,
            held,
        };
        match sides.settle(&step) {
            None => group.steps.push(step),
            Some(fate) => {
                group.settled += 1;
                group.has_begun |= fate != Fate::Unchanged;
                count(&mut plan.version_tally, fate, 1);
            }
        }
    }
    for key in sides.unread.difference(&sides.foreign) {
        group_of(&mut groups, key, &old).is_unread = true;
    }
    if sides.is_complete {
        for (reference, known) in sides.known {
            plan.version_tally.discovered += 1;
            let group = group_of(&mut groups, &reference.key, &old);
            if !group.is_unread {
                group.absent.push(known);
                continue;
            }
            if group.settled == 0 {
                plan.unread.push(reference);
            }
            group.settled += 1;
            count(&mut plan.version_tally, Fate::Failed, 1);
        }
    }
    plan.pass_over(passed);
    plan.sort(groups);
    Ok(plan)
}

fn group_of<'g>(
    groups: &'g mut BTreeMap<PackageKey, PackagePlan>,
    key: &PackageKey,
    old: &BTreeSet<PackageKey>,
) -> &'g mut PackagePlan {
    groups.entry(key.clone()).or_insert_with(|| PackagePlan {
        key: key.clone(),
        steps: Vec::new(),
        absent: Vec::new(),
        settled: 0,
        has_begun: false,
        is_new: !old.contains(key),
        is_unread: false,
    })
}

impl Sides {
    /// Returns the packages that were there before this task.
    fn old(&self) -> BTreeSet<PackageKey> {
        let known = self.known.values();
        let old = known.filter(|known| !is_made(known, &self.options, self.task));
        old.map(|known| known.reference.key.clone()).collect()
    }

    /// Returns what became of a version of which nothing is to be done.
    fn settle(&self, step: &Step) -> Option<Fate> {
        let held = step.held.as_ref()?;
        // An incremental run looks for what is new, and at what it was told of: by changes, or by
        // somebody.
        let is_told = !self.is_complete || self.hints.contains(&step.reference);
        let is_same = match &step.stamp {
            Some(stamp) => stamp.revision == held.revision,
            None => !self.options.is_full && !is_told,
        };
        is_same.then(|| settled(held, &self.options, self.task))?
    }
}

/// Says whether an earlier attempt of this very task made the version.
fn is_made(held: &Known, options: &CatalogueOptions, task: TaskId) -> bool {
    held.looked_at_by == Some(task) && held.is_first_revision && !options.rereads
}

/// Returns what became of a version that is where it was; nothing if it is to be read again.
pub(super) fn settled(held: &Known, options: &CatalogueOptions, task: TaskId) -> Option<Fate> {
    if is_made(held, options, task) {
        return Some(Fate::Created);
    }
    if held.looked_at_by == Some(task) {
        return Some(Fate::Updated);
    }
    (!options.rereads).then_some(Fate::Unchanged)
}

impl Plan {
    /// Leaves alone what another source has.
    fn pass_over(&mut self, passed: BTreeMap<PackageKey, u64>) {
        for (key, versions) in passed {
            self.package_tally.discovered += 1;
            count(&mut self.package_tally, Fate::Skipped, 1);
            count(&mut self.version_tally, Fate::Skipped, versions);
            self.warnings.push(foreign(&key));
        }
    }

    /// Tells packages that are settled from those of which something is to be done.
    fn sort(&mut self, groups: BTreeMap<PackageKey, PackagePlan>) {
        for group in groups.into_values() {
            self.package_tally.discovered += 1;
            if group.steps.is_empty() && group.absent.is_empty() {
                let fate = if group.is_unread {
                    Fate::Failed
                } else {
                    group.fate_if(group.has_begun)
                };
                count(&mut self.package_tally, fate, 1);
            } else {
                self.packages.push(group);
            }
        }
    }
}

impl PackagePlan {
    /// Returns what became of the package if nothing of it failed or went.
    pub(super) fn fate_if(&self, is_written: bool) -> Fate {
        if !is_written {
            return Fate::Unchanged;
        }
        if self.is_new {
            Fate::Created
        } else {
            Fate::Updated
        }
    }
}

/// Returns the warning about a package that another source has.
pub(super) fn foreign(key: &PackageKey) -> Note {
    let text = format!("{key} belongs to another registry, and is passed over");
    Note::of_package(NoteCode::ForeignPackage, key, text)
}

/// As many versions may go as so many for each package that may.
const VERSIONS_A_PACKAGE: usize = 10;

/// How much one run would take away.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loss {
    /// Packages, whole …
    pub(super) packages: usize,
    /// … of so many.
    pub(super) of: usize,
    /// Versions, also of packages that stay …
    pub(super) versions: usize,
    /// … of so many.
    pub(super) of_versions: usize,
    pub(super) is_listing_empty: bool,
}

impl Loss {
    /// Returns what the listing lacks.
    fn expected(sides: &Sides) -> Self {
        let known: BTreeSet<_> = sides.known.keys().map(|known| &known.key).collect();
        let found: BTreeSet<_> = sides.found.keys().map(|found| &found.key).collect();
        let is_lost = |key: &PackageKey| !sides.unread.contains(key);
        let packages = known.difference(&found);
        let versions = sides.known.keys().filter(|known| is_lost(&known.key));
        Self {
            packages: packages.filter(|key| is_lost(key)).count(),
            of: known.len(),
            versions: versions
                .filter(|known| !sides.found.contains_key(*known))
                .count(),
            of_versions: sides.known.len(),
            is_listing_empty: found.is_empty(),
        }
    }
}

/// Refuses to take away so much that it is likelier that the source shows less than it has.
///
/// # Errors
/// If that is so, and no administrator said that it may be.
pub(super) fn guard(
    loss: Loss,
    settings: &CatalogueSettings,
    options: &CatalogueOptions,
) -> Result<(), JobError> {
    let Loss { packages, of, .. } = loss;
    let Loss {
        versions,
        of_versions,
        ..
    } = loss;
    let most = usize::try_from(settings.max_removed_count).unwrap_or(usize::MAX);
    let percent = usize::from(settings.max_removed_percent);
    let is_much = packages > most && packages * 100 > percent * of
        || versions > most.saturating_mul(VERSIONS_A_PACKAGE)
            && versions * 100 > percent * of_versions;
    let is_nothing_left = loss.is_listing_empty && of > 0;
    if options.allows_mass_removal || !(is_much || is_nothing_left) {
        return Ok(());
    }
    let text = format!(
        "MASS_REMOVAL_REFUSED: the source shows less than it had, {packages} of {of} packages and \
         {versions} of {of_versions} versions would be taken away; nothing is. If that is right, \
         have it run with allowMassRemoval"
    );
    Err(JobError::give_up(ErrorCode::UpstreamInvalid, text))
}
