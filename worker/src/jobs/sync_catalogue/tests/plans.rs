//! Plans as tables: what is listed and what is known go in, what is done comes out.

use std::collections::{BTreeMap, BTreeSet};

use weir_domain::{
    PackageId, TaskId,
    catalogue::{CatalogueOptions, CatalogueSettings, Stamp},
    task::ErrorCode,
};
use weir_store::catalogue::Known;

use super::{
    super::plan::{Loss, Plan, Sides, guard, plan},
    full, hinting, incremental,
    source::reference,
};

fn stamp(revision: &str) -> Stamp {
    Stamp {
        revision: revision.to_owned(),
        at: None,
    }
}

/// Both sides, as words: `name/version` or `name/version#revision`.
fn sides(found: &[&str], known: &[&str], options: CatalogueOptions) -> Sides {
    let cut = |text: &&str| {
        let (what, revision) = text.split_once('#').unwrap_or((text, ""));
        (reference(what), revision.to_owned())
    };
    let mut sides = Sides {
        found: BTreeMap::new(),
        is_complete: true,
        unread: BTreeSet::new(),
        hints: options.hints.clone(),
        known: BTreeMap::new(),
        foreign: BTreeSet::new(),
        options,
        settings: CatalogueSettings::default(),
        task: TaskId::new(),
    };
    for (what, revision) in found.iter().map(cut) {
        let stamp = (!revision.is_empty()).then(|| stamp(&revision));
        sides.found.insert(what, stamp);
    }
    for (what, revision) in known.iter().map(cut) {
        let known = Known {
            reference: what.clone(),
            package: PackageId::new(),
            revision,
            is_first_revision: true,
            missing_since: None,
            looked_at_by: None,
        };
        sides.known.insert(what, known);
    }
    sides
}

fn steps(plan: &Plan) -> Vec<String> {
    let steps = plan.packages.iter().flat_map(|package| &package.steps);
    steps.map(|step| step.reference.to_string()).collect()
}

fn absent(plan: &Plan) -> Vec<String> {
    let absent = plan.packages.iter().flat_map(|package| &package.absent);
    absent.map(|known| known.reference.to_string()).collect()
}

#[test]
fn what_is_looked_at_depends_on_what_is_told_and_what_is_wanted() {
    type Row<'a> = (&'a str, &'a str, CatalogueOptions, bool);
    let again = |options: CatalogueOptions| CatalogueOptions {
        rereads: true,
        ..options
    };
    // Listed, known, wanted how; whether it is looked at.
    let table: [Row<'_>; 11] = [
        ("a/1#r1", "", full(), true),
        ("a/1", "", incremental(), true),
        ("a/1#r1", "a/1#r1", full(), false),
        ("a/1#r2", "a/1#r1", full(), true),
        ("a/1#r2", "a/1#r1", incremental(), true),
        ("a/1", "a/1#r1", full(), true),
        ("a/1", "a/1#r1", incremental(), false),
        ("a/1", "a/1#r1", hinting(&["a/1"]), true),
        ("a/1#r1", "a/1#r1", hinting(&["a/1"]), false),
        ("a/1#r1", "a/1#r1", again(full()), true),
        ("a/1", "a/1#r1", again(incremental()), true),
    ];
    for (found, known, options, is_looked_at) in table {
        let known: Vec<_> = Some(known)
            .filter(|text| !text.is_empty())
            .into_iter()
            .collect();
        let sides = sides(&[found], &known, options.clone());
        let plan = plan(sides).expect("a plan");
        let expected: &[&str] = if is_looked_at { &["a/1"] } else { &[] };
        assert_eq!(steps(&plan), expected, "{found} {known:?} {options:?}");
        assert_eq!(plan.version_tally.discovered, 1);
        assert_eq!(plan.version_tally.unchanged, u64::from(!is_looked_at));
        assert_eq!(plan.package_tally.unchanged, u64::from(!is_looked_at));
    }
}

#[test]
fn only_a_complete_listing_can_lack_something() {
    let known = ["a/1#r", "a/2#r", "b/1#r"];
    let mut sides = sides(&["a/1#r", "c/1#r"], &known, full());
    let complete = plan(sides.clone()).expect("a plan");
    assert_eq!(absent(&complete), ["a/2", "b/1"]);
    assert_eq!(steps(&complete), ["c/1"]);
    assert_eq!(complete.version_tally.discovered, 4);
    assert_eq!(complete.package_tally.discovered, 3);
    sides.is_complete = false;
    let partial = plan(sides).expect("a plan");
    assert_eq!(absent(&partial), [""; 0]);
    assert_eq!(partial.version_tally.discovered, 2);
}

#[test]
fn what_changed_is_looked_at_although_it_is_known() {
    let mut sides = sides(
        &["a/1", "b/1#r"],
        &["a/1#r", "b/1#r", "c/1#r"],
        incremental(),
    );
    sides.is_complete = false;
    let plan = plan(sides).expect("a plan");
    assert_eq!(steps(&plan), ["a/1"], "its revision is not told");
}

#[test]
fn a_package_of_which_nothing_could_be_told_stays_and_is_no_loss() {
    let known = [
        "a/1#r", "a/2#r", "b/1#r", "c/1#r", "d/1#r", "e/1#r", "f/1#r", "g/1#r",
    ];
    let mut sides = sides(&["c/1#r"], &known, full());
    let error = plan(sides.clone()).expect_err("nearly all is gone");
    assert!(error.message.contains("MASS_REMOVAL_REFUSED"));
    let unread = ["a", "b", "d", "e", "f", "g", "new"];
    let unread = unread.map(|name| reference(&format!("{name}/1")).key);
    sides.unread = unread.into();
    let plan = plan(sides).expect("a plan");
    assert_eq!((absent(&plan), steps(&plan)), (vec![], vec![]));
    let (versions, packages) = (plan.version_tally, plan.package_tally);
    assert_eq!((versions.failed, versions.unchanged), (7, 1));
    assert_eq!((packages.discovered, packages.unchanged), (8, 1));
    assert_eq!(versions.discovered, 8);
    let again: Vec<_> = plan.unread.iter().map(ToString::to_string).collect();
    assert_eq!(
        again,
        ["a/1", "b/1", "d/1", "e/1", "f/1", "g/1"],
        "one of each"
    );
}

#[test]
fn what_an_earlier_attempt_wrote_is_done_and_counted() {
    let mut sides = sides(&["a/1#r", "b/1#r", "c/1#r"], &["a/1#r", "b/1#r"], full());
    let task = sides.task;
    for known in sides.known.values_mut() {
        known.looked_at_by = Some(task);
        known.is_first_revision = known.reference == reference("a/1");
    }
    let plan = plan(sides).expect("a plan");
    assert_eq!(steps(&plan), ["c/1"]);
    let tally = plan.version_tally;
    assert_eq!((tally.created, tally.updated, tally.unchanged), (1, 1, 0));
    let tally = plan.package_tally;
    assert_eq!((tally.created, tally.updated, tally.unchanged), (1, 1, 0));
}

#[test]
fn what_another_source_has_is_neither_looked_at_nor_missed() {
    let mut sides = sides(&["a/1#r", "a/2#r", "b/1#r"], &[], full());
    sides.foreign.insert(reference("a/1").key);
    let plan = plan(sides).expect("a plan");
    assert_eq!(steps(&plan), ["b/1"]);
    assert_eq!(plan.version_tally.skipped, 2);
    assert_eq!(plan.package_tally.skipped, 1);
    assert_eq!(plan.warnings.len(), 1);
}

#[test]
fn what_was_missing_and_is_listed_again_is_noted() {
    let mut sides = sides(&["a/1#r", "b/1#r"], &["a/1#r", "b/1#r"], full());
    let missing = sides.known.get_mut(&reference("b/1")).expect("there");
    missing.missing_since = Some(weir_domain::Timestamp(1));
    let plan = plan(sides).expect("a plan");
    let again: Vec<_> = plan
        .again
        .iter()
        .map(|one| one.reference.to_string())
        .collect();
    assert_eq!(again, ["b/1"]);
}

#[test]
fn the_guard_refuses_what_is_both_many_and_a_great_part() {
    // Lost, of, whether the listing is empty, whether it is allowed; whether it is refused.
    let table = [
        (0, 0, true, false, false),
        (0, 10, false, false, false),
        (1, 1, false, false, false),
        (1, 1, true, false, true),
        (5, 5, false, false, false),
        (6, 6, false, false, true),
        (6, 20, false, false, false),
        (7, 20, false, false, true),
        (30, 100, false, false, false),
        (31, 100, false, false, true),
        (100, 100, true, false, true),
        (100, 100, true, true, false),
        (31, 100, false, true, false),
    ];
    let settings = CatalogueSettings::default();
    for (packages, of, is_listing_empty, allows_mass_removal, is_refused) in table {
        let loss = Loss {
            packages,
            of,
            versions: 0,
            of_versions: 0,
            is_listing_empty,
        };
        let options = CatalogueOptions {
            allows_mass_removal,
            ..full()
        };
        let verdict = guard(loss, &settings, &options);
        assert_eq!(
            verdict.is_err(),
            is_refused,
            "{loss:?} {allows_mass_removal}"
        );
        if let Err(error) = verdict {
            assert_eq!(error.code, ErrorCode::UpstreamInvalid);
            assert!(error.message.contains("MASS_REMOVAL_REFUSED"));
        }
    }
}

#[test]
fn versions_of_packages_that_stay_are_guarded_too() {
    // Versions lost, of so many; whether that is refused.
    let table = [
        (50, 50, false),
        (51, 51, true),
        (60, 200, false),
        (61, 200, true),
    ];
    for (versions, of_versions, is_refused) in table {
        let loss = Loss {
            packages: 0,
            of: 10,
            versions,
            of_versions,
            is_listing_empty: false,
        };
        let verdict = guard(loss, &CatalogueSettings::default(), &full());
        assert_eq!(verdict.is_err(), is_refused, "{loss:?}");
    }
}

#[test]
fn a_listing_that_lacks_too_much_is_no_plan_at_all() {
    let known: Vec<_> = (0..10).map(|n| format!("p{n}/1#r")).collect();
    let known: Vec<_> = known.iter().map(String::as_str).collect();
    let error = plan(sides(&known[..3], &known, full())).expect_err("refused");
    assert!(error.message.contains("7 of 10"), "{}", error.message);
    let mut partial = sides(&known[..3], &known, full());
    partial.is_complete = false;
    assert!(plan(partial).is_ok(), "it says nothing about the others");
    assert!(plan(sides(&known[..7], &known, full())).is_ok());
}
