//! What the stand-in answers when nothing is scripted, and what it notes of it.

use std::time::Duration;

use weir_testkit::{
    PackageSpec, StandIn,
    client::{Call, get},
    stand_in::Wanted,
};

const ABBREVIATED: &str = "application/vnd.npm.install-v1+json";

fn a() -> PackageSpec {
    PackageSpec::new("a")
        .version("1.0.0", |v| {
            v.field("scripts", serde_json::json!({ "postinstall": "x" }))
        })
        .version("1.1.0", |v| v)
}

#[tokio::test]
async fn a_packument_comes_in_the_form_that_is_asked_for() {
    let upstream = StandIn::start([a()]).await;
    let url = format!("{}/a", upstream.url());
    let full = get(&url).send().await.unwrap();
    assert_eq!(full.header("content-type"), "application/json");
    assert_eq!(
        full.json()["readme"].as_str().unwrap().lines().next(),
        Some("# a")
    );
    let short = get(&url)
        .header("accept", ABBREVIATED)
        .send()
        .await
        .unwrap();
    assert_eq!(short.header("content-type"), ABBREVIATED);
    assert!(short.json()["readme"].is_null() && short.json()["time"].is_null());
    assert_eq!(short.json()["versions"]["1.0.0"]["hasInstallScript"], true);
    assert!(short.json()["versions"]["1.0.0"]["scripts"].is_null());
    assert_ne!(full.header("etag"), short.header("etag"));
}

#[tokio::test]
async fn unknown_fields_keep_their_spelling() {
    let upstream = StandIn::start([a()]).await;
    let full = get(format!("{}/a", upstream.url())).send().await.unwrap();
    assert!(
        full.text().contains(r#""ratio":1.50,"note":"\u00e9""#),
        "{}",
        full.text()
    );
    assert!(full.text().contains(r#""weight":2.0e1"#), "{}", full.text());
}

#[tokio::test]
async fn a_packument_is_compressed_for_those_who_accept_it() {
    let upstream = StandIn::start([a()]).await;
    let url = format!("{}/a", upstream.url());
    let plain = get(&url).send().await.unwrap();
    let packed = get(&url)
        .header("accept-encoding", "gzip, br")
        .send()
        .await
        .unwrap();
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert_eq!(packed.header("etag"), plain.header("etag"));
    let mut text = String::new();
    let mut decoder = flate2::read::GzDecoder::new(&packed.body[..]);
    std::io::Read::read_to_string(&mut decoder, &mut text).unwrap();
    assert_eq!(text, plain.text());
}

#[tokio::test]
async fn a_known_packument_is_not_sent_again_until_it_changes() {
    let upstream = StandIn::start([a()]).await;
    let url = format!("{}/a", upstream.url());
    let first = get(&url).send().await.unwrap();
    assert!(first.header("etag").starts_with("W/\""));
    let validators = [
        ("if-none-match", first.header("etag")),
        ("if-modified-since", first.header("last-modified")),
    ];
    for (name, value) in validators {
        let again = get(&url).header(name, value).send().await.unwrap();
        assert_eq!((again.status, again.body.len()), (304, 0), "{name}");
    }
    upstream.publish("a", "1.2.0", |v| v);
    for (name, value) in validators {
        let changed = get(&url).header(name, value).send().await.unwrap();
        assert_eq!(changed.status, 200, "{name}");
        assert_eq!(changed.json()["dist-tags"]["latest"], "1.2.0");
        assert!(changed.json()["_rev"].as_str().unwrap().starts_with("2-"));
    }
}

#[tokio::test]
async fn every_spelling_of_a_scope_is_understood() {
    let package = PackageSpec::new("@s/b").version("1.0.0", |v| v);
    let upstream = StandIn::builder()
        .package(package)
        .prefix("/npm")
        .start()
        .await;
    for path in [
        "/@s/b",
        "/@s%2fb",
        "/%40s%2Fb",
        "/@s/b/-/b-1.0.0.tgz",
        "/@s%2fb/-/b-1.0.0.tgz",
    ] {
        let reply = get(format!("{}{path}", upstream.url()))
            .send()
            .await
            .unwrap();
        assert_eq!(reply.status, 200, "{path}");
    }
    let outside = format!("http://{}/@s/b", upstream.address());
    assert_eq!(get(outside).send().await.unwrap().status, 404);
}

#[tokio::test]
async fn content_changes_while_it_serves() {
    let upstream = StandIn::start([a()]).await;
    let old = upstream.tarball_of("a", "1.0.0");
    upstream.replace_bytes("a", "1.0.0");
    assert_ne!(upstream.tarball_of("a", "1.0.0").integrity, old.integrity);
    upstream.deprecate("a", "1.1.0", "gone");
    assert_eq!(
        upstream.packument_of("a")["versions"]["1.1.0"]["deprecated"],
        "gone"
    );
    upstream.set_tag("a", "old", "1.0.0");
    assert_eq!(upstream.packument_of("a")["dist-tags"]["old"], "1.0.0");
    upstream.unpublish_version("a", "1.1.0");
    let packument = upstream.packument_of("a");
    assert!(packument["versions"]["1.1.0"].is_null() && packument["time"]["1.1.0"].is_string());
    upstream.unpublish("a");
    let packument = upstream.packument_of("a");
    assert!(packument["versions"].is_null() && packument["time"]["unpublished"].is_object());
    upstream.remove("a");
    let reply = get(format!("{}/a", upstream.url())).send().await.unwrap();
    assert_eq!(reply.status, 404);
    upstream.ledger().assert_nothing_unexpected();
}

#[tokio::test]
async fn the_ledger_knows_what_was_asked_and_sent() {
    let upstream = StandIn::start([a()]).await;
    let url = format!("{}/a", upstream.url());
    let reply = get(&url).header("x-mark", "7").send().await.unwrap();
    let tarball = format!("{url}/-/a-1.0.0.tgz");
    get(&tarball).send().await.unwrap();
    Call::new(http::Method::HEAD, &tarball)
        .send()
        .await
        .unwrap();
    let entries = upstream.ledger().entries();
    assert_eq!(
        entries[0].wanted,
        Wanted::Packument {
            name: "a".to_owned()
        }
    );
    assert_eq!(entries[0].headers["x-mark"], "7");
    assert_eq!(
        (entries[0].status, entries[0].bytes_sent),
        (200, reply.body.len() as u64)
    );
    assert_eq!(
        (entries[2].method.as_str(), entries[2].bytes_sent),
        ("HEAD", 0)
    );
    assert_eq!(upstream.tarball("a", "1.0.0").requests(), 2);
    assert_eq!(
        (upstream.ledger().packuments(), upstream.ledger().tarballs()),
        (1, 2)
    );
}

#[tokio::test]
async fn what_it_has_never_heard_of_is_unexpected() {
    let upstream = StandIn::start([a()]).await;
    for path in [
        "/b",
        "/a/-/a-9.0.0.tgz",
        "/a/-/b-1.0.0.tgz",
        "/-/v1/search?text=a",
    ] {
        assert_eq!(
            get(format!("{}{path}", upstream.url()))
                .send()
                .await
                .unwrap()
                .status,
            404
        );
    }
    let unexpected: Vec<_> = upstream
        .ledger()
        .unexpected()
        .into_iter()
        .map(|e| e.path)
        .collect();
    assert_eq!(
        unexpected,
        [
            "/b",
            "/a/-/a-9.0.0.tgz",
            "/a/-/b-1.0.0.tgz",
            "/-/v1/search?text=a"
        ]
    );
}

#[tokio::test]
async fn it_speaks_tls_under_a_throw_away_authority() {
    let upstream = StandIn::builder().package(a()).https().start().await;
    let ca = upstream.ca().unwrap();
    let url = format!("{}/a", upstream.url());
    let reply = get(&url).trust(ca).send().await.unwrap();
    let tarball = reply.json()["versions"]["1.0.0"]["dist"]["tarball"].clone();
    assert!(
        tarball.as_str().unwrap().starts_with("https://127.0.0.1:"),
        "{tarball}"
    );
    let stranger = StandIn::builder().https().start().await;
    let refused = get(&url).trust(stranger.ca().unwrap()).send().await;
    assert!(format!("{:#}", refused.unwrap_err()).contains("certificate"));
}

#[tokio::test]
async fn after_a_stop_nobody_answers_until_it_starts_again() {
    let upstream = StandIn::start([a()]).await;
    let (url, address) = (format!("{}/a", upstream.url()), upstream.address());
    upstream.any_packument().always(weir_testkit::Fault::Hang);
    let hanging = get(&url).send();
    let stop = async {
        upstream.packument("a").wait_for_requests(1).await;
        tokio::time::timeout(Duration::from_secs(10), upstream.stop())
            .await
            .unwrap();
    };
    let (hanging, ()) = tokio::join!(hanging, stop);
    assert!(hanging.is_err());
    assert!(get(&url).send().await.is_err());
    let _again = StandIn::builder().package(a()).start_at(address).await;
    assert_eq!(get(&url).send().await.unwrap().status, 200);
}
