//! The same version with another digest: never other bytes, never a weaker promise.

use super::*;

/// What became of version 1.0.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Taken { keeps_tarball: bool },
    Conflict,
    Weaker,
}

const KEPT: Fate = Fate::Taken {
    keeps_tarball: true,
};

fn fate(case: &Case) -> Fate {
    let plan = case.planned();
    if let Some(change) = plan.changed.get(&version("1.0.0")) {
        plan.warns_of(&[]);
        return Fate::Taken {
            keeps_tarball: change.keeps_tarball,
        };
    }
    assert_eq!(plan.skipped, 1, "neither taken nor refused");
    assert!(plan.head.is_none(), "what is shown stays as it was");
    match plan.warnings.as_slice() {
        [warning] if warning.contains("(conflict)") => Fate::Conflict,
        [warning] if warning.contains("weaker digest") => Fate::Weaker,
        other => panic!("{other:?}"),
    }
}

fn case(ours: V, promises: &[UpstreamDigest]) -> Case {
    let theirs = v("1.0.0").promising(promises.iter().cloned());
    Case::new()
        .allows_undigested()
        .policy(TarballPolicy::Requested)
        .ours(&[ours])
        .our_tags(&[("latest", "1.0.0")])
        .theirs(&[theirs.noted("changed")])
        .their_tags(&[("latest", "1.0.0")])
}

#[test]
fn other_bytes_are_a_conflict_whether_held_or_not() {
    let first = || v("1.0.0").promising([sha512(1)]);
    assert_eq!(fate(&case(first(), &[sha512(2)])), Fate::Conflict);
    assert_eq!(fate(&case(first().held(), &[sha512(2)])), Fate::Conflict);
    let proven = case(first().held(), &[sha512(2)]).proven(&["1.0.0"]);
    assert_eq!(fate(&proven), Fate::Conflict, "no proof helps against that");
}

#[test]
fn the_weaker_algorithm_must_agree_too() {
    let both = || v("1.0.0").promising([sha1(1), sha512(1)]);
    assert_eq!(fate(&case(both(), &[sha1(2), sha512(1)])), Fate::Conflict);
    assert_eq!(fate(&case(both(), &[sha1(1), sha512(1)])), KEPT);
    assert_eq!(fate(&case(both(), &[sha512(1)])), KEPT);
}

#[test]
fn a_stronger_digest_of_held_bytes_must_be_proven() {
    let held = || v("1.0.0").promising([sha1(1)]).held();
    let stronger = [sha1(1), sha512(1)];
    assert_eq!(fate(&case(held(), &stronger)), Fate::Conflict);
    assert_eq!(fate(&case(held(), &stronger).proven(&["1.0.0"])), KEPT);
    assert_eq!(fate(&case(held(), &[sha512(1)])), Fate::Conflict);
    let unrelated = case(held(), &[sha512(1)]).proven(&["1.0.0"]);
    assert_eq!(fate(&unrelated), KEPT);
}

#[test]
fn a_stronger_digest_of_lazy_bytes_must_not_leave_the_first_behind() {
    let lazy = || v("1.0.0").promising([sha1(1)]);
    assert_eq!(fate(&case(lazy(), &[sha1(1), sha512(1)])), KEPT);
    assert_eq!(fate(&case(lazy(), &[sha1(2), sha512(1)])), Fate::Conflict);
    assert_eq!(fate(&case(lazy(), &[sha512(1)])), Fate::Conflict);
}

#[test]
fn a_promise_is_never_taken_back() {
    let strong = || v("1.0.0").promising([sha1(1), sha512(1)]);
    assert_eq!(fate(&case(strong(), &[sha1(1)])), Fate::Weaker);
    assert_eq!(fate(&case(strong().held(), &[])), Fate::Weaker);
    assert_eq!(fate(&case(strong(), &[])), Fate::Weaker);
}

#[test]
fn a_first_digest_is_welcome_if_the_held_bytes_match_it() {
    let undigested = || v("1.0.0").promising([]);
    assert_eq!(fate(&case(undigested(), &[])), KEPT);
    assert_eq!(fate(&case(undigested().held(), &[])), KEPT);
    assert_eq!(fate(&case(undigested(), &[sha512(1)])), KEPT);
    let held = || case(undigested().held(), &[sha512(1)]);
    assert_eq!(fate(&held()), Fate::Conflict);
    assert_eq!(fate(&held().proven(&["1.0.0"])), KEPT);
}

#[test]
fn a_quarantined_version_may_be_mended_with_another_digest() {
    let broken = || v("1.0.0").promising([sha512(1)]).quarantined();
    let taken = Fate::Taken {
        keeps_tarball: false,
    };
    let other = v("1.1.0");
    for promises in [&[sha512(2)][..], &[sha1(2)], &[sha512(1)]] {
        let mut case = case(broken(), promises).their_tags(&[("latest", "1.0.0")]);
        case.0.local.versions.push(other.ours());
        case = case.their_outline(|outline| outline.versions.push(other.theirs()));
        assert_eq!(fate(&case), taken, "{promises:?}");
        assert_eq!(case.planned().tags(), [("latest", "1.0.0")]);
    }
    let held = case(broken().held(), &[sha512(2)]);
    assert_eq!(
        held.planned_conflicts(),
        1,
        "what is held is never replaced"
    );
}

impl Case {
    /// Counts conflicts where nothing can be shown otherwise.
    fn planned_conflicts(mut self) -> usize {
        let other = v("9.9.9");
        self.0.local.versions.push(other.ours());
        let plan = self
            .their_outline(|outline| outline.versions.push(other.theirs()))
            .planned();
        let is_conflict = |warning: &&String| warning.contains("(conflict)");
        plan.warnings.iter().filter(is_conflict).count()
    }
}

#[test]
fn a_conflict_does_not_keep_the_other_versions_away() {
    let plan = Case::new()
        .ours(&[v("1.0.0").held()])
        .our_tags(&[("latest", "1.0.0")])
        .theirs(&[v("1.0.0").promising([sha512(9)]), v("1.1.0")])
        .their_tags(&[("latest", "1.1.0"), ("old", "1.0.0")])
        .planned();
    assert_eq!(texts(&plan.added), ["1.1.0"]);
    assert_eq!(plan.tags(), [("latest", "1.1.0"), ("old", "1.0.0")]);
    assert_eq!(texts(&plan.fetch), ["1.1.0"]);
    plan.warns_of(&["1.0.0 has other bytes upstream than when it was first seen"]);
}
