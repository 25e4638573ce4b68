//! A source is not believed before it shows that it knows us.

use weir_domain::catalogue::Strategy;
use weir_upstream::catalogue::SourceError;

use super::shelf::{LOCAL, Plan, Shelf, Upload, artifactory, ok, plain, serve, serve_well, shelf};
use crate::wire::{Act, Wire, reply};

const NAME: &str = "v2/users/check_credentials";
const REPOSITORIES: &str = "/artifactory/api/repositories";

fn canary() -> Upload {
    Upload::new("canary/1.0@sifli", "  pass", "")
}

/// An Artifactory that knows the reader and shows the canary.
fn honest() -> Shelf {
    let mut shelf = shelf(LOCAL, &[&canary()]);
    shelf.insert(format!("{LOCAL}{NAME}"), b"reader".to_vec());
    let all = br#"[{"key":"other"},{"key":"local","type":"LOCAL","packageType":"Conan"}]"#;
    shelf.insert(REPOSITORIES.to_owned(), all.to_vec());
    shelf
}

fn plan(wire: &Wire) -> Plan {
    artifactory(wire, Strategy::Conan)
        .with_password()
        .with_canary(&canary().reference)
}

#[tokio::test]
async fn an_honest_source_is_believed() {
    plan(&serve_well(honest()))
        .source()
        .prove()
        .await
        .expect("proven");
    plain(&serve_well(shelf("/", &[])))
        .source()
        .prove()
        .await
        .expect("it answers");
}

#[tokio::test]
async fn a_source_that_does_not_know_us_is_not_believed() {
    let latest = format!("{LOCAL}{}/latest", canary().place());
    // Where it answers otherwise, with what; nothing is 404.
    let table: [(&str, &str, Option<&[u8]>); 7] = [
        (NAME, "200 OK", Some(b"anonymous")),
        (NAME, "200 OK", Some(b"somebody")),
        (NAME, "401 Unauthorized", Some(b"{}")),
        (REPOSITORIES, "200 OK", Some(b"[]")),
        (REPOSITORIES, "403 Forbidden", Some(b"{}")),
        (&latest, "404 Not Found", Some(b"{}")),
        ("v1/ping", "401 Unauthorized", Some(b"{}")),
    ];
    for (path, status, body) in table {
        let (end, status) = (path.to_owned(), status.to_owned());
        let body = body.unwrap_or_default();
        let wire = serve(honest(), move |seen, _| {
            let is_there = seen.path().ends_with(&end);
            is_there.then(|| vec![Act::Send(reply(&status, &[], body))])
        });
        let error = plan(&wire).source().prove().await.expect_err(path);
        assert!(
            matches!(error, SourceError::Unproven(_)),
            "{path}: {error:?}"
        );
    }
}

#[tokio::test]
async fn what_a_proxy_keeps_to_itself_is_no_lie() {
    let mut shelf = honest();
    shelf.remove(REPOSITORIES);
    shelf.remove(&format!("{LOCAL}{NAME}"));
    plan(&serve_well(shelf))
        .source()
        .prove()
        .await
        .expect("the canary is there");
}

#[tokio::test]
async fn a_listing_that_lacks_what_must_be_there_is_not_believed() {
    for (status, body) in [
        ("200 OK", r#"{"results":[]}"#),
        ("200 OK", r#"{"results":["other/1.0@sifli"]}"#),
        ("404 Not Found", r#"{"errors":[]}"#),
    ] {
        let wire = serve(honest(), move |seen, _| {
            let is_listing = seen.path().contains("search");
            is_listing.then(|| vec![Act::Send(reply(status, &[], body.as_bytes()))])
        });
        let source = plan(&wire).source();
        source.prove().await.expect("proven");
        let error = source.list().await.expect_err(body);
        assert!(matches!(error, SourceError::Unproven(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_web_page_is_no_conan_server() {
    let wire = Wire::saying(ok(b"<html>\n<title>Welcome</title>"));
    let error = plain(&wire).source().prove().await.expect_err("a page");
    assert!(matches!(error, SourceError::Invalid(_)), "{error:?}");
}
