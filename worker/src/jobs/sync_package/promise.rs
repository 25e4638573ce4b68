//! Whether a changed manifest may replace the one we have: it may not promise other bytes,
//! nor promise less. Pure.

use weir_domain::{Promise, manifest::ManifestFacts};
use weir_store::versions::VersionOutline;

/// What to do with a version whose manifest is not the one we have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Take it.
    Take(Change),
    /// Keep ours, for this reason.
    Refuse(&'static str),
}

/// A manifest that replaces ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change {
    /// What changed, for the log.
    pub(super) what: &'static str,
    /// Whether the tarball we hold, if any, is the one it promises.
    pub(super) keeps_tarball: bool,
}

const CONFLICT: &str =
    "has other bytes upstream than when it was first seen (conflict); the first are kept";
const WEAKER: &str = "has a weaker digest upstream than before; the first manifest is kept";

/// Compares what upstream promises now with what it promised before.
///
/// `is_proven` says that the bytes we hold match the new promise.
pub(super) fn judge(ours: &VersionOutline, theirs: &ManifestFacts, is_proven: bool) -> Verdict {
    let take = |keeps_tarball| {
        Verdict::Take(Change {
            what: what_changed(ours, theirs),
            keeps_tarball,
        })
    };
    // Nobody ever had the bytes that the first manifest promised.
    if ours.tarball.is_none() && ours.quarantine.is_some() {
        return take(false);
    }
    if !needs_proof(ours, theirs) {
        return match (&ours.integrity, &theirs.integrity) {
            (Some(_), None) => Verdict::Refuse(WEAKER),
            (None, _) => take(true),
            (Some(first), Some(later)) => match first.compare(later) {
                Promise::Same | Promise::Stronger => take(true),
                Promise::Weaker => Verdict::Refuse(WEAKER),
                Promise::Unrelated | Promise::Other => Verdict::Refuse(CONFLICT),
            },
        };
    }
    if is_proven {
        take(true)
    } else {
        Verdict::Refuse(CONFLICT)
    }
}

/// Says whether only the held bytes themselves can tell if the new promise is kept.
pub(super) fn needs_proof(ours: &VersionOutline, theirs: &ManifestFacts) -> bool {
    if ours.tarball.is_none() || ours.canonical_digest == theirs.canonical_digest {
        return false;
    }
    match (&ours.integrity, &theirs.integrity) {
        (None, later) => later.is_some(),
        (Some(_), None) => false,
        (Some(first), Some(later)) => {
            matches!(first.compare(later), Promise::Stronger | Promise::Unrelated)
        }
    }
}

fn what_changed(ours: &VersionOutline, theirs: &ManifestFacts) -> &'static str {
    match (ours.is_deprecated, theirs.is_deprecated) {
        (false, true) => "deprecated",
        (true, false) => "no longer deprecated",
        _ => "its manifest changed",
    }
}
