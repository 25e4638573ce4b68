//! Two processes that share what they know of upstream hosts, and do without.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use weir_domain::SystemClock;
use weir_testkit::{RedisServer, until};
use weir_upstream::{
    HostLimits,
    limit::{Closed, HostKey, HostLimiter, LocalLimiter, Outcome},
};

use super::{
    super::{Redis, RedisConfig},
    SharedLimiter,
};

const SECOND: Duration = Duration::from_secs(1);

fn limits() -> HostLimits {
    HostLimits {
        max_wait: Duration::from_millis(30),
        failures_to_open: 4,
        open_for: Duration::from_millis(400),
        max_open_for: Duration::from_millis(900),
        ..HostLimits::default()
    }
}

/// The limiter of one more process.
fn process(server: &RedisServer, limits: HostLimits) -> SharedLimiter {
    let config = RedisConfig {
        url: server.url(),
        prefix: server.prefix().to_owned(),
    };
    let redis = Redis::new(&config).expect("the URL is one");
    redis.limiter(limits, LocalLimiter::new(limits, Arc::new(SystemClock)))
}

/// Two processes that have both met Redis.
async fn two(server: &RedisServer, limits: HostLimits) -> (SharedLimiter, SharedLimiter) {
    let (one, other) = (process(server, limits), process(server, limits));
    for limiter in [&one, &other] {
        until("Redis to be there", 10 * SECOND, async || {
            limiter.acquire(&host("greeting.example")).await.ok();
            limiter.known().alone_until.is_none()
        })
        .await;
    }
    (one, other)
}

fn host(name: &str) -> HostKey {
    HostKey::of(&format!("https://{name}/").parse().expect("a URL"))
}

async fn refused(limiter: &SharedLimiter, host: &HostKey) -> Closed {
    limiter.acquire(host).await.expect_err("closed")
}

#[tokio::test]
async fn a_host_that_asked_one_process_is_closed_to_all_and_others_are_not() {
    let server = RedisServer::start().await;
    let (one, other) = two(&server, limits()).await;
    let busy = host("busy.example");
    one.report(&busy, Outcome::Answered).await;
    one.report(&busy, Outcome::AskedToWait(120 * SECOND)).await;
    one.report(&busy, Outcome::AskedToWait(5 * SECOND)).await;
    for limiter in [&one, &other] {
        let closed = refused(limiter, &busy).await;
        assert_eq!(closed.why, Closed::ASKED);
        assert!(
            closed.wait > 115 * SECOND && closed.wait <= 120 * SECOND,
            "{closed:?}"
        );
        limiter
            .acquire(&host("free.example"))
            .await
            .expect("untouched");
    }
}

#[tokio::test]
async fn failures_of_all_open_the_breaker_and_one_probe_decides_for_all() {
    let server = RedisServer::start().await;
    let (one, other) = two(&server, limits()).await;
    let down = host("down.example");
    for limiter in [&one, &other, &one, &other] {
        drop(limiter.acquire(&down).await.expect("not yet"));
        limiter.report(&down, Outcome::Failed).await;
    }
    for limiter in [&one, &other] {
        let closed = refused(limiter, &down).await;
        assert_eq!(closed.why, Closed::BROKEN);
        assert!(closed.wait <= Duration::from_millis(400));
    }
    let probe = until("the probe to be let through", 5 * SECOND, async || {
        other.acquire(&down).await.map_err(|closed| closed.why)
    })
    .await;
    assert_eq!(refused(&one, &down).await.why, Closed::PROBED);
    other.report(&down, Outcome::Failed).await;
    let closed = refused(&one, &down).await;
    assert_eq!(closed.why, Closed::BROKEN);
    assert!(
        closed.wait > Duration::from_millis(400),
        "twice as long: {closed:?}"
    );
    drop(probe);
    until("the next probe to be let through", 5 * SECOND, async || {
        one.acquire(&down).await.map_err(|closed| closed.why)
    })
    .await;
    one.report(&down, Outcome::Answered).await;
    for limiter in [&one, &other, &one, &other] {
        limiter.acquire(&down).await.expect("open to all");
    }
}

#[tokio::test]
async fn an_abandoned_probe_lets_the_next_one_go() {
    let server = RedisServer::start().await;
    let (one, other) = two(&server, limits()).await;
    let down = host("down.example");
    for _ in 0..4 {
        one.report(&down, Outcome::Failed).await;
    }
    for limiter in [&one, &other] {
        let probe = until("a probe to be let through", 5 * SECOND, async || {
            limiter.acquire(&down).await.map_err(|closed| closed.why)
        });
        drop(probe.await);
    }
}

#[tokio::test]
async fn an_answer_between_failures_keeps_the_breaker_closed() {
    let server = RedisServer::start().await;
    let (one, other) = two(&server, limits()).await;
    let shaky = host("shaky.example");
    for _ in 0..3 {
        for _ in 0..3 {
            one.report(&shaky, Outcome::Failed).await;
        }
        drop(other.acquire(&shaky).await.expect("closed breaker"));
        other.report(&shaky, Outcome::Answered).await;
    }
    // Of two that were under way together one failed and one did not.
    for outcome in [Outcome::Failed, Outcome::Answered, Outcome::Failed] {
        one.report(&shaky, outcome).await;
    }
    for _ in 0..2 {
        one.report(&shaky, Outcome::Failed).await;
        one.acquire(&shaky).await.expect("never four in a row");
    }
}

#[tokio::test]
async fn the_rate_is_one_for_all() {
    let server = RedisServer::start().await;
    let slow = HostLimits {
        requests_per_second: 1,
        burst: 4,
        ..limits()
    };
    let (one, other) = two(&server, slow).await;
    let polite = host("polite.example");
    let mut begun = 0;
    for limiter in [&one, &other, &one, &other, &one, &other] {
        match limiter.acquire(&polite).await {
            Ok(_) => begun += 1,
            Err(closed) => assert_eq!(closed.why, Closed::FAST),
        }
    }
    // On a very slow machine one more token may have come.
    assert!((4..=5).contains(&begun), "{begun}");
    let closed = refused(&one, &polite).await;
    assert!(closed.wait <= SECOND, "{closed:?}");
}

#[tokio::test]
async fn a_token_that_is_due_soon_is_waited_for() {
    let server = RedisServer::start().await;
    let brisk = HostLimits {
        requests_per_second: 20,
        burst: 1,
        max_wait: 2 * SECOND,
        ..limits()
    };
    let (one, other) = two(&server, brisk).await;
    let polite = host("polite.example");
    let began = Instant::now();
    for _ in 0..5 {
        one.acquire(&polite).await.expect("its turn comes");
        other.acquire(&polite).await.expect("its turn comes");
    }
    let took = began.elapsed();
    assert!(
        took >= Duration::from_millis(400),
        "nine tokens at 20 a second: {took:?}"
    );
}

#[tokio::test]
async fn without_redis_each_keeps_the_limits_by_itself() {
    let server = RedisServer::start().await;
    let (one, other) = two(&server, limits()).await;
    let busy = host("busy.example");
    server.black_hole().await;
    let began = Instant::now();
    for _ in 0..50 {
        drop(one.acquire(&busy).await.expect("never an error"));
        one.report(&busy, Outcome::Answered).await;
    }
    assert!(
        began.elapsed() < 3 * SECOND / 2,
        "nobody waits for Redis: {:?}",
        began.elapsed()
    );
    one.report(&busy, Outcome::AskedToWait(120 * SECOND)).await;
    assert_eq!(refused(&one, &busy).await.why, Closed::ASKED);
    other.acquire(&busy).await.expect("it does not know");
    for _ in 0..4 {
        other.report(&busy, Outcome::Failed).await;
    }
    assert_eq!(refused(&other, &busy).await.why, Closed::BROKEN);
    server.answer_again().await;
    let third = host("third.example");
    until("them to share again", 20 * SECOND, async || {
        one.report(&third, Outcome::AskedToWait(120 * SECOND)).await;
        other.acquire(&third).await.is_err()
    })
    .await;
}

#[tokio::test]
async fn what_a_host_told_this_process_survives_a_flush() {
    let server = RedisServer::start().await;
    let (one, other) = two(&server, limits()).await;
    let busy = host("busy.example");
    one.report(&busy, Outcome::AskedToWait(120 * SECOND)).await;
    server.flush_all().await;
    assert_eq!(refused(&one, &busy).await.why, Closed::ASKED);
    other
        .acquire(&busy)
        .await
        .expect("it was told by Redis only");
}

#[tokio::test]
async fn hosts_are_forgotten_after_a_while() {
    let server = RedisServer::start().await;
    let (one, _) = two(&server, limits()).await;
    let busy = host("busy.example");
    one.report(&busy, Outcome::AskedToWait(SECOND)).await;
    let free = host("free.example");
    one.acquire(&free).await.expect("open");
    for host in [busy, free] {
        let key = format!("{}host:{}", server.prefix(), host.as_str());
        let left = server.count(&format!("TTL {key}")).await;
        assert!((60..=20 * 60).contains(&left), "{left}");
    }
}

#[tokio::test]
async fn a_host_that_one_reopens_is_open_to_all_who_ask() {
    let server = RedisServer::start().await;
    let (one, other) = two(&server, limits()).await;
    let busy = host("busy.example");
    one.report(&busy, Outcome::AskedToWait(120 * SECOND)).await;
    assert_eq!(one.closed(), std::slice::from_ref(&busy));
    assert_eq!(other.closed(), [], "nobody told it yet");
    refused(&other, &busy).await;
    assert_eq!(other.closed(), std::slice::from_ref(&busy));
    one.reopen(&busy).await;
    assert_eq!(one.closed(), []);
    for limiter in [&one, &other] {
        limiter.acquire(&busy).await.expect("open again");
    }
    assert_eq!(other.closed(), [], "it heard so when it asked");
    for _ in 0..4 {
        one.report(&busy, Outcome::Failed).await;
    }
    refused(&other, &busy).await;
    one.reopen(&busy).await;
    other.acquire(&busy).await.expect("no breaker is open");
}
