//! Each scripted fault as a client meets it, and the order in which faults come.

use std::time::{Duration, Instant};

use weir_testkit::{Fault, PackageSpec, StandIn, client::get};

fn a() -> PackageSpec {
    PackageSpec::new("a").version("1.0.0", |v| v.size(20_000))
}

async fn started() -> (StandIn, String, String) {
    let upstream = StandIn::start([a()]).await;
    let packument = format!("{}/a", upstream.url());
    let tarball = format!("{packument}/-/a-1.0.0.tgz");
    (upstream, packument, tarball)
}

#[tokio::test]
async fn a_burst_ends_after_its_count() {
    let (upstream, url, _) = started().await;
    upstream
        .packument("a")
        .times(2, Fault::status(500))
        .once(Fault::too_many_requests(3));
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let reply = get(&url).send().await.unwrap();
        if reply.status == 429 {
            assert_eq!(reply.header("retry-after"), "3");
        }
        statuses.push(reply.status);
    }
    assert_eq!(statuses, [500, 500, 429, 200]);
}

#[tokio::test]
async fn a_lasting_fault_comes_after_those_queued_and_ends_when_cleared() {
    let (upstream, url, _) = started().await;
    upstream
        .packument("a")
        .always(Fault::not_found())
        .once(Fault::Pass)
        .once(Fault::status(503));
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(get(&url).send().await.unwrap().status);
    }
    assert_eq!(statuses, [200, 503, 404, 404]);
    upstream.packument("a").clear();
    assert_eq!(get(&url).send().await.unwrap().status, 200);
    upstream.ledger().assert_nothing_unexpected();
}

#[tokio::test]
async fn a_particular_script_goes_before_a_general_one() {
    let (upstream, url, tarball) = started().await;
    upstream.any_packument().always(Fault::status(500));
    upstream.packument("a").once(Fault::status(502));
    assert_eq!(get(&url).send().await.unwrap().status, 502);
    assert_eq!(get(&url).send().await.unwrap().status, 500);
    assert_eq!(get(&tarball).send().await.unwrap().status, 200);
}

#[tokio::test]
async fn a_truncated_body_breaks_off_after_its_first_half() {
    let (upstream, _, url) = started().await;
    for (fault, length) in [(Fault::Truncated, "20"), (Fault::TruncatedChunked, "")] {
        upstream.tarball("a", "1.0.0").once(fault.clone());
        let response = get(&url).open().await.unwrap();
        let announced = response
            .headers()
            .get("content-length")
            .map(|v| v.to_str().unwrap());
        assert_eq!(
            announced.unwrap_or_default().get(..2).unwrap_or_default(),
            length
        );
        let (mut body, mut received, mut failed) = (response.into_body(), 0, false);
        while let Some(frame) = http_body_util::BodyExt::frame(&mut body).await {
            match frame {
                Ok(frame) => received += frame.data_ref().map_or(0, bytes::Bytes::len),
                Err(_) => failed = true,
            }
        }
        assert!(failed, "{fault:?}");
        assert_eq!(
            received,
            upstream.tarball_of("a", "1.0.0").bytes.len() / 2,
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn a_corrupt_body_differs_in_one_byte() {
    let (upstream, _, url) = started().await;
    upstream.tarball("a", "1.0.0").once(Fault::Corrupt);
    let spoilt = get(&url).send().await.unwrap().body;
    let right = get(&url).send().await.unwrap().body;
    assert_eq!(
        spoilt
            .iter()
            .zip(&right)
            .filter(|(one, other)| one != other)
            .count(),
        1
    );
}

#[tokio::test]
async fn a_hang_keeps_the_connection_open() {
    let (upstream, url, tarball) = started().await;
    upstream.packument("a").once(Fault::Hang);
    let patience = Duration::from_millis(200);
    assert!(
        tokio::time::timeout(patience, get(&url).open())
            .await
            .is_err()
    );
    upstream.tarball("a", "1.0.0").once(Fault::HangAfter(1000));
    let mut body = get(&tarball).open().await.unwrap().into_body();
    let first = http_body_util::BodyExt::frame(&mut body)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(first.data_ref().unwrap().len(), 1000);
    let more = http_body_util::BodyExt::frame(&mut body);
    assert!(tokio::time::timeout(patience, more).await.is_err());
}

#[tokio::test]
async fn a_dropped_connection_has_no_answer() {
    let (upstream, url, _) = started().await;
    upstream.packument("a").once(Fault::Dropped);
    assert!(get(&url).open().await.is_err());
    assert_eq!(get(&url).send().await.unwrap().status, 200);
}

#[tokio::test]
async fn a_packument_can_lie() {
    let (upstream, url, _) = started().await;
    let fresh = get(&url).send().await.unwrap();
    // Validators do not save a mirror from a scripted answer.
    let ask = || {
        get(&url)
            .header("if-none-match", fresh.header("etag"))
            .send()
    };
    let endpoint = upstream.packument("a");

    endpoint.once(Fault::WrongName("b".to_owned()));
    assert_eq!(ask().await.unwrap().json()["name"], "b");
    endpoint.once(Fault::EmptyVersions);
    assert_eq!(
        ask().await.unwrap().json()["versions"],
        serde_json::json!({})
    );
    endpoint.once(Fault::html());
    let page = ask().await.unwrap();
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    endpoint.once(Fault::json("{\"name\":"));
    assert_eq!(ask().await.unwrap().text(), "{\"name\":");
    endpoint.once(Fault::Redirect("http://127.0.0.1:1/a".to_owned()));
    let redirect = ask().await.unwrap();
    assert_eq!(
        (redirect.status, redirect.header("location")),
        (302, "http://127.0.0.1:1/a")
    );
    endpoint.once(Fault::Truncated);
    assert!(ask().await.is_err());
    assert_eq!(ask().await.unwrap().status, 304);
}

#[tokio::test]
async fn an_older_packument_has_an_older_revision_and_date() {
    let (upstream, url, _) = started().await;
    upstream.publish("a", "1.1.0", |v| v);
    let newer = get(&url).send().await.unwrap().json();
    upstream.packument("a").once(Fault::Older);
    let older = get(&url).send().await.unwrap().json();
    assert!(older["versions"]["1.1.0"].is_null());
    assert!(older["_rev"].as_str() < newer["_rev"].as_str());
    assert!(older["time"]["modified"].as_str() < newer["time"]["modified"].as_str());
}

#[tokio::test]
async fn a_slow_body_takes_its_time() {
    let (upstream, _, url) = started().await;
    upstream.tarball("a", "1.0.0").once(Fault::Slow(100_000));
    let begin = Instant::now();
    let reply = get(&url).send().await.unwrap();
    assert_eq!(reply.body, upstream.tarball_of("a", "1.0.0").bytes);
    assert!(
        begin.elapsed() >= Duration::from_millis(150),
        "{:?}",
        begin.elapsed()
    );
}

#[tokio::test]
async fn held_requests_wait_for_their_release() {
    let (upstream, url, tarball) = started().await;
    let hold = upstream.packument("a").hold();
    let test = async {
        hold.wait_for_arrivals(2).await;
        assert_eq!(get(&tarball).send().await.unwrap().status, 200);
        // What is published while a read is held is in its answer.
        upstream.publish("a", "1.1.0", |v| v);
        hold.release();
    };
    let (one, two, ()) = tokio::join!(get(&url).send(), get(&url).send(), test);
    for reply in [one, two] {
        assert!(!reply.unwrap().json()["versions"]["1.1.0"].is_null());
    }
    assert_eq!(get(&url).send().await.unwrap().status, 200);
}
