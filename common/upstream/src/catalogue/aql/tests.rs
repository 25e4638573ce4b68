//! Paths, revisions and the text of queries.

use super::*;

#[test]
fn a_path_says_reference_and_revision() {
    let table = [
        (
            "sifli/sht30/0.0.5/_/4a2d/export",
            Some("sht30/0.0.5@sifli 4a2d"),
        ),
        ("_/a/1+3/_/0/export", Some("a/1+3 0")),
        ("_/a/1/_/0/package/x/y", None),
        ("_/a/1/_/0", None),
        ("export", None),
        ("u/a/1/_/b d/export", None),
        ("u/../1/_/0/export", None),
    ];
    for (path, wanted) in table {
        let found = place(path).map(|(reference, revision)| format!("{reference} {revision}"));
        assert_eq!(found.as_deref(), wanted, "{path}");
    }
}

#[test]
fn the_newest_revision_is_known_unless_two_are_close() {
    type Stamps = &'static [(&'static str, Option<i64>)];
    let table: [(Stamps, Option<&str>); 7] = [
        (&[("a", None)], Some("a")),
        (&[("a", Some(0)), ("b", Some(5000))], Some("b")),
        (&[("b", Some(5000)), ("a", Some(0))], Some("b")),
        (&[("a", Some(0)), ("b", Some(900))], None),
        (
            &[("a", Some(0)), ("b", Some(900)), ("c", Some(9000))],
            Some("c"),
        ),
        (&[("a", Some(0)), ("b", None)], None),
        (
            &[("c", Some(9000)), ("a", Some(0)), ("b", Some(9000))],
            None,
        ),
    ];
    for (stamps, wanted) in table {
        let mut newest = Newest::default();
        for (revision, at) in stamps {
            newest.offer(Stamp {
                revision: (*revision).to_owned(),
                at: at.map(Timestamp),
            });
        }
        let found = newest.stamp().map(|stamp| stamp.revision);
        assert_eq!(found.as_deref(), wanted, "{stamps:?}");
    }
}

#[test]
fn a_query_is_quoted() {
    let text = find(&json!({"name": "b"}), "a\"b", Some(Timestamp(0)));
    assert!(text.starts_with("items.find({"), "{text}");
    assert!(text.contains(r#""repo":"a\"b""#), "{text}");
    assert!(
        text.contains(r#"{"updated":{"$gte":"1970-01-01T00:00:00.000Z"}}"#),
        "{text}"
    );
}
