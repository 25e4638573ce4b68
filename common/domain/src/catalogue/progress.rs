//! How far a catalogue's synchronisation is: counters that never go back.

use serde::{Deserialize, Serialize};

/// What a run does at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Proves that the source knows us.
    #[default]
    Connecting,
    /// Asks what there is.
    Listing,
    /// Compares with what we have.
    Diffing,
    /// Reads what changed; each package is shown as soon as it is read.
    Fetching,
    /// Takes away what is gone.
    Sweeping,
    /// It is over.
    Done,
}

impl Phase {
    /// Returns the word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Listing => "listing",
            Self::Diffing => "diffing",
            Self::Fetching => "fetching",
            Self::Sweeping => "sweeping",
            Self::Done => "done",
        }
    }
}

/// How many of something, by what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Tally {
    /// Known of so far.
    pub discovered: u64,
    /// Dealt with; the sum of those below.
    pub processed: u64,
    /// New to us.
    pub created: u64,
    /// Different from what we had.
    pub updated: u64,
    /// As we had it.
    pub unchanged: u64,
    /// Taken away.
    pub deleted: u64,
    /// Not read, each with a warning.
    pub failed: u64,
    /// Passed over on purpose, each with a warning.
    pub skipped: u64,
}

impl Tally {
    /// Returns both counted together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            discovered: self.discovered + other.discovered,
            processed: self.processed + other.processed,
            created: self.created + other.created,
            updated: self.updated + other.updated,
            unchanged: self.unchanged + other.unchanged,
            deleted: self.deleted + other.deleted,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

/// How far a run is; kept over the attempts of one task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CatalogueProgress {
    /// What it does.
    pub phase: Phase,
    /// Whether the listing is complete, so that what was discovered is all there is.
    pub is_listed: bool,
    /// Packages.
    pub packages: Tally,
    /// Versions.
    pub versions: Tally,
    /// Requests sent to the source.
    pub requests: u64,
    /// Those that were sent again.
    pub retries: u64,
    /// Bytes received.
    pub bytes: u64,
}

impl CatalogueProgress {
    /// Returns two runs counted together; they are as far as the one that is less far.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            phase: self.phase.min(other.phase),
            is_listed: self.is_listed && other.is_listed,
            packages: self.packages.with(other.packages),
            versions: self.versions.with(other.versions),
            requests: self.requests + other.requests,
            retries: self.retries + other.retries,
            bytes: self.bytes + other.bytes,
        }
    }

    /// Returns how much is done, in percent: nothing while it is not known how much there is, and
    /// 100 at the end only.
    pub fn percent(&self) -> Option<u8> {
        if self.phase == Phase::Done {
            return Some(100);
        }
        if !self.is_listed {
            return None;
        }
        let (done, all) = (self.versions.processed, self.versions.discovered.max(1));
        u8::try_from(done.min(all) * 99 / all).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_percent_is_the_end() {
        let mut progress = CatalogueProgress::default();
        assert_eq!(progress.percent(), None);
        progress.is_listed = true;
        progress.phase = Phase::Fetching;
        assert_eq!(progress.percent(), Some(0));
        progress.versions.discovered = 3;
        progress.versions.processed = 3;
        assert_eq!(progress.percent(), Some(99));
        progress.phase = Phase::Done;
        assert_eq!(progress.percent(), Some(100));
    }
}
