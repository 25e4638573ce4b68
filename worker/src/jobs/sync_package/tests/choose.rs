//! Which tarballs a sync fetches.

use super::*;

/// 1.0.0, 1.1.0, 1.2.0 (deprecated), 2.0.0-b (`next`); 1.1.0 is `latest`.
fn case() -> Case {
    let theirs = [
        v("1.0.0"),
        v("1.1.0"),
        v("1.2.0").deprecated(),
        v("2.0.0-b"),
    ];
    Case::new()
        .theirs(&theirs)
        .their_tags(&[("latest", "1.1.0"), ("next", "2.0.0-b")])
}

/// The same, ours already, the given ones held.
fn mirrored(held: &[&str]) -> Case {
    let case = case();
    let mut ours = Vec::new();
    for number in ["1.0.0", "1.1.0", "1.2.0", "2.0.0-b"] {
        let mut one = v(number);
        one.is_held = held.contains(&number);
        one.is_deprecated = number == "1.2.0";
        ours.push(one);
    }
    case.ours(&ours)
        .our_tags(&[("latest", "1.1.0"), ("next", "2.0.0-b")])
}

#[track_caller]
fn fetches(case: &Case, expected: &[&str]) {
    assert_eq!(texts(&case.planned().fetch), expected);
}

#[test]
fn each_policy_has_its_own_choice() {
    fetches(&case().policy(TarballPolicy::Requested), &[]);
    fetches(&case().policy(TarballPolicy::Tagged), &["1.1.0", "2.0.0-b"]);
    let all = ["1.0.0", "1.1.0", "1.2.0", "2.0.0-b"];
    fetches(&case().policy(TarballPolicy::All), &all);
}

#[test]
fn what_is_held_is_not_fetched_again_unless_history_is_forced() {
    fetches(&mirrored(&["1.1.0", "2.0.0-b"]), &[]);
    let all = mirrored(&["1.0.0", "1.1.0"]).policy(TarballPolicy::All);
    fetches(&all, &["1.2.0", "2.0.0-b"]);
    for policy in [
        TarballPolicy::Requested,
        TarballPolicy::Tagged,
        TarballPolicy::All,
    ] {
        let forced = mirrored(&["1.0.0", "1.1.0"])
            .policy(policy)
            .wishes(|wishes| wishes.options.force_sync_history = true);
        fetches(&forced, &["1.0.0", "1.1.0", "1.2.0", "2.0.0-b"]);
    }
}

#[test]
fn force_alone_fetches_no_held_tarball() {
    fetches(&mirrored(&["1.1.0", "2.0.0-b"]).force(), &[]);
}

#[test]
fn specific_versions_are_fetched_under_every_policy_and_missing_ones_are_told() {
    let requested = || case().policy(TarballPolicy::Requested);
    fetches(
        &requested().specific(&["1.0.0", "1.2.0"]),
        &["1.0.0", "1.2.0"],
    );
    fetches(&case().specific(&["1.0.0"]), &["1.0.0", "1.1.0", "2.0.0-b"]);
    fetches(
        &mirrored(&["1.0.0", "1.1.0", "2.0.0-b"]).specific(&["1.0.0"]),
        &[],
    );
    let plan = requested().specific(&["1.0.0", "7.0.0"]).planned();
    assert_eq!(texts(&plan.fetch), ["1.0.0"]);
    plan.warns_of(&["Version 7.0.0 was asked for, but upstream has no such version"]);
}

#[test]
fn ranges_of_trees_choose_highest_undeprecated_and_latest() {
    // The tags' targets are fetched in any case.
    for (range, further) in [
        ("^1.0.0", &["1.2.0"][..]),
        ("1.0.x", &["1.0.0"]),
        ("~1.2.0", &["1.2.0"]),
        ("*", &["1.2.0"]),
        ("latest", &[]),
        ("next", &[]),
        ("", &["1.2.0"]),
        ("^7", &[]),
        ("no-such-tag", &[]),
    ] {
        let mut expected: Vec<_> = ["1.1.0", "2.0.0-b"]
            .iter()
            .chain(further)
            .copied()
            .collect();
        expected.sort_unstable();
        fetches(&case().tree(&[range]), &expected);
    }
}

#[test]
fn every_tree_gets_its_own_choice() {
    let trees = case().tree(&["1.0.x"]).tree(&["~1.2.0"]);
    fetches(&trees, &["1.0.0", "1.1.0", "1.2.0", "2.0.0-b"]);
    let requested = case()
        .policy(TarballPolicy::Requested)
        .tree(&["1.0.x"])
        .root();
    fetches(&requested, &[]);
}

#[test]
fn a_deprecation_that_comes_with_this_sync_counts() {
    // Until now 1.2.0 was the choice; deprecated, 1.1.0 is needed beside it.
    let ours = [v("1.0.0"), v("1.1.0"), v("1.2.0").held()];
    let case = Case::new()
        .ours(&ours)
        .our_tags(&[("latest", "1.2.0")])
        .theirs(&[v("1.0.0"), v("1.1.0"), v("1.2.0").deprecated()])
        .their_tags(&[("latest", "1.2.0")])
        .tree(&["^1.0.0"]);
    fetches(&case, &["1.1.0"]);
}

#[test]
fn a_quarantined_version_is_never_chosen_but_always_tried_again() {
    for policy in [TarballPolicy::Requested, TarballPolicy::Tagged] {
        let ours = [v("1.0.0").held(), v("1.1.0"), v("1.2.0").quarantined()];
        let case = Case::new()
            .policy(policy)
            .ours(&ours)
            .our_tags(&[("latest", "1.0.0")])
            .theirs(&[v("1.0.0"), v("1.1.0"), v("1.2.0")])
            .their_tags(&[("latest", "1.0.0")])
            .tree(&["^1.0.0"]);
        let expected: &[&str] = match policy {
            TarballPolicy::Requested => &["1.2.0"],
            _ => &["1.1.0", "1.2.0"],
        };
        fetches(&case, expected);
    }
}

#[test]
fn a_changed_promise_that_drops_the_tarball_fetches_it_anew() {
    let case = Case::new()
        .ours(&[v("1.0.0").held(), v("1.1.0").quarantined()])
        .our_tags(&[("latest", "1.0.0")])
        .theirs(&[v("1.0.0"), v("1.1.0").promising([sha512(2)])])
        .their_tags(&[("latest", "1.1.0")]);
    let plan = case.planned();
    assert_eq!(plan.tags(), [("latest", "1.1.0")]);
    assert_eq!(texts(&plan.fetch), ["1.1.0"]);
}
