//! What is shown beside the versions: tags, other root fields, instants.

use serde_json::value::RawValue;

use super::*;
use crate::jobs::sync_package::tags;

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).expect("JSON")
}

#[test]
fn tags_point_at_what_is_here() {
    struct Row {
        theirs: &'static [(&'static str, &'static str)],
        former: &'static [(&'static str, &'static str)],
        shown: &'static [(&'static str, &'static str)],
        warnings: usize,
    }
    let rows = [
        // As upstream says.
        Row {
            theirs: &[("latest", "1.0.0"), ("next", "2.0.0-b")],
            former: &[],
            shown: &[("latest", "1.0.0"), ("next", "2.0.0-b")],
            warnings: 0,
        },
        // A target that is not here: the former one, if it is.
        Row {
            theirs: &[("latest", "3.0.0"), ("next", "nonsense")],
            former: &[("latest", "1.0.0"), ("next", "9.0.0")],
            shown: &[("latest", "1.0.0")],
            warnings: 2,
        },
        // No former one: `latest` is the highest stable, others are left out.
        Row {
            theirs: &[("latest", "3.0.0"), ("beta", "3.0.0")],
            former: &[],
            shown: &[("latest", "1.1.0")],
            warnings: 2,
        },
        // Upstream has no `latest` at all.
        Row {
            theirs: &[("next", "2.0.0-b")],
            former: &[("latest", "1.0.0")],
            shown: &[("latest", "1.1.0"), ("next", "2.0.0-b")],
            warnings: 0,
        },
        // A tag that is gone upstream is gone here.
        Row {
            theirs: &[("latest", "1.1.0")],
            former: &[("latest", "1.0.0"), ("next", "2.0.0-b")],
            shown: &[("latest", "1.1.0")],
            warnings: 0,
        },
    ];
    let here = versions(&["1.0.0", "1.1.0", "2.0.0-b"]);
    for row in rows {
        let theirs = row.theirs.iter();
        let theirs = theirs.map(|(t, v)| ((*t).to_owned(), (*v).to_owned()));
        let former = row.former.iter();
        let former = former.map(|(t, v)| ((*t).to_owned(), version(v)));
        let tags = tags::shown(&theirs.collect(), &former.collect(), &here);
        let shown: Vec<_> = tags
            .shown
            .iter()
            .map(|(t, v)| (t.as_str(), v.as_str()))
            .collect();
        assert_eq!(shown, row.shown, "{:?}", row.theirs);
        assert_eq!(tags.warnings.len(), row.warnings, "{:?}", tags.warnings);
    }
}

#[test]
fn where_nothing_is_stable_latest_is_the_highest_of_all() {
    let plan = Case::new()
        .theirs(&[v("1.0.0-a.1"), v("1.0.0-a.10"), v("1.0.0-a.9")])
        .planned();
    assert_eq!(plan.tags(), [("latest", "1.0.0-a.10")]);
}

#[test]
fn a_tag_never_points_at_a_quarantined_version() {
    let plan = Case::new()
        .ours(&[v("1.0.0").held(), v("1.1.0").quarantined()])
        .our_tags(&[("latest", "1.0.0")])
        .theirs(&[v("1.0.0"), v("1.1.0")])
        .their_tags(&[("latest", "1.1.0")])
        .planned();
    assert!(plan.head.is_none(), "nothing shown changes");
    plan.warns_of(&["Tag latest points to 1.1.0, which is not here; it is kept at 1.0.0"]);
    assert_eq!(texts(&plan.fetch), ["1.1.0"], "but it is tried again");
}

#[test]
fn each_tag_that_moves_is_told() {
    let both = [v("1.0.0").held(), v("1.1.0").held()];
    let plan = Case::new()
        .ours(&both)
        .our_tags(&[("latest", "1.0.0"), ("gone", "1.0.0"), ("still", "1.0.0")])
        .theirs(&both)
        .their_tags(&[("latest", "1.1.0"), ("new", "1.0.0"), ("still", "1.0.0")])
        .planned();
    let moves: Vec<_> = plan
        .tag_moves
        .iter()
        .map(|(tag, to)| (tag.as_str(), to.as_ref().map(Version::as_str)))
        .collect();
    assert_eq!(
        moves,
        [
            ("gone", None),
            ("latest", Some("1.1.0")),
            ("new", Some("1.0.0"))
        ]
    );
    assert!(plan.head.is_some() && plan.added.is_empty() && plan.changed.is_empty());
}

#[test]
fn a_root_field_or_an_instant_alone_makes_a_new_revision() {
    let both = [v("1.0.0").held()];
    let case = |root: &str, modified: &str| {
        let (root, modified) = (raw(root), at(modified));
        Case::new()
            .ours(&both)
            .our_tags(&[("latest", "1.0.0")])
            .our_head(|head| {
                head.root = vec![("readme".to_owned(), raw(r#""hello""#))];
                head.modified_at = Some(at("2026-01-05T00:00:00.000Z"));
            })
            .theirs(&both)
            .their_tags(&[("latest", "1.0.0")])
            .their_outline(|outline| {
                outline.root = vec![("readme".to_owned(), root)];
                outline.modified = Some(modified);
            })
            .planned()
    };
    let (same, monday) = (r#""hello""#, "2026-01-05T00:00:00.000Z");
    assert!(case(same, monday).head.is_none());
    assert!(case(r#""hello!""#, monday).head.is_some());
    assert!(case(same, "2026-01-06T00:00:00.000Z").head.is_some());
}

#[test]
fn without_modified_the_newest_time_stands_in() {
    let plan = Case::new()
        .theirs(&[v("1.0.0")])
        .their_outline(|outline| {
            for (version, time) in [
                ("created", "2020-01-01T00:00:00.000Z"),
                ("1.0.0", "2021-01-01T00:00:00.000Z"),
                ("0.9.0", "2020-06-01T00:00:00.000Z"),
                ("odd", "not a time"),
            ] {
                outline.time.insert(version.to_owned(), time.to_owned());
            }
        })
        .planned();
    let head = plan.head.expect("new");
    assert_eq!(head.modified_at, Some(at("2021-01-01T00:00:00.000Z")));
    assert_eq!(head.time.len(), 4, "times are upstream's, all of them");
}
