//! What an npm repository of an Artifactory is asked for, and what is made of its answers.

use std::{sync::Arc, time::Duration};

use weir_domain::{
    RegistryKind, Timestamp,
    catalogue::{CatalogueSettings, Reference, Stamp, Strategy},
};
use weir_testkit::{
    Artifactory, ArtifactoryFault as Fault, PackageSpec, VersionSpec,
    artifactory::{NPM, TOKEN},
};
use weir_upstream::{
    Authorization,
    catalogue::{CatalogueSource, Listing, SourceError},
};

use super::shelf::{Plan, short};
use crate::setup::registry_at;

const QUERY: &str = "POST /api/search/aql";

fn plan(server: &Artifactory) -> Plan {
    let mut registry = registry_at(&server.url(), true);
    registry.kind = RegistryKind::Artifactory;
    let mut config = short();
    config.hosts.max_wait = Duration::from_secs(10);
    Plan {
        registry,
        settings: CatalogueSettings {
            strategy: Strategy::Npm,
            repository: Some(NPM.to_owned()),
            ..CatalogueSettings::default()
        },
        authorization: None,
        config,
    }
}

/// Read as anybody.
fn source(server: &Artifactory) -> Arc<dyn CatalogueSource> {
    plan(server).source()
}

/// Read with a token.
fn known(server: &Artifactory) -> Arc<dyn CatalogueSource> {
    let mut plan = plan(server);
    plan.authorization = Authorization::bearer(TOKEN);
    plan.source()
}

fn package(name: &str, versions: usize) -> PackageSpec {
    let numbers = (0..versions).map(|number| format!("1.{number}.0"));
    PackageSpec::with_versions(name, numbers, |version| version.field("keywords", ["made"]))
}

async fn serving(packages: impl IntoIterator<Item = PackageSpec>) -> Artifactory {
    let server = Artifactory::start([]).await;
    for package in packages {
        server.publish(&package);
    }
    server
}

fn reference(text: &str) -> Reference {
    text.parse().expect("a reference")
}

fn revision(listing: &Listing, text: &str) -> Option<String> {
    let found = listing
        .found
        .iter()
        .find(|one| one.reference == reference(text));
    let stamp = found.expect("it is listed").stamp.clone();
    stamp.map(|stamp| stamp.revision)
}

fn cut(listing: &Listing) -> (Vec<String>, Vec<String>) {
    let found = listing.found.iter().map(|one| one.reference.to_string());
    let unread = listing.unread.iter().map(ToString::to_string);
    (found.collect(), unread.collect())
}

/// Looks at all that is listed, and reads it.
async fn read_all(source: &dyn CatalogueSource, listing: &Listing) {
    for one in &listing.found {
        let looked = source.look(&one.reference).await.expect("an answer");
        assert_eq!(looked, one.stamp);
        let stamp = one.stamp.as_ref().expect("a digest");
        let reading = source.read(&one.reference, stamp).await.expect("a reading");
        assert_eq!(reading.facts.topics, ["made"], "{}", one.reference);
    }
}

#[tokio::test]
async fn a_document_is_fetched_once_to_be_listed_and_once_for_all_its_versions() {
    let server = serving((0..12).map(|n| package(&format!("@s/p{n}"), 40))).await;
    let source = source(&server);
    let listing = source.list().await.expect("a listing");
    assert_eq!(listing.found.len(), 12 * 40);
    assert_eq!(server.on("GET /api/npm/npm-local/@s*").count(), 12);
    read_all(source.as_ref(), &listing).await;
    assert_eq!(server.on("GET /api/npm/npm-local/@s*").count(), 24);
    let asked = u64::try_from(server.asked().len()).expect("few");
    assert_eq!(asked, 25);
    assert_eq!(source.spent().requests, asked, "every request is counted");
    server.assert_nothing_unexpected();
}

#[tokio::test]
async fn versions_of_a_large_package_are_read_in_any_order() {
    // More than are kept of a document at once, and listed in another order than they came.
    let server = serving([package("large", 1100)]).await;
    let source = source(&server);
    let listing = source.list().await.expect("a listing");
    assert_eq!(listing.found[1].reference.to_string(), "large/1.1.0");
    assert_eq!(listing.found[2].reference.to_string(), "large/1.10.0");
    read_all(source.as_ref(), &listing).await;
    assert_eq!(server.on("GET */large").count(), 2);
}

#[tokio::test]
async fn what_changes_after_a_listing_is_seen_by_who_looks_then() {
    let server = serving([package("a", 2), package("b", 1)]).await;
    let source = source(&server);
    let first = reference("a/1.0.0");
    let before = source.look(&first).await.expect("an answer");
    server.publish(&package("a", 2).without_version("1.0.0"));
    // One document for one question, and all that are like it.
    assert_eq!(source.look(&first).await.expect("an answer"), before);
    let listing = source.list().await.expect("a listing");
    assert_eq!(cut(&listing).0, ["a/1.1.0", "b/1.0.0"]);
    assert_eq!(source.look(&first).await.expect("an answer"), None);
    // It went between the listing and the reading; another is not what it was.
    server.publish(&package("b", 1).version("1.0.0", VersionSpec::other_bytes));
    let listed = &listing.found[1];
    let stamp = listed.stamp.as_ref().expect("a digest");
    let error = source.read(&listed.reference, stamp).await;
    assert!(
        matches!(error, Err(SourceError::Mismatch { .. })),
        "{error:?}"
    );
    let error = source.read(&first, stamp).await;
    assert!(matches!(error, Err(SourceError::Vanished(_))), "{error:?}");
}

#[tokio::test]
async fn a_proof_is_never_that_of_a_document_that_was_fetched_before() {
    let server = serving([package("a", 1)]).await;
    let plan = plan(&server).with_canary(&reference("a/1.0.0"));
    let source = plan.source();
    source.prove().await.expect("it is there");
    source.look(&reference("a/1.0.0")).await.expect("an answer");
    server.unpublish("a");
    let error = source.prove().await.expect_err("it is gone");
    assert!(matches!(error, SourceError::Unproven(_)), "{error:?}");
}

#[tokio::test]
async fn a_document_that_breaks_spoils_its_own_package() {
    let page = Fault::Html(200);
    let cut_off = [
        Fault::Half,
        Fault::Truncated,
        Fault::TruncatedChunked,
        Fault::Dropped,
    ];
    let odd = [
        Fault::json("[]"),
        Fault::json("{\"name\":\"a\"}"),
        Fault::status(403),
    ];
    for fault in cut_off
        .into_iter()
        .chain(odd)
        .chain([page, Fault::status(500)])
    {
        let server = serving(["a", "b", "c"].map(|name| package(name, 1))).await;
        let source = known(&server);
        let what = format!("{fault:?}");
        server.on("GET */b").always(fault);
        let listing = source.list().await.expect(&what);
        let (found, unread) = cut(&listing);
        assert_eq!(found, ["a/1.0.0", "c/1.0.0"], "{what}");
        assert_eq!(unread, ["_/b"], "{what}");
        assert_eq!(listing.warnings.len(), 1, "{what}: {:?}", listing.warnings);
        assert!(
            listing.warnings[0].starts_with("b could not be read"),
            "{what}"
        );
        // What is new in it meanwhile is found by its name.
        assert!(listing.cursor.is_some(), "{what}");
        server.publish(&package("b", 2));
        let key = reference("b/1.0.0").key;
        source.all_of(&key).await.expect_err("it is not readable");
        server.heal();
        let found = source.all_of(&key).await.expect("an answer");
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, ["b/1.0.0", "b/1.1.0"], "{what}");
        let listing = source.list().await.expect("a listing");
        assert!(listing.unread.is_empty() && listing.cursor.is_some());
    }
}

#[tokio::test]
async fn a_document_that_breaks_off_once_is_fetched_again() {
    for fault in [
        Fault::Half,
        Fault::Truncated,
        Fault::Dropped,
        Fault::status(503),
    ] {
        let server = serving(["a", "b"].map(|name| package(name, 1))).await;
        server.on("GET */b").once(fault);
        let source = source(&server);
        let listing = source.list().await.expect("a listing");
        assert_eq!((listing.found.len(), listing.unread.len()), (2, 0));
        assert_eq!(source.spent().retries, 1);
        assert_eq!(source.spent().requests, 4);
    }
}

#[tokio::test]
async fn documents_that_all_break_are_the_sources_fault() {
    let server = serving((0..70).map(|n| package(&format!("p{n:02}"), 1))).await;
    server.on("GET */p*").always(Fault::json("7"));
    let source = source(&server);
    let error = source.list().await.expect_err("nothing to be listed");
    assert!(matches!(error, SourceError::Invalid(_)), "{error:?}");
    let asked = server.on("GET */p*").count();
    assert!((50..70).contains(&asked), "{asked}");
    // After the first that failed, and after every ten, it had to prove itself.
    assert_eq!(server.on("GET */-/all").count(), 1 + 5);

    let server = serving([package("a", 1), package("b", 1)]).await;
    server.on("GET */a").always(Fault::json("7"));
    server.on("GET */b").always(Fault::json("7"));
    let error = self::source(&server).list().await.expect_err("nothing");
    assert!(matches!(error, SourceError::Invalid(_)), "{error:?}");
}

#[tokio::test]
async fn single_documents_that_break_cost_one_proof() {
    let names = (0..40).map(|n| package(&format!("p{n:02}"), 1));
    let server = serving(names).await;
    server.on("GET */p*5").always(Fault::json("7"));
    let listing = source(&server).list().await.expect("a listing");
    assert_eq!((listing.found.len(), listing.unread.len()), (36, 4));
    assert_eq!(server.on("GET */-/all").count(), 1 + 1);
}

#[tokio::test]
async fn a_listing_that_is_too_large_ends_where_it_is() {
    let server = serving((0..40).map(|n| package(&format!("p{n:02}"), 3))).await;
    let listing_of = async |limit| {
        server.forget();
        let mut plan = plan(&server);
        plan.config.catalogue.listing_entries = limit;
        plan.source().list().await
    };
    let names = listing_of(39).await.expect_err("too many names");
    assert!(matches!(names, SourceError::TooLarge(_)), "{names:?}");
    assert_eq!(server.on("GET */p*").count(), 0);
    let versions = listing_of(45).await.expect_err("too many versions");
    assert!(matches!(versions, SourceError::TooLarge(_)), "{versions:?}");
    assert!(server.on("GET */p*").count() < 30);
    assert_eq!(listing_of(120).await.expect("all").found.len(), 120);
}

#[tokio::test]
async fn a_readme_is_that_of_the_version_that_is_tagged() {
    let readme = |text: &str| serde_json::Value::from(text).to_string();
    let fine = "é\n".repeat(300);
    let long = "x".repeat(1001);
    for (text, is_kept) in [(&fine, true), (&long, false)] {
        let package = package("a", 3).tag("latest", "1.1.0");
        let server = serving([package.root_field("readme", &readme(text))]).await;
        let source = source(&server);
        let listing = source.list().await.expect("a listing");
        for (number, one) in listing.found.iter().enumerate() {
            let stamp = one.stamp.as_ref().expect("a digest");
            let reading = source.read(&one.reference, stamp).await.expect("a reading");
            let wanted = (number == 1 && is_kept).then(|| text.clone());
            assert_eq!(reading.readme, wanted, "{}", one.reference);
        }
    }
}

#[tokio::test]
async fn a_proof_does_not_wait_for_documents_that_wait_for_it() {
    let server = serving((0..30).map(|n| package(&format!("p{n:02}"), 1))).await;
    server.on("GET */p0*").always(Fault::json("7"));
    let mut plan = plan(&server).with_canary(&reference("p20/1.0.0"));
    plan.config.hosts.max_concurrent = 2;
    let source = plan.source();
    let listing = tokio::time::timeout(Duration::from_secs(8), source.list()).await;
    let listing = listing.expect("in time").expect("a listing");
    assert_eq!((listing.found.len(), listing.unread.len()), (20, 10));
}

#[tokio::test]
async fn credentials_that_expire_while_documents_are_read_end_the_listing() {
    let server = serving((0..40).map(|n| package(&format!("p{n:02}"), 1))).await;
    server.on("GET *").after(12, Fault::status(401));
    let error = known(&server).list().await.expect_err("no listing");
    assert!(error.to_string().contains("401"), "{error}");
    assert!(server.asked().len() < 30, "{}", server.asked().len());
}

#[tokio::test]
async fn the_digest_that_there_is_is_the_revision() {
    let package = PackageSpec::new("a")
        .version("1.0.0", |version| version)
        .version("2.0.0", VersionSpec::shasum_only)
        .version("3.0.0", VersionSpec::undigested)
        // It is not what it is listed as.
        .version("4.0.0", |version| {
            version.registry_field("version", "\"4.0.1\"")
        })
        .version("5.0", |version| version);
    let server = serving([package.clone()]).await;
    let source = source(&server);
    let listing = source.list().await.expect("a listing");
    let tarball = |number: &str| package.find(number).expect("there").tarball("a").clone();
    let found = revision(&listing, "a/1.0.0");
    assert_eq!(found.as_deref(), Some(&*tarball("1.0.0").integrity));
    let found = revision(&listing, "a/2.0.0").expect("a digest");
    assert!(found.starts_with("sha1-"), "{found}");
    let found = revision(&listing, "a/3.0.0").expect("a digest");
    assert!(found.starts_with("manifest-"), "{found}");
    let stamp = Stamp {
        revision: found,
        at: None,
    };
    let reading = source.read(&reference("a/3.0.0"), &stamp).await;
    assert!(reading.is_ok(), "{reading:?}");
    // It is there, so it has not gone; what it is nobody can tell.
    assert_eq!(revision(&listing, "a/4.0.0"), None);
    let error = source
        .look(&reference("a/4.0.0"))
        .await
        .expect_err("broken");
    assert!(matches!(error, SourceError::Invalid(_)), "{error:?}");
    assert_eq!(listing.found.len(), 4);
    assert_eq!(listing.warnings.len(), 1, "{:?}", listing.warnings);
    assert!(
        listing.warnings[0].contains("a@5.0"),
        "{:?}",
        listing.warnings
    );
}

#[tokio::test]
async fn what_is_no_name_is_passed_over_with_a_warning() {
    let server = serving([package("a", 1)]).await;
    for odd in ["a b", "@only", "@_/a", "x/y", "..", "100%", "@_s/a", "_x"] {
        server.list_stale(odd);
    }
    server.list_stale("gone");
    let listing = source(&server).list().await.expect("a listing");
    assert_eq!(cut(&listing), (vec!["a/1.0.0".to_owned()], vec![]));
    // What begins with a line is about the listing.
    assert_eq!(listing.warnings.len(), 7, "{:?}", listing.warnings);
    server.assert_nothing_unexpected();
}

#[tokio::test]
async fn the_tarballs_that_changed_are_asked_for_with_a_token() {
    let server = serving((0..7).map(|n| package(&format!("@s/p{n}"), 2))).await;
    let source = known(&server);
    let listing = source.list().await.expect("a listing");
    let cursor = listing.cursor.expect("it can tell");
    let query = server.asked()[0].clone();
    assert_eq!(query.what, QUERY, "before anything is read");

    // Pages of three rows; the overlap has all of them.
    let changes = source.changes(cursor).await.expect("an answer");
    let changes = changes.expect("it can tell");
    assert_eq!((changes.found.len(), changes.cursor), (14, Some(cursor)));
    assert!(changes.found.iter().all(|one| one.stamp.is_none()));
    let later = Timestamp(cursor.0 + 3_600_000);
    server.set_ahead(2 * 3_600_000);
    server.publish(&package("@s/p3", 3));
    server.put(NPM, "somewhere/else.tgz", "a file");
    server.put(NPM, "_odd/-/_odd-1.0.0.tgz", "a file");
    let changes = source.changes(later).await.expect("an answer");
    let changes = changes.expect("it can tell");
    assert_eq!(cut(&changes).0, ["p3/1.2.0@s"]);
    assert_eq!(changes.warnings.len(), 2, "{:?}", changes.warnings);
    assert!(changes.cursor > Some(later));
    server.assert_nothing_unexpected();
}

#[tokio::test]
async fn who_may_not_ask_queries_is_told_nothing_of_changes() {
    let server = serving([package("a", 1)]).await;
    let anybody = source(&server);
    assert_eq!(anybody.list().await.expect("a listing").cursor, None);
    assert_eq!(
        anybody.changes(Timestamp(0)).await.expect("an answer"),
        None
    );
    assert_eq!(server.on(QUERY).count(), 0);
    for status in [400, 403, 404, 405] {
        server.on(QUERY).always(Fault::status(status));
        let source = known(&server);
        let listing = source.list().await.expect("a listing");
        assert_eq!((listing.cursor, listing.warnings.len()), (None, 0));
        assert_eq!(source.changes(Timestamp(0)).await.expect("an answer"), None);
        server.heal();
    }
    // That it failed is another thing.
    for fault in [Fault::status(401), Fault::status(500), Fault::Half] {
        server.on(QUERY).always(fault);
        let source = known(&server);
        let listing = source.list().await.expect("a listing");
        assert_eq!((listing.cursor, listing.warnings.len()), (None, 1));
        source.changes(Timestamp(0)).await.expect_err("no answer");
        server.heal();
    }
    server.trim_at(0);
    let error = known(&server).changes(Timestamp(0)).await;
    assert!(matches!(error, Err(SourceError::Invalid(_))), "{error:?}");
}
