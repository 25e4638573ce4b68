//! Blobs in a bucket: a mirror that needs nothing of its own folder, processes on hosts of
//! their own, a bounded cache, and readers sent to the bucket.

use std::{fs, path::Path};

use http::Method;
use weir_testkit::{
    ObjectFault, ObjectServer, client, presets,
    process::{WeirProcess, binary},
};
use weir_tests::{
    Deployment, System, buckets,
    packument::assert_whole,
    stored::{self, files},
    system,
};

/// Describes a server whose blobs are below `prefix`.
fn builder(bucket: &ObjectServer, prefix: &str) -> system::Builder {
    let settings = buckets::settings(bucket, prefix).into_iter();
    settings.fold(System::builder(), |system, (name, value)| {
        system.setting(&name, &value)
    })
}

fn cached(data: &Path) -> u64 {
    let files = files(&data.join("blob-cache/blobs")).into_iter();
    files
        .map(|file| fs::metadata(file).map_or(0, |meta| meta.len()))
        .sum()
}

#[tokio::test]
async fn a_mirror_survives_the_loss_of_its_cache_and_its_upstream() {
    let bucket = ObjectServer::start().await;
    // A store that is busy now and then is not noticed.
    bucket.times(5, "PUT", "/blobs/", ObjectFault::Status(503, "SlowDown"));
    let mut system = builder(&bucket, "eu/weir").packages([presets::history("five", 5, 3_000)]);
    system = system.setting("WEIR_TARBALLS", "all");
    let mut system = system.start().await;
    system.bring("five").await;
    let versions = ["1.0.0", "1.0.2", "1.0.4"];
    let before = system.served("five", &versions).await;
    for version in versions {
        system.assert_tarball("five", version).await;
    }
    assert!(
        buckets::blobs(&bucket, "eu/weir").len() >= 7,
        "5 tarballs, 2 documents"
    );
    assert_eq!(
        stored::blobs(system.data()).len(),
        0,
        "nothing in the folder"
    );

    system.stop_upstream().await;
    system.stop_server().await;
    fs::remove_dir_all(system.data().join("blob-cache")).expect("there");
    system.start_server().await;
    assert_eq!(system.served("five", &versions).await, before);
    let output = system.process().output();
    assert!(!output.contains("open-sesame"), "{output}");
    system.end().await;
}

#[tokio::test]
async fn apis_with_nothing_of_their_own_serve_what_a_worker_stored() {
    let bucket = ObjectServer::start().await;
    let tree = presets::tree("app", 12);
    let settings = buckets::settings(&bucket, "shared");
    let deployment = Deployment::start_apart(tree, (2, 1), settings).await;
    let task = deployment.ask(0, "app").await;
    deployment.succeeded(0, &task).await;
    for _ in 0..2 {
        for api in 0..deployment.apis() {
            let reply = deployment.get(api, "/app").await;
            assert_eq!(reply.status, 200, "{}", reply.text());
            assert_whole(&reply.json(), &deployment.url(api));
            let tarball = deployment.get(api, "/app/-/app-2.0.0.tgz").await;
            let theirs = deployment.upstream().tarball_of("app", "2.0.0").bytes;
            assert!(tarball.body == theirs, "{}", tarball.status);
        }
    }
    let blobs = buckets::blobs(&bucket, "shared");
    for api in 0..deployment.apis() {
        let kept = stored::blobs(&deployment.data(api).join("blob-cache"));
        assert!(!kept.is_empty() && kept.is_subset(&blobs), "{kept:?}");
    }
    deployment.end().await;
}

#[tokio::test]
async fn the_cache_is_bounded_whatever_is_stored_and_read() {
    const LIMIT: u64 = 16 * 1024 * 1024;
    let bucket = ObjectServer::start().await;
    let packages = presets::history("large", 10, 4_000_000);
    let system = builder(&bucket, "p").packages([packages]);
    let system = system
        .setting("WEIR_TARBALLS", "all")
        .setting("WEIR_BLOB_CACHE_MIB", "16");
    let system = system.start().await;
    system.bring("large").await;
    assert!((1..=LIMIT).contains(&cached(system.data())));
    for _ in 0..2 {
        for version in 0..10 {
            let version = format!("1.0.{version}");
            system.assert_tarball("large", &version).await;
            assert!(cached(system.data()) <= LIMIT);
        }
    }
    let stored: u64 = bucket
        .keys()
        .iter()
        .map(|key| fs::metadata(bucket.file(key)).map_or(0, |meta| meta.len()))
        .sum();
    assert!(stored > 2 * LIMIT, "there was more than fits: {stored}");
    system.end().await;
}

#[tokio::test]
async fn readers_of_stored_tarballs_are_sent_to_the_bucket() {
    let bucket = ObjectServer::start().await;
    let system = builder(&bucket, "p")
        .packages([presets::history("five", 5, 3_000)])
        .setting("WEIR_REDIRECT_TARBALLS", "true");
    let system = system.start().await;
    system.bring("five").await;
    let path = "/five/-/five-1.0.4.tgz";
    let theirs = system.upstream().tarball_of("five", "1.0.4").bytes;

    let sent = system.get(path).await;
    assert_eq!(
        (sent.status, sent.header("cache-control")),
        (302, "no-store")
    );
    let address = sent.header("location");
    assert!(address.starts_with(&bucket.endpoint()), "{address}");
    let whole = client::get(address)
        .send()
        .await
        .expect("the bucket answers");
    assert!(whole.status == 200 && whole.body == theirs);

    let part = system
        .call(path)
        .header("range", "bytes=10-19")
        .send()
        .await;
    let part = part.expect("answered");
    assert_eq!(part.status, 302);
    let part = client::get(part.header("location")).header("range", "bytes=10-19");
    let part = part.send().await.expect("the bucket answers");
    assert_eq!((part.status, &part.body[..]), (206, &theirs[10..20]));
    let outside = system
        .call(path)
        .header("range", "bytes=9999999-")
        .send()
        .await;
    assert_eq!(outside.expect("answered").status, 416);

    let head = client::Call::new(Method::HEAD, format!("{}{path}", system.url()));
    let head = head.send().await.expect("answered");
    assert_eq!(head.status, 302);
    let head = client::Call::new(Method::HEAD, head.header("location"));
    let head = head.send().await.expect("the bucket answers");
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, &*theirs.len().to_string())
    );

    let known = system
        .call(path)
        .header("if-none-match", sent.header("etag"));
    assert_eq!(known.send().await.expect("answered").status, 304);
    // What is not stored yet comes through us, and is stored on the way.
    system.assert_tarball("five", "1.0.1").await;
    assert_eq!(system.tarball("five", "1.0.1").await.status, 302);
    assert_eq!(system.get("/five").await.status, 200, "documents are ours");
    system.end().await;
}

/// Starts a server that cannot begin, and returns its one line.
async fn refused(settings: &[(String, String)]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let server = WeirProcess::builder(binary("weir"))
        .arg("serve")
        .data(folder.path());
    let settings = settings.iter();
    let mut server = settings
        .fold(server, |server, (name, value)| server.env(name, value))
        .env("WEIR_LISTEN", "127.0.0.1:0")
        .spawn();
    let status = server.wait().await;
    let output = server.output();
    assert_eq!(status.code(), Some(2), "{output}");
    assert_eq!(output.lines().count(), 1, "{output}");
    assert!(!output.contains("sesame"), "{output}");
    output
}

#[tokio::test]
async fn a_bucket_that_cannot_be_used_is_one_line_and_exit_code_2() {
    let bucket = ObjectServer::start().await;
    let good = buckets::settings(&bucket, "p");
    let with = |name: &str, value: &str| {
        let mut settings = good.clone();
        settings.retain(|(given, _)| given != name);
        settings.push((name.to_owned(), value.to_owned()));
        settings
    };
    let line = refused(&with("WEIR_BLOB_URL", "s3://key:open-sesame@bucket")).await;
    assert!(
        line.contains("blob_url = s3://***@bucket (environment WEIR_BLOB_URL): expected "),
        "{line}"
    );
    let line = refused(&with("WEIR_BLOB_SECRET_ACCESS_KEY", "not-the-sesame")).await;
    assert!(
        line.contains(
            "the bucket s3://packages/p cannot be used: 403 Forbidden, SignatureDoesNotMatch"
        ),
        "{line}"
    );
    let absent = bucket.url("p").replace("s3://packages", "s3://elsewhere");
    let line = refused(&with("WEIR_BLOB_URL", &absent)).await;
    assert!(line.contains("404 Not Found, NoSuchBucket"), "{line}");
}
