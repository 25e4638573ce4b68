//! Counts what becomes of packages and versions.
//!
//! What is shown never goes back: a later attempt of the same task counts anew, from what the
//! earlier ones stored, and is shown once it is beyond what was shown before. What was taken
//! away has left no trace to count from, so that number is carried over.

use weir_domain::catalogue::{CatalogueProgress, Phase, Tally};
use weir_upstream::catalogue::Spent;

/// What became of a package or a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Created,
    Updated,
    Unchanged,
    Deleted,
    Failed,
    Skipped,
}

/// The numbers of a task's attempts, up to this one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tallies {
    before: CatalogueProgress,
    now: CatalogueProgress,
}

/// Counts `count` more of one fate.
pub(super) fn count(tally: &mut Tally, fate: Fate, count: u64) {
    tally.processed += count;
    *match fate {
        Fate::Created => &mut tally.created,
        Fate::Updated => &mut tally.updated,
        Fate::Unchanged => &mut tally.unchanged,
        Fate::Deleted => &mut tally.deleted,
        Fate::Failed => &mut tally.failed,
        Fate::Skipped => &mut tally.skipped,
    } += count;
}

/// Adds what was counted elsewhere.
fn add(tally: &mut Tally, other: Tally) {
    tally.discovered += other.discovered;
    tally.processed += other.processed;
    tally.created += other.created;
    tally.updated += other.updated;
    tally.unchanged += other.unchanged;
    tally.deleted += other.deleted;
    tally.failed += other.failed;
    tally.skipped += other.skipped;
}

fn larger(one: Tally, other: Tally) -> Tally {
    Tally {
        discovered: one.discovered.max(other.discovered),
        processed: one.processed.max(other.processed),
        created: one.created.max(other.created),
        updated: one.updated.max(other.updated),
        unchanged: one.unchanged.max(other.unchanged),
        deleted: one.deleted.max(other.deleted),
        failed: one.failed.max(other.failed),
        skipped: one.skipped.max(other.skipped),
    }
}

fn carried(before: Tally) -> Tally {
    Tally {
        discovered: before.deleted,
        processed: before.deleted,
        deleted: before.deleted,
        ..Tally::default()
    }
}

impl Tallies {
    /// Begins an attempt after those that came to `before`.
    pub(super) fn after(before: CatalogueProgress) -> Self {
        let now = CatalogueProgress {
            packages: carried(before.packages),
            versions: carried(before.versions),
            ..CatalogueProgress::default()
        };
        Self { before, now }
    }

    pub(super) fn enter(&mut self, phase: Phase) {
        self.now.phase = phase;
    }

    /// Takes over what the plan found: how much there is, and what needs no doing.
    pub(super) fn listed(&mut self, packages: Tally, versions: Tally) {
        self.now.is_listed = true;
        add(&mut self.now.packages, packages);
        add(&mut self.now.versions, versions);
    }

    pub(super) fn version(&mut self, fate: Fate) {
        self.versions(fate, 1);
    }

    pub(super) fn versions(&mut self, fate: Fate, number: usize) {
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        count(&mut self.now.versions, fate, number);
    }

    pub(super) fn package(&mut self, fate: Fate) {
        count(&mut self.now.packages, fate, 1);
    }

    /// Takes over what this attempt spent; says whether it is more than before.
    pub(super) fn spent(&mut self, spent: Spent) -> bool {
        let (now, before) = (&mut self.now, &self.before);
        let former = (now.requests, now.bytes);
        now.requests = before.requests + spent.requests;
        now.retries = before.retries + spent.retries;
        now.bytes = before.bytes + spent.bytes;
        former != (now.requests, now.bytes)
    }

    /// Returns what is shown while it runs.
    pub(super) fn shown(&self) -> CatalogueProgress {
        CatalogueProgress {
            is_listed: self.now.is_listed || self.before.is_listed,
            packages: larger(self.before.packages, self.now.packages),
            versions: larger(self.before.versions, self.now.versions),
            requests: self.before.requests.max(self.now.requests),
            retries: self.before.retries.max(self.now.retries),
            bytes: self.before.bytes.max(self.now.bytes),
            phase: self.now.phase,
        }
    }

    /// Returns what it came to.
    pub(super) fn ended(&self) -> CatalogueProgress {
        CatalogueProgress {
            phase: Phase::Done,
            ..self.now
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_never_goes_back_and_the_end_is_exact() {
        let mut first = Tallies::after(CatalogueProgress::default());
        let four = Tally {
            discovered: 4,
            ..Tally::default()
        };
        first.listed(four, four);
        for fate in [Fate::Created, Fate::Failed, Fate::Deleted] {
            first.version(fate);
        }
        first.spent(Spent {
            requests: 10,
            ..Spent::default()
        });
        let shown = first.shown();
        assert_eq!((shown.versions.processed, shown.versions.failed), (3, 1));
        let mut second = Tallies::after(shown);
        assert_eq!(second.shown().versions, shown.versions);
        assert_eq!(second.shown().requests, 10);
        let three = Tally {
            discovered: 3,
            ..Tally::default()
        };
        second.listed(three, three);
        for fate in [Fate::Created, Fate::Created, Fate::Created] {
            second.version(fate);
        }
        assert!(second.spent(Spent {
            requests: 2,
            ..Spent::default()
        }));
        assert_eq!(second.shown().versions.failed, 1, "as it was shown");
        let ended = second.ended();
        assert_eq!(ended.requests, 12);
        let versions = Tally {
            discovered: 4,
            processed: 4,
            created: 3,
            deleted: 1,
            ..Tally::default()
        };
        assert_eq!(ended.versions, versions);
    }
}
