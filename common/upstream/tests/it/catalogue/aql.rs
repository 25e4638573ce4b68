//! The query language: pages, what changed, and listings that are not complete.

use std::time::Duration;

use weir_domain::{Timestamp, catalogue::Strategy};
use weir_upstream::catalogue::{CatalogueSource, SourceError};

use super::shelf::{LOCAL, Shelf, Upload, artifactory, ok, serve, shelf};
use crate::wire::{Act, Seen, Wire, reply};

/// One manifest at a time of the server's.
fn row(path: &str, created: &str) -> String {
    format!(
        r#"{{"repo":"local","path":"{path}","name":"conanmanifest.txt","size":"17","type":"file","created":"{created}","modified":"2020-01-01T00:00:00.000Z","new":[]}}"#
    )
}

fn rows(count: usize) -> Vec<String> {
    let path = |n| format!("u/p{n:03}/1.0/_/r{n}/export");
    (0..count)
        .map(|n| row(&path(n), "2023-11-14T22:13:20.123Z"))
        .collect()
}

fn offset(seen: &Seen) -> usize {
    let query = String::from_utf8_lossy(&seen.body).into_owned();
    let number = query
        .split("offset(")
        .nth(1)
        .and_then(|rest| rest.split(')').next());
    number
        .and_then(|text| text.parse().ok())
        .expect("an offset")
}

/// Writes a page, as the server does: its total is that of the page.
fn page(rows: &[String]) -> Vec<Act> {
    let body = format!(
        r#"{{"results":[{}],"range":{{"start_pos":0,"end_pos":{n},"total":{n},"limit":3}}}}"#,
        rows.join(","),
        n = rows.len()
    );
    vec![Act::Send(ok(body.as_bytes()))]
}

/// Serves three rows at a time of what `table` is at the time of each request.
fn serve_rows(table: impl Fn(usize) -> Vec<String> + Send + Sync + 'static) -> Wire {
    serve(Shelf::new(), move |seen, count| {
        assert_eq!(seen.line, "POST /artifactory/api/search/aql HTTP/1.1");
        assert_eq!(seen.header("content-type"), Some("text/plain"));
        let rows: Vec<_> = table(count)
            .into_iter()
            .skip(offset(seen))
            .take(3)
            .collect();
        Some(page(&rows))
    })
}

fn source(wire: &Wire) -> std::sync::Arc<dyn CatalogueSource> {
    artifactory(wire, Strategy::Aql).with_password().source()
}

#[tokio::test]
async fn every_page_is_read_whatever_the_total_says() {
    for count in [0, 1, 2, 3, 4, 5, 6, 7, 50] {
        let wire = serve_rows(move |_| rows(count));
        let listing = source(&wire).list().await.expect("a listing");
        assert_eq!(listing.found.len(), count);
        assert!(listing.warnings.is_empty(), "{:?}", listing.warnings);
        let known = |at: &Option<_>| at.is_some();
        assert!(listing.found.iter().all(|one| known(&one.stamp)));
        let cursor = (count > 0).then_some(Timestamp(1_700_000_000_123));
        assert_eq!(listing.cursor, cursor);
    }
}

#[tokio::test]
async fn a_table_that_moves_is_read_again() {
    // A row comes in front of the others, or goes there, after the first page.
    for (before, after) in [(0..9, 1..9), (1..9, 0..9)] {
        let expected = after.len().max(before.len());
        let wire = serve_rows(move |count| {
            let range = if count == 0 {
                before.clone()
            } else {
                after.clone()
            };
            rows(9)[range].to_vec()
        });
        let listing = source(&wire).list().await.expect("a listing");
        assert_eq!(listing.found.len(), expected);
        assert!(listing.warnings.is_empty());
    }
}

#[tokio::test]
async fn a_table_that_never_stands_still_is_read_as_far_as_it_goes() {
    // Every later page reaches back by one row more.
    let wire = serve(Shelf::new(), |seen, _| {
        let from = offset(seen).saturating_sub(1);
        let rows: Vec<_> = rows(9).into_iter().skip(from).take(3).collect();
        Some(page(&rows))
    });
    let listing = source(&wire).list().await.expect("a listing");
    assert_eq!((listing.found.len(), listing.warnings.len()), (9, 1));
    // The same page for ever.
    let wire = serve(Shelf::new(), |_, _| Some(page(&rows(3))));
    let error = source(&wire).list().await.expect_err("no end");
    assert!(matches!(error, SourceError::Invalid(_)), "{error:?}");
}

#[tokio::test]
async fn a_trimmed_listing_is_none() {
    let wire = serve(Shelf::new(), |_, _| {
        let body = br#"{"results":[],"notification":"AQL query reached the search hard limit, results are trimmed."}"#;
        Some(vec![Act::Send(ok(body))])
    });
    let error = source(&wire).list().await.expect_err("trimmed");
    assert!(
        matches!(&error, SourceError::Invalid(why) if why.contains("hard limit")),
        "{error:?}"
    );
}

#[tokio::test]
async fn rows_tell_the_latest_revision_in_any_spelling_of_time() {
    let wire = serve_rows(|_| {
        vec![
            row("_/a/1/_/old/export", "2023-11-14T22:13:20.123+0000"),
            row("_/a/1/_/new/export", "2023-11-15T04:13:20.123+04:00"),
            row("_/b/1/_/x/export", ""),
            row("_/b/1/_/y/export", "2023-11-14T22:13:20.123Z"),
            row("odd/export", "2023-11-14T22:13:20.123Z"),
        ]
    });
    let listing = source(&wire).list().await.expect("a listing");
    let found = listing.found.iter().map(|one| {
        let revision = one.stamp.as_ref().map_or("?", |stamp| &stamp.revision);
        format!("{} {revision}", one.reference)
    });
    let found: Vec<_> = found.collect();
    assert_eq!(found, ["a/1 new", "b/1 y"]);
    assert_eq!(listing.warnings.len(), 1);
}

#[tokio::test]
async fn changes_are_asked_for_from_before_the_last_known_one() {
    let since = Timestamp::parse("2023-11-14T22:00:00Z").expect("a time");
    let wire = serve_rows(|_| rows(2));
    let source = source(&wire);
    let changes = source
        .changes(since)
        .await
        .expect("an answer")
        .expect("it can tell");
    assert_eq!(changes.cursor, Some(Timestamp(1_700_000_000_123)));
    // Which revision is the latest is asked of the reference.
    assert!(changes.found.iter().all(|one| one.stamp.is_none()));
    assert_eq!(changes.found.len(), 2);
    let query = String::from_utf8(wire.seen()[0].body.clone()).expect("text");
    let from = since.minus(Duration::from_mins(15));
    for field in ["created", "modified", "updated"] {
        let wanted = format!(r#"{{"{field}":{{"$gte":"{from}"}}}}"#);
        assert!(query.contains(&wanted), "{query}");
    }
    // Nothing new: the cursor stays.
    let wire = serve_rows(|_| Vec::new());
    let changes = self::source(&wire).changes(since).await.expect("an answer");
    assert_eq!(changes.expect("it can tell").cursor, Some(since));
}

#[tokio::test]
async fn a_query_that_fails_on_its_way_is_asked_again() {
    let wire = serve(Shelf::new(), |_, count| match count {
        0 => Some(vec![Act::Send(ok(br#"{"results":[{"path":"_/a/1/_/x/ex"#))]),
        _ => Some(page(&rows(1))),
    });
    let source = source(&wire);
    assert_eq!(source.list().await.expect("the second").found.len(), 1);
    assert_eq!(source.spent().retries, 1);
}

/// Serves these rows to whoever does not want them in order, as the open-source edition does.
fn serve_unsorted(shelf: Shelf, count: usize) -> Wire {
    serve(shelf, move |seen, _| {
        if !seen.path().ends_with("/api/search/aql") {
            return None;
        }
        let query = String::from_utf8_lossy(&seen.body).into_owned();
        if query.contains(".sort") {
            let message = br#"{"errors":[{"status":400,"message":"sorting is not supported"}]}"#;
            return Some(vec![Act::Send(reply("400 Bad Request", &[], message))]);
        }
        let limit = query.split("limit(").nth(1);
        let limit = limit.and_then(|rest| rest.split(')').next()?.parse().ok());
        let rows = rows(count).into_iter().rev();
        Some(page(
            &rows.take(limit.expect("a limit")).collect::<Vec<_>>(),
        ))
    })
}

#[tokio::test]
async fn an_edition_that_does_not_sort_is_asked_for_everything_at_once() {
    let wire = serve_unsorted(Shelf::new(), 50);
    let source = source(&wire);
    let listing = source.list().await.expect("a listing");
    assert_eq!((listing.found.len(), wire.seen().len()), (50, 2));
    assert_eq!(listing.cursor, Some(Timestamp(1_700_000_000_123)));
    assert!(listing.warnings[0].contains("does not sort"), "{listing:?}");
    let changes = source.changes(Timestamp(0)).await.expect("an answer");
    assert_eq!(changes.expect("it can tell").found.len(), 50);
    // A query that is refused whatever it says is an error.
    let wire = serve(Shelf::new(), |_, _| {
        Some(vec![Act::Send(reply("400 Bad Request", &[], b"{}"))])
    });
    let error = self::source(&wire).list().await.expect_err("refused");
    assert!(error.to_string().contains("400"), "{error}");
}

#[tokio::test]
async fn what_is_too_large_for_one_answer_is_listed_by_conans_interface() {
    let upload = Upload::new("a/1.0@u", "    pass", "");
    for (count, is_told) in [(5, true), (6, false)] {
        let wire = serve_unsorted(shelf(LOCAL, &[&upload]), count);
        let mut few = artifactory(&wire, Strategy::Aql).with_password();
        few.config.catalogue.listing_entries = 5;
        let source = few.source();
        let listing = source.list().await.expect("a listing");
        assert_eq!(listing.found.len(), if is_told { 5 } else { 1 });
        let said = if is_told {
            "does not sort"
        } else {
            "more than 5 rows"
        };
        assert!(listing.warnings[0].contains(said), "{listing:?}");
        let changes = source.changes(Timestamp(0)).await.expect("an answer");
        assert_eq!(changes.is_some(), is_told);
    }
}
