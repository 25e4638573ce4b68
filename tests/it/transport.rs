//! The way to the upstream: TLS and its trust, redirects, addresses nobody configured.

use weir_testkit::{Fault, PackageSpec, StandIn, presets};
use weir_tests::{System, journal::assert_says};

fn small() -> PackageSpec {
    presets::history("a", 2, 2_000)
}

#[tokio::test]
async fn an_upstream_over_tls_is_read_with_its_own_authority() {
    let builder = System::builder().packages([small()]);
    let system = builder
        .upstream(|upstream| upstream.https().http2())
        .start()
        .await;
    system.bring("a").await;
    system.assert_tarball("a", "1.0.1").await;
    system.assert_tarball("a", "1.0.0").await;
    let ours = system.packument("a").await;
    let tarball = ours["versions"]["1.0.1"]["dist"]["tarball"]
        .as_str()
        .unwrap_or_default();
    assert!(tarball.starts_with(&system.url()), "{tarball}");
    system.end().await;
}

#[tokio::test]
async fn an_authority_that_nobody_named_is_not_trusted() {
    let builder = System::builder().packages([small()]);
    let builder = builder.upstream(weir_testkit::stand_in::Builder::https);
    let other = weir_testkit::stand_in::TestCa::new();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("other.pem");
    other.write(&file).expect("a file");
    let file = file.display().to_string();
    let builder = builder
        .setting("WEIR_CA_FILE", &file)
        .setting("WEIR_MAX_ATTEMPTS", "1");
    let system = builder.start().await;
    let task = system.ask("a").await;
    let status = system.failed(&task, "upstream_unavailable").await;
    assert!(status.error().contains("certificate"), "{status:?}");
    assert_eq!(system.get("/a").await.status, 503, "nobody knows");
    system.end().await;
}

#[tokio::test]
async fn a_redirect_on_the_upstream_itself_is_followed() {
    let system = System::start([small(), presets::history("b", 1, 0)]).await;
    let there = format!("{}/a/-/a-1.0.0.tgz", system.upstream().url());
    system
        .upstream()
        .tarball("a", "1.0.1")
        .once(Fault::Redirect(there));
    let task = system.ask("a").await;
    let status = system.finished(&task).await;
    // It leads to another version's bytes: followed, and found out.
    assert!(
        system.upstream().tarball("a", "1.0.0").requests() >= 1,
        "{status:?}"
    );
    system.assert_tarball("a", "1.0.1").await;
    system.end().await;
}

#[tokio::test]
async fn a_redirect_from_tls_to_plain_http_is_refused() {
    let builder = System::builder()
        .packages([small()])
        .setting("WEIR_MAX_ATTEMPTS", "1");
    let system = builder
        .upstream(weir_testkit::stand_in::Builder::https)
        .start()
        .await;
    let plain = StandIn::start([small()]).await;
    let there = format!("{}/a", plain.url());
    system
        .upstream()
        .packument("a")
        .always(Fault::Redirect(there));
    let task = system.ask("a").await;
    let status = system.finished(&task).await;
    assert_eq!(status.state(), "error", "{status:?}");
    assert_says(
        &system.log(&task).await,
        "ERROR",
        "redirects where we do not follow",
    );
    assert_eq!(plain.ledger().entries().len(), 0, "nothing was asked there");
    system.end().await;
}

#[tokio::test]
async fn a_private_address_that_nobody_configured_is_not_asked() {
    let other = StandIn::start([small()]).await;
    let foreign = format!("{}/a/-/a-1.0.1.tgz", other.url());
    let package =
        presets::history("a", 1, 0).version("1.0.1", |version| version.tarball_at(&foreign));
    let system = System::start([package]).await;
    let task = system.ask("a").await;
    let status = system.finished(&task).await;
    assert!(
        status.warnings().iter().any(|text| text.contains("1.0.1")),
        "{status:?}"
    );
    assert_eq!(other.ledger().entries().len(), 0, "it was not asked");

    let metadata = Fault::Redirect(format!("{}/a", other.url()));
    system.upstream().packument("a").always(metadata);
    let task = system
        .ask_with("a", &serde_json::json!({ "force": true }))
        .await;
    let status = system.finished(&task).await;
    assert_eq!(status.state(), "error", "{status:?}");
    assert_eq!(other.ledger().entries().len(), 0, "nor by a redirect");
    system.end().await;
}
