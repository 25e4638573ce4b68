//! When an absence is believed, and what each policy makes of it.

use weir_domain::removal::Absence;
use weir_store::{blocks::Source, removals::Sighting};

use super::*;
use crate::jobs::sync_package::removal::Belief;

const DAY: Duration = Duration::from_secs(24 * 3600);

impl Case {
    fn removals(mut self, change: impl FnOnce(&mut Removals)) -> Self {
        change(&mut self.0.removals);
        self
    }

    fn policy_of_removals(self, policy: RemovalPolicy) -> Self {
        self.removals(|removals| removals.policy = policy)
    }

    /// So many tasks saw it before, for the first time so long ago.
    fn seen(self, gone: Option<&str>, looks: i64, ago: Duration) -> Self {
        self.removals(|removals| {
            let sighting = Sighting {
                version: gone.map(version),
                absence: Absence::Missing,
                first_seen_at: removals.now.minus(ago),
                looks,
                last_task: TaskId::new(),
                outcome: None,
            };
            removals.seen.insert(gone.map(version), sighting);
        })
    }

    fn blocked(self, number: &str, source: Source) -> Self {
        self.removals(|removals| removals.blocked.extend([(version(number), source)]))
    }
}

/// A mirror of two versions, one of which upstream no longer lists.
fn lost(policy: RemovalPolicy) -> Case {
    Case::new()
        .ours(&[v("1.0.0").held(), v("2.0.0").held()])
        .our_tags(&[("latest", "2.0.0")])
        .theirs(&[v("1.0.0")])
        .their_tags(&[("latest", "1.0.0")])
        .policy_of_removals(policy)
}

#[test]
fn an_absence_is_believed_after_three_looks_over_a_day() {
    let rows = [
        (0, Duration::ZERO, Belief::Suspected(1)),
        (1, DAY, Belief::Suspected(2)),
        (2, DAY / 2, Belief::Suspected(3)),
        (
            50,
            DAY.saturating_sub(Duration::from_secs(1)),
            Belief::Suspected(51),
        ),
        (2, DAY, Belief::Believed),
        (7, DAY * 3, Belief::Believed),
    ];
    for (looks, ago, expected) in rows {
        let mut case = lost(RemovalPolicy::Block);
        if looks > 0 {
            case = case.seen(Some("2.0.0"), looks, ago);
        }
        let judged = case.0.removals.judge(Some(&version("2.0.0")));
        assert_eq!(judged, expected, "{looks} looks, {ago:?} ago");
    }
}

#[test]
fn a_task_that_is_repeated_looks_once() {
    let case = lost(RemovalPolicy::Block).seen(Some("2.0.0"), 2, DAY);
    let case = case.removals(|removals| {
        let task = removals.task;
        for seen in removals.seen.values_mut() {
            seen.last_task = task;
        }
    });
    let judged = case.0.removals.judge(Some(&version("2.0.0")));
    assert_eq!(judged, Belief::Suspected(2));
}

#[test]
fn what_is_only_suspected_is_shown_whatever_the_policy() {
    for policy in [
        RemovalPolicy::Keep,
        RemovalPolicy::Block,
        RemovalPolicy::Delete,
    ] {
        let plan = lost(policy).planned();
        assert_eq!(texts(&plan.kept), ["2.0.0"], "{policy}");
        assert_eq!(plan.losses.looked, [Some(version("2.0.0"))]);
        assert!(!plan.losses.is_visible() && plan.losses.settled.is_empty());
    }
}

#[test]
fn what_is_believed_goes_the_way_of_the_policy() {
    let planned = |policy| lost(policy).seen(Some("2.0.0"), 2, DAY).planned();
    let kept = planned(RemovalPolicy::Keep);
    assert_eq!(texts(&kept.kept), ["2.0.0"]);
    assert_eq!(
        kept.losses.settled,
        [(version("2.0.0"), RemovalPolicy::Keep)]
    );
    let blocked = planned(RemovalPolicy::Block);
    assert!(blocked.kept.is_empty());
    assert_eq!(texts(blocked.losses.blocked.keys()), ["2.0.0"]);
    assert_eq!(blocked.tags(), [("latest", "1.0.0")]);
    let deleted = planned(RemovalPolicy::Delete);
    assert_eq!(texts(&deleted.losses.deleted), ["2.0.0"]);
    assert!(deleted.kept.is_empty() && deleted.losses.blocked.is_empty());
    assert_eq!(deleted.tags(), [("latest", "1.0.0")]);
}

#[test]
fn what_is_settled_is_left_alone_until_the_policy_is_another() {
    let settled = |policy| {
        lost(policy)
            .seen(Some("2.0.0"), 3, DAY * 9)
            .removals(|removals| {
                for seen in removals.seen.values_mut() {
                    seen.outcome = Some(RemovalPolicy::Keep);
                }
            })
    };
    let same = settled(RemovalPolicy::Keep);
    assert!(!same.0.removals.is_open());
    assert!(same.planned().losses.looked.is_empty());
    let other = settled(RemovalPolicy::Delete);
    assert!(other.0.removals.is_open(), "read whole, not conditionally");
    assert_eq!(texts(&other.planned().losses.deleted), ["2.0.0"]);
}

#[test]
fn what_upstream_has_again_is_shown_again() {
    let both = [v("1.0.0"), v("2.0.0")];
    let plan = Case::new()
        .ours(&both)
        .our_tags(&[("latest", "1.0.0")])
        .theirs(&both)
        .their_tags(&[("latest", "2.0.0")])
        .blocked("2.0.0", Source::Removal)
        .planned();
    assert_eq!(texts(&plan.losses.shown_again), ["2.0.0"]);
    assert!(plan.losses.returned.contains(&Some(version("2.0.0"))));
    assert_eq!(plan.tags(), [("latest", "2.0.0")]);
    assert_eq!(texts(&plan.fetch), ["2.0.0"]);
}

#[test]
fn what_comes_back_with_other_bytes_stays_as_it_first_was() {
    let plan = Case::new()
        .ours(&[v("1.0.0"), v("2.0.0")])
        .theirs(&[v("1.0.0"), v("2.0.0").promising([sha512(9)])])
        .blocked("2.0.0", Source::Removal)
        .planned();
    plan.warns_of(&["(conflict)"]);
    assert!(plan.changed.is_empty());
    assert_eq!(texts(&plan.losses.shown_again), ["2.0.0"]);
}

#[test]
fn what_an_operator_blocked_stays_hidden_whatever_upstream_has() {
    let plan = Case::new()
        .ours(&[v("1.0.0"), v("2.0.0")])
        .theirs(&[v("1.0.0"), v("2.0.0").noted("changed"), v("3.0.0")])
        .their_tags(&[("latest", "3.0.0")])
        .blocked("2.0.0", Source::Operator)
        .blocked("3.0.0", Source::Operator)
        .planned();
    assert!(plan.added.is_empty() && plan.changed.is_empty());
    assert!(plan.losses.shown_again.is_empty() && plan.losses.returned.is_empty());
    assert_eq!(plan.tags(), [("latest", "1.0.0")]);
    assert_eq!(texts(&plan.fetch), ["1.0.0"]);
}

fn holder(case: Case) -> Case {
    case.theirs(&[v("0.0.1-security")])
        .their_outline(|outline| {
            let raw = r#""npm/security-holder""#.to_owned();
            let raw = serde_json::value::RawValue::from_string(raw).expect("JSON");
            outline.root = vec![("repository".to_owned(), raw)];
        })
}

#[test]
fn what_a_security_holder_replaced_is_blocked_at_once_whatever_the_policy() {
    for policy in [
        RemovalPolicy::Keep,
        RemovalPolicy::Block,
        RemovalPolicy::Delete,
    ] {
        let case = Case::new()
            .ours(&[v("1.0.0").held(), v("2.0.0").held()])
            .our_tags(&[("latest", "2.0.0")])
            .policy_of_removals(policy);
        let plan = holder(case).planned();
        assert_eq!(texts(plan.losses.blocked.keys()), ["1.0.0", "2.0.0"]);
        assert_eq!(plan.losses.absence, Some(Absence::SecurityHolder));
        assert_eq!(plan.tags(), [("latest", "0.0.1-security")]);
    }
}

#[test]
fn a_version_that_is_only_called_so_is_no_security_holder() {
    let case = lost(RemovalPolicy::Keep).theirs(&[v("0.0.1-security")]);
    assert!(case.planned().losses.blocked.is_empty(), "nothing says so");
    let case = holder(lost(RemovalPolicy::Keep)).theirs(&[v("0.0.1-security"), v("1.0.0")]);
    assert!(case.planned().losses.blocked.is_empty(), "others are left");
}
