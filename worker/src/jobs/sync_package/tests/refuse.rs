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
fn an_unpublished_package_is_not_found_and_what_we_have_is_kept() {
    let case = Case::new()
        .ours(&[v("1.0.0")])
        .their_outline(|outline| outline.is_unpublished = true);
    let (code, text) = refused(&case);
    assert_eq!(code, ErrorCode::NotFound);
    assert!(
        text.contains("unpublished; what the mirror has is kept"),
        "{text}"
    );
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
        modified_at: modified.and_then(at),
        etag: None,
        last_modified: last_modified.map(str::to_owned),
    }
}

const MONDAY: &str = "2026-01-05T00:00:00.000Z";
const TUESDAY: &str = "2026-01-06T00:00:00.000Z";
const HTTP_MONDAY: &str = "Mon, 05 Jan 2026 00:00:00 GMT";
const HTTP_TUESDAY: &str = "Tue, 06 Jan 2026 00:00:00 GMT";

#[test]
fn age_goes_by_rev_then_modified_then_last_modified_and_unknown_is_newer() {
    let (mon, tue) = (Some(MONDAY), Some(TUESDAY));
    let (http_mon, http_tue) = (Some(HTTP_MONDAY), Some(HTTP_TUESDAY));
    for (ours, theirs, is_older) in [
        // `_rev` decides, whatever the times say.
        (
            mark(Some("8-a"), mon, None),
            mark(Some("7-b"), tue, None),
            true,
        ),
        (
            mark(Some("7-a"), tue, None),
            mark(Some("8-b"), mon, None),
            false,
        ),
        (
            mark(Some("9-a"), None, None),
            mark(Some("10-b"), None, None),
            false,
        ),
        (
            mark(Some("10-a"), None, None),
            mark(Some("9-b"), None, None),
            true,
        ),
        // Equal or unknown: the times decide.
        (
            mark(Some("8-a"), tue, None),
            mark(Some("8-b"), mon, None),
            true,
        ),
        (
            mark(None, tue, http_mon),
            mark(Some("1-b"), mon, http_tue),
            true,
        ),
        (mark(Some("8-a"), mon, None), mark(None, tue, None), false),
        (
            mark(Some("x"), tue, None),
            mark(Some("1-b"), tue, None),
            false,
        ),
        // Equal or unknown again: the header decides.
        (mark(None, None, http_tue), mark(None, None, http_mon), true),
        (mark(None, tue, http_tue), mark(None, None, http_mon), true),
        (
            mark(None, None, http_mon),
            mark(None, None, http_tue),
            false,
        ),
        (
            mark(None, None, Some("nonsense")),
            mark(None, None, http_mon),
            false,
        ),
        // Nothing is known.
        (mark(None, tue, None), mark(None, None, None), false),
        (
            mark(None, None, None),
            mark(Some("1-b"), mon, http_mon),
            false,
        ),
    ] {
        let case = Case::new()
            .ours(&[v("1.0.0")])
            .our_mark(ours.clone())
            .theirs(&[v("1.0.0"), v("1.1.0")])
            .their_mark(theirs.clone());
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
        .our_mark(mark(Some("9-a"), at(TUESDAY).map(|_| TUESDAY), None))
        .theirs(&[v("1.0.0")])
        .their_mark(mark(Some("1-b"), Some(MONDAY), None));
    assert!(case.plan().is_ok(), "revision 0 shows nothing to protect");
}
