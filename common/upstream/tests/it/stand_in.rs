//! The crate against the stand-in registry: TLS, HTTP/2, real packuments, scripted faults.

use std::sync::Arc;

use futures::TryStreamExt;
use weir_domain::{Decision, Integrity, Registry, Retryable, SystemClock, task::ErrorCode};
use weir_testkit::{Fault, PackageSpec, StandIn, stand_in::TestCa};
use weir_upstream::{NpmRegistry, Phase, UpstreamConfig, UpstreamError, Upstreams};

use crate::{
    setup::{config, fetch, registry_at},
    wire::{Wire, reply},
};

fn registry_of(stand_in: &StandIn) -> Registry {
    registry_at(&format!("{}/", stand_in.url()), true)
}

fn npm_with(config: UpstreamConfig, stand_in: &StandIn) -> NpmRegistry {
    let upstreams = Upstreams::new(config, Arc::new(SystemClock)).expect("usable settings");
    upstreams.registry(&registry_of(stand_in))
}

fn npm(stand_in: &StandIn) -> NpmRegistry {
    npm_with(config(), stand_in)
}

/// Settings that trust this authority; the folder must outlive their use.
fn trusting(ca: &TestCa) -> (UpstreamConfig, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    ca.write(&file).expect("written");
    let config = UpstreamConfig {
        ca_file: Some(file),
        ..config()
    };
    (config, folder)
}

fn package() -> PackageSpec {
    PackageSpec::new("a").version("1.0.0", |version| version.size(200_000))
}

#[tokio::test]
async fn https_works_with_the_given_authority_and_not_without() {
    for offers_http2 in [false, true] {
        let builder = StandIn::builder().package(package()).https();
        let builder = if offers_http2 {
            builder.http2()
        } else {
            builder
        };
        let stand_in = builder.start().await;
        let (config, _folder) = trusting(stand_in.ca().expect("it speaks TLS"));
        let npm_with_ca = npm_with(config, &stand_in);
        let fetched = fetch(&npm_with_ca, "a").await.expect("trusted");
        let outline = fetched.outline().await.expect("a packument");
        let facts = &outline.versions[0];
        let body = npm_with_ca
            .tarball(&facts.tarball_url)
            .await
            .expect("trusted");
        let mut hasher = facts.integrity.as_ref().expect("digests").hasher();
        let mut stream = body.stream;
        while let Some(piece) = stream.try_next().await.expect("whole") {
            hasher.update(&piece);
        }
        assert!(
            facts
                .integrity
                .as_ref()
                .is_some_and(|i: &Integrity| i.accepts(&hasher.finish()))
        );
        let error = fetch(&npm(&stand_in), "a").await.expect_err("a stranger");
        assert!(
            matches!(error, UpstreamError::Unreachable { .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    }
}

#[tokio::test]
async fn an_unusable_ca_file_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    for content in [None, Some("no certificate")] {
        if let Some(content) = content {
            std::fs::write(&file, content).expect("written");
        }
        let config = UpstreamConfig {
            ca_file: Some(file.clone()),
            ..config()
        };
        let error = Upstreams::new(config, Arc::new(SystemClock)).expect_err("unusable");
        assert!(error.to_string().contains("ca.pem"), "{error}");
    }
}

#[tokio::test]
async fn https_never_leads_to_plain_http() {
    let plain = Wire::saying(reply("200 OK", &[], b"{\"name\":\"a\"}"));
    let stand_in = StandIn::builder().package(package()).https().start().await;
    let target = plain.url("127.0.0.1");
    stand_in
        .packument("a")
        .once(Fault::Redirect(target.clone()));
    let (config, _folder) = trusting(stand_in.ca().expect("it speaks TLS"));
    let npm = npm_with(config, &stand_in);
    let error = fetch(&npm, "a").await.expect_err("a downgrade");
    assert!(error.to_string().contains("plain http"), "{error}");
    assert_eq!(error.decision(), Decision::GiveUp);
    let error = npm
        .tarball("http://cdn.example/a.tgz")
        .await
        .expect_err("a downgrade");
    assert!(error.to_string().contains("plain http"), "{error}");
    // On its own host, old manifests say http and mean https.
    let port = stand_in.address().port();
    let tarball = format!("http://127.0.0.1:{port}/a/-/a-1.0.0.tgz");
    npm.tarball(&tarball).await.expect("upgraded");
    assert!(plain.seen().is_empty());
}

#[tokio::test]
async fn scripted_faults_have_their_classes() {
    let retried = (Decision::Retry(None), ErrorCode::UpstreamUnavailable);
    let refused = (Decision::GiveUp, ErrorCode::UpstreamInvalid);
    for (fault, expected) in [
        (Fault::status(500), retried),
        (Fault::Dropped, retried),
        (Fault::Truncated, retried),
        (Fault::TruncatedChunked, retried),
        (Fault::Hang, retried),
        (Fault::HangAfter(10), retried),
        (Fault::Slow(100), retried),
        (Fault::html(), refused),
        (Fault::WrongName("b".to_owned()), refused),
        (Fault::json("[]"), refused),
        (Fault::not_found(), (Decision::GiveUp, ErrorCode::NotFound)),
    ] {
        let readme = "long ".repeat(20_000);
        let stand_in = StandIn::start([package().readme(&readme)]).await;
        stand_in.packument("a").once(fault.clone());
        let npm = npm(&stand_in);
        let outcome = match fetch(&npm, "a").await {
            Ok(fetched) => fetched.outline().await.err(),
            Err(error) => Some(error),
        };
        let error = outcome.expect("a fault");
        assert_eq!(
            (error.decision(), error.code()),
            expected,
            "{fault:?}: {error}"
        );
        let fetched = fetch(&npm, "a").await.expect("the next one is well");
        assert_eq!(fetched.outline().await.expect("whole").versions.len(), 1);
    }
}

#[tokio::test]
async fn a_tarball_that_stalls_or_breaks_off_is_retried() {
    for fault in [
        Fault::Truncated,
        Fault::TruncatedChunked,
        Fault::HangAfter(1_000),
    ] {
        let stand_in = StandIn::start([package()]).await;
        stand_in.tarball("a", "1.0.0").once(fault.clone());
        let npm = npm(&stand_in);
        let url = format!("{}/a/-/a-1.0.0.tgz", stand_in.url());
        let body = npm.tarball(&url).await.expect("headers");
        let outcome: Result<Vec<_>, _> = body.stream.try_collect().await;
        let error = outcome.expect_err("not whole");
        let is_expected = match fault {
            Fault::HangAfter(_) => matches!(
                error,
                UpstreamError::TimedOut {
                    phase: Phase::Silence,
                    ..
                }
            ),
            _ => matches!(error, UpstreamError::Interrupted { .. }),
        };
        assert!(is_expected, "{fault:?}: {error:?}");
    }
}
