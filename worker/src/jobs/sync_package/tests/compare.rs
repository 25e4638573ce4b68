//! New, unchanged, changed, gone and unusable versions.

use super::*;

#[test]
fn a_new_package_is_taken_whole() {
    let plan = Case::new()
        .theirs(&[v("1.0.0"), v("1.1.0")])
        .their_tags(&[("latest", "1.1.0")])
        .planned();
    assert_eq!(texts(&plan.added), ["1.0.0", "1.1.0"]);
    assert_eq!(plan.tags(), [("latest", "1.1.0")]);
    assert_eq!(
        plan.tag_moves,
        [("latest".to_owned(), Some(version("1.1.0")))]
    );
    assert!(plan.changed.is_empty() && plan.kept.is_empty());
    plan.warns_of(&[]);
}

#[test]
fn the_same_on_both_sides_needs_no_new_revision() {
    let both = [v("1.0.0").held(), v("1.1.0").deprecated()];
    let case = Case::new()
        .ours(&both)
        .our_tags(&[("latest", "1.0.0")])
        .theirs(&both)
        .their_tags(&[("latest", "1.0.0")]);
    let plan = case.planned();
    assert!(plan.head.is_none() && plan.added.is_empty() && plan.changed.is_empty());
    assert!(plan.fetch.is_empty() && plan.tag_moves.is_empty());
    let forced = case.force().planned();
    assert!(forced.head.is_none(), "force compares; it does not rewrite");
}

#[test]
fn an_upstream_that_says_nothing_changed_leaves_only_tarballs_to_fetch() {
    let plan = Case::new()
        .ours(&[v("1.0.0"), v("1.1.0")])
        .our_tags(&[("latest", "1.1.0")])
        .planned();
    assert!(plan.head.is_none() && plan.kept.is_empty());
    assert_eq!(texts(&plan.fetch), ["1.1.0"]);
}

#[test]
fn a_further_version_is_added_beside_the_others() {
    let plan = Case::new()
        .ours(&[v("1.0.0").held()])
        .our_tags(&[("latest", "1.0.0")])
        .theirs(&[v("1.0.0"), v("1.1.0")])
        .their_tags(&[("latest", "1.1.0")])
        .planned();
    assert_eq!(texts(&plan.added), ["1.1.0"]);
    assert_eq!(plan.tags(), [("latest", "1.1.0")]);
    assert_eq!(texts(&plan.fetch), ["1.1.0"]);
}

#[test]
fn a_changed_manifest_says_what_changed_and_keeps_its_tarball() {
    for (ours, theirs, what) in [
        (v("1.0.0"), v("1.0.0").deprecated(), "deprecated"),
        (v("1.0.0").deprecated(), v("1.0.0"), "no longer deprecated"),
        (
            v("1.0.0"),
            v("1.0.0").noted("signed"),
            "its manifest changed",
        ),
        (
            v("1.0.0").deprecated(),
            v("1.0.0").deprecated().noted("again"),
            "its manifest changed",
        ),
    ] {
        let plan = Case::new()
            .ours(&[ours.held()])
            .our_tags(&[("latest", "1.0.0")])
            .theirs(&[theirs])
            .their_tags(&[("latest", "1.0.0")])
            .planned();
        let change = plan.changed[&version("1.0.0")];
        assert_eq!((change.what, change.keeps_tarball), (what, true));
        assert!(plan.head.is_some() && plan.added.is_empty());
        assert!(plan.fetch.is_empty(), "{what}: the tarball is here");
    }
}

#[test]
fn what_cannot_be_mirrored_is_left_out_and_the_rest_is_not() {
    let plan = Case::new()
        .theirs(&[v("1.0.0"), v("1.1.0").promising([])])
        .their_outline(|outline| {
            outline.unreadable = vec![
                ("v2".to_owned(), "not a version".to_owned()),
                ("1.0.0".to_owned(), "listed twice".to_owned()),
            ];
        })
        .planned();
    assert_eq!(texts(&plan.added), ["1.0.0"]);
    assert_eq!(plan.skipped, 3);
    plan.warns_of(&[
        "1.1.0 is skipped: upstream gives no digest",
        "v2 is skipped: not a version",
        "1.0.0 is skipped: listed twice",
    ]);
}

#[test]
fn a_version_listed_twice_is_not_new_each_time() {
    let both = [v("1.0.0").held()];
    let plan = Case::new()
        .ours(&both)
        .theirs(&both)
        .their_outline(|outline| {
            outline.unreadable = vec![("1.0.0".to_owned(), "listed twice".to_owned())];
        })
        .planned();
    assert!(plan.added.is_empty() && plan.changed.is_empty() && plan.kept.is_empty());
}

#[test]
fn a_registry_may_allow_versions_without_digest() {
    let theirs = [v("1.0.0").promising([])];
    let plan = Case::new().allows_undigested().theirs(&theirs).planned();
    assert_eq!(texts(&plan.added), ["1.0.0"]);
    plan.warns_of(&[]);
}

#[test]
fn what_is_no_longer_upstream_is_kept_with_its_time() {
    let time = |entries: &[(&str, &str)]| -> BTreeMap<String, String> {
        let owned = entries
            .iter()
            .map(|(v, at)| ((*v).to_owned(), (*at).to_owned()));
        owned.collect()
    };
    let plan = Case::new()
        .ours(&[v("1.0.0").held(), v("1.1.0")])
        .our_tags(&[("latest", "1.1.0")])
        .our_head(|head| {
            head.time = time(&[("1.0.0", "first"), ("1.1.0", "second"), ("9.9.9", "never")]);
        })
        .theirs(&[v("1.1.0")])
        .their_tags(&[("latest", "1.1.0")])
        .their_outline(|outline| outline.time = time(&[("1.1.0", "second, corrected")]))
        .planned();
    assert_eq!(texts(&plan.kept), ["1.0.0"]);
    let head = plan.head.expect("the times differ");
    assert_eq!(
        head.time,
        time(&[("1.0.0", "first"), ("1.1.0", "second, corrected")])
    );
}

#[test]
fn a_version_that_became_unreadable_stays_without_being_called_gone() {
    let plan = Case::new()
        .ours(&[v("1.0.0").held(), v("1.1.0")])
        .theirs(&[v("1.0.0")])
        .their_outline(|outline| {
            outline.unreadable = vec![("1.1.0".to_owned(), "dist.tarball is missing".to_owned())];
        })
        .planned();
    assert!(plan.kept.is_empty());
    plan.warns_of(&["1.1.0 is skipped"]);
}
