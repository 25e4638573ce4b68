//! What Conan's interface tells, of a plain server and of an Artifactory.

use futures::StreamExt;
use weir_domain::{
    Timestamp,
    catalogue::{Reference, Strategy},
};
use weir_upstream::catalogue::{CatalogueSource, SourceError};

use super::shelf::{
    LOCAL, Package, Upload, artifactory, ok, plain, serve, serve_well, shelf, shelf_with,
};
use crate::wire::{Act, Wire, reply};

fn sht30() -> Upload {
    Upload::new(
        "sht30/0.0.5+1@sifli",
        "  description = 'a sensor'\n  requires = 'i2c/[^1.0]@sifli'",
        "# Sensor\n",
    )
}

async fn listed(source: &dyn CatalogueSource) -> Vec<String> {
    let listing = source.list().await.expect("a listing");
    listing
        .found
        .iter()
        .map(|one| one.reference.to_string())
        .collect()
}

#[tokio::test]
async fn a_revision_is_read_with_all_it_says() {
    let upload = sht30();
    let package = Package::new("[requires]\ni2c/1.0.Z@sifli\nzlib/1.3\n");
    let mut shelf = shelf_with(LOCAL, &upload, &[package]);
    let revision = &upload.stamp.revision;
    let stats = format!(
        "/artifactory/api/storage/local/sifli/sht30/0.0.5%2B1/_/{revision}/export/conanfile.py?stats"
    );
    shelf.insert(stats, br#"{"downloadCount":42}"#.to_vec());
    let wire = serve_well(shelf);
    let source = artifactory(&wire, Strategy::Conan).source();

    let stamp = source
        .look(&upload.reference)
        .await
        .expect("an answer")
        .expect("there");
    assert_eq!(stamp.revision, upload.stamp.revision);
    assert_eq!(stamp.at, Some(Timestamp(1_700_000_000_123)));
    let reading = source
        .read(&upload.reference, &stamp)
        .await
        .expect("a reading");
    assert_eq!(reading.facts.description.as_deref(), Some("a sensor"));
    assert_eq!(reading.readme.as_deref(), Some("# Sensor\n"));
    assert_eq!(reading.downloads, Some(42));
    let asked = wire.seen();
    let place = |what: &str| asked.iter().position(|seen| seen.path().contains(what));
    assert!(
        place("/api/storage/") < place("/files/conanfile.py"),
        "our own reading is not counted"
    );
    let needs = reading.facts.dependencies.iter();
    let needs: Vec<_> = needs
        .map(|one| format!("{} {}", one.name, one.requirement))
        .collect();
    assert_eq!(needs, ["i2c [^1.0]", "zlib 1.3"]);
    assert_eq!(reading.warnings, [""; 0]);
    let size: usize = upload.files.values().map(Vec::len).sum();
    assert_eq!(reading.facts.size_bytes, Some(size as u64));
    let spent = source.spent();
    assert_eq!(
        (spent.requests, spent.retries),
        (wire.seen().len() as u64, 0)
    );
    assert!(spent.bytes > size as u64);
}

#[tokio::test]
async fn both_spellings_of_a_reference_are_listed_once() {
    let results = r#"{"results":["b/1@u/_","a/1.0+2@_/_","b/1@u","a/1.0+2","../x/1","c/1@u/stable",""],"more":1}"#;
    let wire = serve(shelf("/", &[]), move |seen, _| {
        seen.path()
            .contains("search")
            .then(|| vec![Act::Send(ok(results.as_bytes()))])
    });
    let source = plain(&wire).source();
    let listing = source.list().await.expect("a listing");
    let found: Vec<_> = listing
        .found
        .iter()
        .map(|one| one.reference.to_string())
        .collect();
    assert_eq!(found, ["a/1.0+2", "b/1@u", "c/1@u/stable"]);
    assert_eq!(listing.warnings.len(), 2, "{:?}", listing.warnings);
    assert_eq!(
        (
            listing.cursor,
            source.changes(Timestamp(0)).await.expect("an answer")
        ),
        (None, None)
    );
}

#[tokio::test]
async fn what_is_not_there_is_gone() {
    let wire = serve_well(shelf("/", &[]));
    let source = plain(&wire).source();
    let upload = sht30();
    assert_eq!(
        source.look(&upload.reference).await.expect("an answer"),
        None
    );
    let error = source
        .read(&upload.reference, &upload.stamp)
        .await
        .expect_err("gone");
    assert!(matches!(error, SourceError::Vanished(gone) if gone == upload.reference));
}

#[tokio::test]
async fn an_artifactory_is_found_below_its_context_path() {
    let upload = sht30();
    for path in [
        "",
        "artifactory/",
        "artifactory/api/conan/local",
        "api/conan/local/",
    ] {
        let mut shelf = shelf(LOCAL, &[&upload]);
        shelf.insert("/artifactory/api/system/ping".to_owned(), b"OK".to_vec());
        // What answers at the root is the web pages.
        let wire = serve(shelf, |seen, _| {
            let is_below = seen.path().starts_with("/artifactory/");
            (!is_below).then(|| vec![Act::Send(ok(b"<!DOCTYPE html><html></html>"))])
        });
        let mut plan = artifactory(&wire, Strategy::Conan);
        plan.registry.url = format!("{}{path}", wire.url("up.example"))
            .parse()
            .expect("a URL");
        let source = plan.source();
        assert_eq!(
            listed(&*source).await,
            [upload.reference.to_string()],
            "{path}"
        );
        source.prove().await.expect(path);
    }
}

#[tokio::test]
async fn a_plain_server_gives_a_token_for_a_password_and_again_when_it_ends() {
    let upload = sht30();
    let wire = serve(shelf("/", &[&upload]), |seen, count| {
        let shown = seen.header("authorization").unwrap_or_default();
        if seen.path() == "/v2/users/authenticate" {
            let is_ours = shown == "Basic cmVhZGVyOmh1bnRlcjI=";
            assert!(is_ours, "{shown}");
            return Some(vec![Act::Send(ok(format!("token{count}").as_bytes()))]);
        }
        // The first token holds for the listing only.
        let is_known = shown == "Bearer token1"
            || (shown == "Bearer token0" && seen.path().contains("search"));
        (!is_known).then(|| {
            vec![Act::Send(reply(
                "401 Unauthorized",
                &[],
                b"Wrong JWT token!",
            ))]
        })
    });
    let source = plain(&wire).with_password().source();
    assert_eq!(listed(&*source).await.len(), 1);
    let stamp = source.look(&upload.reference).await.expect("a new token");
    assert!(stamp.is_some());
    source
        .read(&upload.reference, &upload.stamp)
        .await
        .expect("the same token");
    let logins = wire
        .seen()
        .iter()
        .filter(|seen| seen.path().contains("authenticate"))
        .count();
    assert_eq!(logins, 2);
}

#[tokio::test]
async fn a_file_may_not_lead_to_a_private_address_elsewhere() {
    let upload = sht30();
    let other = serve_well(shelf("/", &[&upload]));
    let target = other.url("files.example");
    let wire = serve(shelf(LOCAL, &[&upload]), move |seen, _| {
        let path = seen.path().strip_prefix(LOCAL)?;
        let target = format!("{target}{path}");
        let is_file = path.contains("/files/");
        is_file.then(|| vec![Act::Send(reply("302 Found", &[("location", &target)], b""))])
    });
    let plan = artifactory(&wire, Strategy::Conan).with_password();
    let error = plan.source().read(&upload.reference, &upload.stamp).await;
    assert!(matches!(error, Err(SourceError::Upstream(_))), "{error:?}");
    assert!(other.seen().is_empty());
    assert!(
        wire.seen()
            .iter()
            .all(|seen| seen.header("authorization").is_some())
    );
}

#[tokio::test]
async fn a_readme_is_passed_over_if_it_is_too_large() {
    let upload = Upload::new("a/1", "  license = 'MIT'", &"x".repeat(1001));
    let wire = serve_well(shelf("/", &[&upload]));
    let reading = plain(&wire)
        .source()
        .read(&upload.reference, &upload.stamp)
        .await;
    let reading = reading.expect("all the same");
    assert_eq!((reading.readme, reading.warnings.len()), (None, 1));
    assert_eq!(reading.facts.licenses, ["MIT"]);
    let large = Upload::new(
        "a/1",
        &format!("  description = '{}'", "x".repeat(5000)),
        "",
    );
    let wire = serve_well(shelf("/", &[&large]));
    let error = plain(&wire)
        .source()
        .read(&large.reference, &large.stamp)
        .await;
    assert!(matches!(error, Err(SourceError::TooLarge(_))), "{error:?}");
}

#[tokio::test]
async fn ten_thousand_references_are_listed() {
    let names: Vec<_> = (0..10_000).map(|n| format!("\"p{n}/1.0@u/_\"")).collect();
    let body = format!(r#"{{"results":[{}]}}"#, names.join(","));
    let wire = Wire::saying(ok(body.as_bytes()));
    let found = listed(&*plain(&wire).source()).await;
    assert_eq!(found.len(), 10_000);
    let first: Reference = found[0].parse().expect("a reference");
    assert_eq!(first.to_string(), "p0/1.0@u");
}

/// Returns the file, or the error its stream ends with.
async fn file(
    source: &dyn CatalogueSource,
    upload: &Upload,
    name: &str,
) -> Result<Vec<u8>, SourceError> {
    let mut body = source.file(&upload.reference, &upload.stamp, name).await?;
    let mut all = Vec::new();
    while let Some(piece) = body.stream.next().await {
        all.extend_from_slice(&piece?);
    }
    assert!(
        body.content_length
            .is_none_or(|length| length == all.len() as u64)
    );
    Ok(all)
}

#[tokio::test]
async fn files_are_passed_on_as_they_are() {
    let upload = sht30();
    let wire = serve_well(shelf(LOCAL, &[&upload]));
    let source = artifactory(&wire, Strategy::Aql).source();
    for (name, bytes) in &upload.files {
        assert_eq!(&file(&*source, &upload, name).await.expect(name), bytes);
    }
    for name in ["conan_export.tgz", "other.txt", "../x", ""] {
        let error = file(&*source, &upload, name).await.expect_err(name);
        assert!(
            matches!(error, SourceError::Vanished(_)),
            "{name}: {error:?}"
        );
    }
}

#[tokio::test]
async fn files_that_do_not_fit_are_not_passed_on_whole() {
    let upload = sht30();
    let wire = serve(shelf("/", &[&upload]), |seen, _| {
        let name = seen.path().rsplit('/').next()?;
        let is_file = ["conanfile.py", "conan_sources.tgz"].contains(&name);
        let headers = [("x-checksum-sha256", "0".repeat(64))];
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        is_file.then(|| vec![Act::Send(reply("200 OK", &headers, &sht30().files[name]))])
    });
    let source = plain(&wire).source();
    for name in ["conanfile.py", "conan_sources.tgz"] {
        let error = file(&*source, &upload, name).await.expect_err(name);
        assert!(
            matches!(error, SourceError::Mismatch { .. }),
            "{name}: {error:?}"
        );
    }
}
