//! Two APIs and a worker on one database: what all their readers want is fetched once.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use http_body_util::BodyExt;
use weir_testkit::{Fault, PackageSpec, stand_in::Wanted};
use weir_tests::Deployment;

/// Clients of both APIs together.
const CLIENTS: usize = 1_000;
/// A large tarball, and how fast its upstream sends it.
const BYTES: usize = 20_000_000;
const BYTES_PER_SECOND: usize = 20_000_000;

fn large() -> PackageSpec {
    PackageSpec::new("large").version("1.0.0", |version| version.size(BYTES))
}

/// Reads a tarball as it comes and compares it; says how much of it upstream had sent when
/// the first byte was here.
async fn read(deployment: &Deployment, api: usize, expected: &[u8]) -> u64 {
    let call = deployment.call(api, "/large/-/large-1.0.0.tgz");
    let (head, mut body) = call.open().await.expect("an answer").into_parts();
    assert_eq!(head.status, 200);
    let (mut at, mut sent_first) = (0, None);
    while let Some(frame) = body.frame().await {
        let frame = frame.expect("the body is whole");
        let Ok(piece) = frame.into_data() else {
            continue;
        };
        sent_first.get_or_insert_with(|| sent(deployment));
        assert!(expected[at..].starts_with(&piece), "other bytes at {at}");
        at += piece.len();
    }
    assert_eq!(at, expected.len());
    sent_first.expect("bytes came")
}

/// Returns how much of the tarball upstream has sent, to whomever.
fn sent(deployment: &Deployment) -> u64 {
    let entries = deployment.upstream().ledger().entries();
    let of_tarball = |wanted: &Wanted| matches!(wanted, Wanted::Tarball { .. });
    let tarballs = entries.iter().filter(|entry| of_tarball(&entry.wanted));
    tarballs.map(|entry| entry.bytes_sent).sum()
}

// Upstream gets a thread that so many readers do not keep busy: one that is silent for too long is
// asked again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cold_tarball_is_fetched_once_for_the_clients_of_two_apis() {
    let deployment = Deployment::start([large()], (2, 1)).await;
    let tarball = deployment.upstream().tarball("large", "1.0.0");
    tarball.always(Fault::Slow(BYTES_PER_SECOND));
    let expected = deployment.upstream().tarball_of("large", "1.0.0").bytes;
    let early = AtomicUsize::new(0);
    let reading = (0..CLIENTS).map(async |client| {
        let sent = read(&deployment, client % 2, &expected).await;
        if sent < expected.len() as u64 {
            early.fetch_add(1, Ordering::Relaxed);
        }
    });
    join_all(reading).await;
    assert_eq!(tarball.requests(), 1);
    assert_eq!(deployment.upstream().packument("large").requests(), 1);
    let early = early.into_inner();
    assert!(early > 0, "nobody had a byte before upstream was done");
    deployment.end().await;
}

#[tokio::test]
async fn a_cold_package_is_read_once_for_the_readers_of_two_apis() {
    let deployment = Deployment::start([large()], (2, 1)).await;
    let hold = deployment.upstream().packument("large").hold();
    let reading = (0..200).map(|n| deployment.get(n % 2, "/large/latest"));
    let release = async {
        hold.wait_for_arrivals(1).await;
        hold.release();
    };
    let (replies, ()) = tokio::join!(join_all(reading), release);
    assert!(replies.iter().all(|reply| reply.status == 200));
    assert_eq!(deployment.upstream().packument("large").requests(), 1);
    deployment.upstream().remove("nowhere");
    for n in 0..20 {
        assert_eq!(deployment.get(n % 2, "/nowhere").await.status, 404);
    }
    assert_eq!(deployment.upstream().packument("nowhere").requests(), 1);
    deployment.end().await;
}
