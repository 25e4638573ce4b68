//! Lazy tarballs: one fetch for any number of readers, nothing unproven as a whole.

use std::{sync::Arc, time::Duration};

use futures::{TryStreamExt, future::join_all};
use weir_content::{Content, Flight, Offer, Tarball};
use weir_domain::{Digest, task::ErrorCode};
use weir_store::packages::Head;
use weir_testkit::{Fault, VersionSpec, until};

use crate::setup::{Shelf, name, read, sized, version};

const DEADLINE: Duration = Duration::from_secs(20);

async fn shelf(bytes: usize) -> Shelf {
    let shelf = Shelf::of([sized(bytes)]).await;
    shelf.show("a").await;
    shelf
}

#[tokio::test]
async fn a_hundred_readers_cause_one_fetch_and_get_the_same_bytes() {
    for size in [1_000, 400_000] {
        let shelf = shelf(size).await;
        let hold = shelf.upstream.tarball("a", "1.0.0").hold();
        let boarding = (0..100).map(|_| shelf.flight("a", "1.0.0"));
        let flights = join_all(boarding).await;
        let reading = join_all(flights.into_iter().map(read));
        let release = async {
            hold.wait_for_arrivals(1).await;
            hold.release();
        };
        let (readers, ()) = tokio::join!(reading, release);
        let expected = shelf.upstream.tarball_of("a", "1.0.0").bytes;
        for (length, bytes, error) in readers {
            assert_eq!(error, None);
            assert_eq!(length, expected.len() as u64);
            assert!(bytes == expected);
        }
        assert_eq!(shelf.upstream.tarball("a", "1.0.0").requests(), 1);
        let held = shelf.outline("a", "1.0.0").await.tarball.expect("held");
        assert_eq!(held, (Digest::of(&expected), expected.len() as u64));
        let after = shelf.content.tarball(&name("a"), &version("1.0.0")).await;
        assert!(matches!(
            after,
            Ok(Some(Offer {
                tarball: Tarball::Held(..),
                ..
            }))
        ));
        assert_eq!(shelf.bytes_on_disk(), (expected.len() as u64, 0));
    }
}

#[tokio::test]
async fn the_first_bytes_come_before_upstream_is_done_and_the_last_only_after() {
    let shelf = shelf(600_000).await;
    // Two hundred thousand bytes, and then nothing more.
    let tarball = shelf.upstream.tarball("a", "1.0.0");
    tarball.always(Fault::HangAfter(200_000));
    let flight = shelf.flight("a", "1.0.0").await;
    let (length, mut stream) = flight.stream().await.expect("first bytes");
    let expected = shelf.upstream.tarball_of("a", "1.0.0").bytes;
    assert_eq!(length, expected.len() as u64);
    let first = stream.try_next().await.expect("bytes").expect("bytes");
    assert!(!first.is_empty() && expected.starts_with(&first));
    // The silence limit ends it.
    let (_, bytes, error) = read(flight).await;
    assert!(bytes.len() <= 200_000 - 64 * 1024, "{}", bytes.len());
    assert!(expected.starts_with(&bytes));
    assert!(error.expect("an end").contains("fell silent"));
    let end = stream.try_collect::<Vec<_>>().await;
    assert!(end.is_err(), "the reader that was there first is cut too");
    assert_eq!(shelf.outline("a", "1.0.0").await.tarball, None);
    until("an empty disk", DEADLINE, async || {
        shelf.bytes_on_disk() == (0, 0)
    })
    .await;
}

#[tokio::test]
async fn a_reader_who_joins_late_gets_the_whole() {
    let shelf = shelf(400_000).await;
    let tarball = shelf.upstream.tarball("a", "1.0.0");
    tarball.always(Fault::Slow(800_000));
    let early = shelf.flight("a", "1.0.0").await;
    let (_, mut stream) = early.stream().await.expect("first bytes");
    let first = stream.try_next().await.expect("bytes").expect("bytes");
    let late = shelf.flight("a", "1.0.0").await;
    assert!(Arc::ptr_eq(&early, &late));
    let (_, bytes, error) = read(late).await;
    let expected = shelf.upstream.tarball_of("a", "1.0.0").bytes;
    assert_eq!(error, None);
    assert!(bytes == expected);
    let rest: Vec<_> = stream.try_collect().await.expect("the rest");
    assert!([vec![first], rest].concat().concat() == expected);
    assert_eq!(tarball.requests(), 1);
}

#[tokio::test]
async fn a_mismatch_cuts_every_reader_and_stores_nothing() {
    for size in [1_000, 400_000] {
        let shelf = shelf(size).await;
        let tarball = shelf.upstream.tarball("a", "1.0.0");
        tarball.always(Fault::Corrupt);
        let hold = tarball.hold();
        let flights = join_all((0..20).map(|_| shelf.flight("a", "1.0.0"))).await;
        hold.release();
        let whole = shelf.upstream.tarball_of("a", "1.0.0").bytes.len();
        for (_, bytes, error) in join_all(flights.into_iter().map(read)).await {
            let error = error.expect("nobody gets the end");
            assert!(error.contains("integrity mismatch"), "{error}");
            assert!(
                bytes.len() + 64 * 1024 <= whole.max(64 * 1024),
                "{}",
                bytes.len()
            );
        }
        assert_eq!(tarball.requests(), 1);
        assert_eq!(shelf.outline("a", "1.0.0").await.tarball, None);
        until("an empty disk", DEADLINE, async || {
            shelf.bytes_on_disk() == (0, 0)
        })
        .await;
        // The next reader tries again, and may be luckier.
        tarball.clear();
        let (_, bytes, error) = read(shelf.flight("a", "1.0.0").await).await;
        assert_eq!((bytes.len(), error), (whole, None));
    }
}

#[tokio::test]
async fn a_flight_goes_on_without_readers() {
    let shelf = shelf(300_000).await;
    let hold = shelf.upstream.tarball("a", "1.0.0").hold();
    drop(shelf.flight("a", "1.0.0").await);
    hold.wait_for_arrivals(1).await;
    hold.release();
    until("the tarball", DEADLINE, async || {
        shelf.outline("a", "1.0.0").await.tarball
    })
    .await;
}

#[tokio::test]
async fn what_upstream_has_no_more_is_not_found() {
    let shelf = shelf(1_000).await;
    let tarball = shelf.upstream.tarball("a", "1.0.0");
    tarball.always(Fault::not_found());
    let error = shelf.flight("a", "1.0.0").await.landed().await;
    assert!(error.expect_err("404").is_not_found());
    tarball.clear();
    tarball.always(Fault::status(503));
    let error = shelf.flight("a", "1.0.0").await.landed().await;
    assert!(!error.expect_err("503").is_not_found());
}

#[tokio::test]
async fn a_passing_failure_is_not_told_to_readers_and_a_long_one_at_once() {
    let passing = shelf(1_000).await;
    let tarball = passing.upstream.tarball("a", "1.0.0");
    tarball.once(Fault::status(503));
    let held = passing.flight("a", "1.0.0").await.landed().await;
    held.expect("held");
    assert_eq!(tarball.requests(), 2);

    let long = shelf(1_000).await;
    let tarball = long.upstream.tarball("a", "1.0.0");
    tarball.always(Fault::too_many_requests(60));
    let error = long.flight("a", "1.0.0").await.landed().await;
    assert!(error.is_err());
    assert_eq!(tarball.requests(), 1, "nobody waits a minute for a file");
}

#[tokio::test]
async fn what_is_not_there_or_not_shown_has_no_tarball() {
    let shelf = shelf(1_000).await;
    let find = |package: &'static str, number: &'static str| {
        let content = shelf.content.clone();
        async move { content.tarball(&name(package), &version(number)).await }
    };
    assert!(find("b", "1.0.0").await.expect("readable").is_none());
    assert!(find("a", "1.0.1").await.expect("readable").is_none());
    let row = shelf.show("a").await;
    shelf
        .write(move |tx| {
            Box::pin(async move {
                let (version, next) = (version("1.0.0"), row.revision + 1);
                let hidden = (&version, Some("broken"));
                weir_store::versions::stage_quarantine(tx, row.id, next, hidden).await?;
                let flip = weir_store::packages::Flip {
                    package: row.id,
                    name: row.name,
                    from_revision: row.revision,
                    policy_generation: row.policy_generation,
                    head: row.head,
                    upstream: row.upstream,
                };
                let now = weir_store::clock::now(&**tx).await?;
                weir_store::packages::flip(tx, &flip, &[], now).await
            })
        })
        .await;
    assert!(find("a", "1.0.0").await.expect("readable").is_none());
    assert_eq!(shelf.upstream.tarball("a", "1.0.0").requests(), 0);
}

#[tokio::test]
async fn bytes_proven_against_an_older_promise_do_not_fill_a_newer_one() {
    let shelf = Shelf::of([sized(2_000)]).await;
    let packument = shelf.upstream.packument_of("a");
    let modern = packument["versions"]["1.0.0"].to_string();
    let mut legacy = packument["versions"]["1.0.0"].clone();
    let dist = legacy["dist"].as_object_mut().expect("dist");
    dist.remove("integrity").expect("it is there");
    let show =
        |raw: String| shelf.show_these("a", vec![("1.0.0".to_owned(), raw)], Head::default());
    show(legacy.to_string()).await;
    let hold = shelf.upstream.tarball("a", "1.0.0").hold();
    let flight = shelf.flight("a", "1.0.0").await;
    hold.wait_for_arrivals(1).await;
    // While the bytes come, proven by SHA-1, a sync learns the SHA-512.
    show(modern).await;
    hold.release();
    flight
        .landed()
        .await
        .expect("the reader gets what was promised");
    let outline = shelf.outline("a", "1.0.0").await;
    assert_eq!(outline.tarball, None, "nobody compared the SHA-512");
    shelf
        .flight("a", "1.0.0")
        .await
        .landed()
        .await
        .expect("again");
    assert!(shelf.outline("a", "1.0.0").await.tarball.is_some());
}

/// Returns another process over the same rows: another set of flights.
fn another(content: &Content) -> Content {
    let Content {
        db,
        blobs,
        upstreams,
        ..
    } = content.clone();
    Content::new(db, blobs, upstreams)
}

async fn boarded(content: &Content) -> Arc<Flight> {
    let offer = content.tarball(&name("a"), &version("1.0.0")).await;
    match offer.expect("readable").expect("shown").tarball {
        Tarball::Lazy(flight) => flight,
        held @ Tarball::Held(..) => panic!("{held:?}"),
    }
}

#[tokio::test]
async fn two_processes_cause_one_fetch() {
    let shelf = shelf(400_000).await;
    let other = another(&shelf.content);
    let hold = shelf.upstream.tarball("a", "1.0.0").hold();
    let first = boarded(&shelf.content).await;
    hold.wait_for_arrivals(1).await;
    let second = boarded(&other).await;
    let release = async {
        // The other one has asked for the lease in vain by now, or does so in a moment.
        until("the other to have looked", DEADLINE, async || {
            shelf.upstream.tarball("a", "1.0.0").requests() == 1
        })
        .await;
        hold.release();
    };
    let (one, two, ()) = tokio::join!(read(first), read(second), release);
    let expected = shelf.upstream.tarball_of("a", "1.0.0").bytes;
    for (_, bytes, error) in [one, two] {
        assert_eq!(error, None);
        assert!(bytes == expected);
    }
    assert_eq!(shelf.upstream.tarball("a", "1.0.0").requests(), 1);
}

#[tokio::test]
async fn what_one_process_could_not_fetch_the_other_tries() {
    let shelf = shelf(1_000).await;
    let other = another(&shelf.content);
    let tarball = shelf.upstream.tarball("a", "1.0.0");
    tarball.once(Fault::not_found());
    let hold = tarball.hold();
    let first = boarded(&shelf.content).await;
    hold.wait_for_arrivals(1).await;
    let second = boarded(&other).await;
    hold.release();
    assert!(first.landed().await.expect_err("404").is_not_found());
    second.landed().await.expect("held");
    assert_eq!(tarball.requests(), 2);
}

#[tokio::test]
async fn a_mirror_that_asks_no_upstream_has_what_it_holds() {
    let shelf = shelf(1_000).await;
    let offline = another(&shelf.content).asking_upstream(false);
    let find = async || offline.tarball(&name("a"), &version("1.0.0")).await;
    assert!(find().await.expect("readable").is_none());
    shelf
        .flight("a", "1.0.0")
        .await
        .landed()
        .await
        .expect("held");
    assert!(find().await.expect("readable").is_some());
    assert_eq!(shelf.upstream.tarball("a", "1.0.0").requests(), 1);
}

#[tokio::test]
async fn another_process_that_looked_earlier_finds_what_landed_meanwhile() {
    let shelf = shelf(2_000).await;
    let other = another(&shelf.content);
    shelf
        .flight("a", "1.0.0")
        .await
        .landed()
        .await
        .expect("held");
    let found = other.tarball(&name("a"), &version("1.0.0")).await;
    assert!(matches!(
        found,
        Ok(Some(Offer {
            tarball: Tarball::Held(..),
            ..
        }))
    ));
    assert_eq!(shelf.upstream.tarball("a", "1.0.0").requests(), 1);
}

#[tokio::test]
async fn without_digest_nothing_is_fetched_unless_the_registry_allows_it() {
    let spec = weir_testkit::PackageSpec::new("a").version("1.0.0", VersionSpec::undigested);
    let shelf = Shelf::of([spec]).await;
    shelf.show("a").await;
    let error = shelf.flight("a", "1.0.0").await.landed().await;
    let error = error.expect_err("nothing to prove it by");
    assert_eq!(
        weir_domain::Retryable::code(&error),
        ErrorCode::IntegrityMismatch
    );
    assert_eq!(shelf.upstream.tarball("a", "1.0.0").requests(), 0);
}
