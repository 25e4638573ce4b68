//! Documents that are not taken: empty, unpublished, or older than what we have.

use weir_domain::{Decision, task::ErrorCode};

use super::*;

#[track_caller]
fn refused(case: &Case) -> (ErrorCode, String) {
    let error = case.plan().expect_err("refused");
    assert_eq!(error.decision, Decision::GiveUp);
    (error.code, error.message)
}

#[test]
fn an_empty_document_is_refused_and_what_we_have_is_kept() {
    let (code, text) = refused(&Case::new().theirs(&[]));
    assert_eq!(code, ErrorCode::UpstreamInvalid);
    assert!(!text.contains("kept"), "{text}");
    let (code, text) = refused(&Case::new().ours(&[v("1.0.0")]).theirs(&[]).force());
    assert_eq!(code, ErrorCode::UpstreamInvalid);
    assert!(text.ends_with("what the mirror has is kept"), "{text}");
}

#[test]
fn a_document_without_one_usable_version_is_refused() {
    let case = Case::new().theirs(&[v("1.0.0").promising([])]);
    assert_eq!(refused(&case).0, ErrorCode::UpstreamInvalid);
    let case = Case::new()
        .ours(&[v("1.0.0")])
        .theirs(&[v("1.0.0").promising([])]);
    assert!(case.plan().is_ok(), "what we have can still be shown");
}

fn mark(
    revision: Option<&str>,
    modified: Option<&str>,
    last_modified: Option<&str>,
) -> UpstreamMark {
    UpstreamMark {
        revision: revision.map(str::to_owned),
        modified_at: modified.map(at),
        etag: None,
        last_modified: last_modified.map(str::to_owned),
    }
}

const MONDAY: &str = "2026-01-05T00:00:00.000Z";
const TUESDAY: &str = "2026-01-06T00:00:00.000Z";
const HTTP_MONDAY: &str = "Mon, 05 Jan 2026 00:00:00 GMT";
const HTTP_TUESDAY: &str = "Tue, 06 Jan 2026 00:00:00 GMT";

/// Ours, theirs, and whether theirs is older: `_rev`, `modified`, `last-modified` of each.
type Ages = (Age, Age, bool);
type Age = (
    Option<&'static str>,
    Option<&'static str>,
    Option<&'static str>,
);

const MON: Option<&str> = Some(MONDAY);
const TUE: Option<&str> = Some(TUESDAY);
const HTTP_MON: Option<&str> = Some(HTTP_MONDAY);
const HTTP_TUE: Option<&str> = Some(HTTP_TUESDAY);

const AGES: [Ages; 14] = [
    // `_rev` decides, whatever the times say.
    ((Some("8-a"), MON, None), (Some("7-b"), TUE, None), true),
    ((Some("7-a"), TUE, None), (Some("8-b"), MON, None), false),
    ((Some("9-a"), None, None), (Some("10-b"), None, None), false),
    ((Some("10-a"), None, None), (Some("9-b"), None, None), true),
    // Equal or unknown: the times decide.
    ((Some("8-a"), TUE, None), (Some("8-b"), MON, None), true),
    ((None, TUE, HTTP_MON), (Some("1-b"), MON, HTTP_TUE), true),
    ((Some("8-a"), MON, None), (None, TUE, None), false),
    ((Some("x"), TUE, None), (Some("1-b"), TUE, None), false),
    // Unknown again: the header decides.
    ((None, None, HTTP_TUE), (None, None, HTTP_MON), true),
    ((None, TUE, HTTP_TUE), (None, None, HTTP_MON), true),
    ((None, None, HTTP_MON), (None, None, HTTP_TUE), false),
    (
        (None, None, Some("nonsense")),
        (None, None, HTTP_MON),
        false,
    ),
    // Nothing is known.
    ((None, TUE, None), (None, None, None), false),
    ((None, None, None), (Some("1-b"), MON, HTTP_MON), false),
];

#[test]
fn age_goes_by_rev_then_modified_then_last_modified_and_unknown_is_newer() {
    for (ours, theirs, is_older) in AGES {
        let case = Case::new()
            .ours(&[v("1.0.0")])
            .our_mark(mark(ours.0, ours.1, ours.2))
            .theirs(&[v("1.0.0"), v("1.1.0")])
            .their_mark(mark(theirs.0, theirs.1, theirs.2));
        let shown = format!("{ours:?} then {theirs:?}");
        match case.plan() {
            Ok(plan) => {
                assert!(!is_older, "{shown}");
                assert_eq!(plan.added.len(), 1);
            }
            Err(error) => {
                assert!(is_older, "{shown}");
                assert_eq!(error.code, ErrorCode::StaleUpstream);
                assert!(
                    error.message.ends_with("which is kept"),
                    "{}",
                    error.message
                );
            }
        }
        assert!(case.force().plan().is_ok(), "force takes it: {shown}");
    }
}

#[test]
fn nothing_is_older_than_nothing() {
    let case = Case::new()
        .our_mark(mark(Some("9-a"), TUE, None))
        .theirs(&[v("1.0.0")])
        .their_mark(mark(Some("1-b"), MON, None));
    assert!(case.plan().is_ok(), "revision 0 shows nothing to protect");
}
