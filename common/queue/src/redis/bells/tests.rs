//! Each setting of apalis at work on a real Redis: without it, its test fails. And the worker
//! that is built anew, whatever happens to Redis.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use apalis_core::error::WorkerError;
use futures::StreamExt;
use redis::{Cmd, FromRedisValue, cmd};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinHandle,
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use weir_testkit::{RedisServer, until};

use super::{
    super::{Redis, RedisConfig},
    listen::listen,
    ring::{MAX_LYING, ring},
    settings::{Heard, Listener, Settings, settings, work},
};

/// How long something may take that should take a moment.
const SOON: Duration = Duration::from_secs(20);

/// A Redis, and one process that uses it.
struct Bench {
    server: RedisServer,
    redis: Redis,
    running: TaskTracker,
    /// How many wait for bells.
    waiting: watch::Sender<usize>,
}

impl Bench {
    async fn start() -> Self {
        let server = RedisServer::start().await;
        let config = RedisConfig {
            url: server.url(),
            prefix: server.prefix().to_owned(),
        };
        Self {
            redis: Redis::new(&config).expect("the URL is one"),
            server,
            running: TaskTracker::new(),
            waiting: watch::Sender::new(1),
        }
    }

    fn settings(&self, start: u64) -> Settings {
        settings(&self.redis.0.names, start)
    }

    async fn query<T: FromRedisValue>(&self, command: &Cmd) -> T {
        let connection = self.redis.0.link.connection().await;
        let answer = command
            .query_async(&mut connection.expect("Redis answers"))
            .await;
        answer.expect("Redis can do it")
    }

    async fn ring(&self, count: usize) {
        let mut connection = self.redis.0.link.connection().await.expect("Redis answers");
        let rung = ring(&mut connection, &self.redis.0.names, count).await;
        rung.expect("there is room");
    }

    /// Counts the bells that lie there.
    async fn lying(&self) -> usize {
        let config = self.settings(0).config;
        let scheduled: usize = self
            .query(cmd("ZCARD").arg(config.scheduled_jobs_set()))
            .await;
        let active: usize = self.query(cmd("LLEN").arg(config.active_jobs_list())).await;
        scheduled + active
    }

    /// Returns the registered workers with the second of their last sign.
    async fn workers(&self) -> Vec<(String, u64)> {
        let key = self.settings(0).config.workers_set();
        self.query(cmd("ZRANGE").arg(key).arg(0).arg(-1).arg("WITHSCORES"))
            .await
    }

    fn listener_of(&self, heard: Heard) -> Listener {
        let waiting = self.waiting.subscribe();
        Listener { heard, waiting }
    }

    /// Starts one worker without anything around it, and waits until it is registered.
    async fn worker(&self, start: u64, heard: Heard) -> JoinHandle<Result<(), WorkerError>> {
        let settings = self.settings(start);
        let name = settings.name.clone();
        let client = &self.redis.0.client;
        let connecting = client.get_multiplexed_async_connection_with_config(&settings.connection);
        let connection = connecting.await.expect("Redis answers");
        let wake = Arc::clone(&self.redis.0.wake);
        let worker = self
            .running
            .spawn(work(settings, connection, wake, self.listener_of(heard)));
        until("the worker to register", SOON, async || {
            let is_there = self.workers().await.iter().any(|(there, _)| *there == name);
            is_there || worker.is_finished()
        })
        .await;
        worker
    }

    /// Starts a worker that is kept alive.
    fn listener(&self, heard: Heard) -> (JoinHandle<()>, CancellationToken) {
        let (redis, stop) = (self.redis.clone(), CancellationToken::new());
        let stopped = stop.clone();
        let listener = self.listener_of(heard);
        let listening = async move { listen(&redis.0, &listener, &stopped).await };
        (self.running.spawn(listening), stop)
    }

    async fn all_keys(&self) -> Vec<String> {
        let pattern = format!("{}*", self.server.prefix());
        self.query(cmd("KEYS").arg(pattern)).await
    }
}

/// Does something asynchronous for each bell.
fn hearing<F>(act: impl Fn() -> F + Send + Sync + 'static) -> Heard
where
    F: Future<Output = ()> + Send + 'static,
{
    Arc::new(move || Box::pin(act()))
}

/// Counts bells.
fn counting() -> (Heard, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let heard = hearing(move || {
        counter.fetch_add(1, Ordering::SeqCst);
        std::future::ready(())
    });
    (heard, count)
}

async fn reaches(count: &AtomicUsize, wanted: usize) {
    until("the bells to be heard", SOON, async || {
        let heard = count.load(Ordering::SeqCst);
        if heard >= wanted { Ok(()) } else { Err(heard) }
    })
    .await;
}

#[tokio::test]
async fn batch_size_a_bell_that_is_not_in_hand_lies_where_all_can_take_it() {
    let bench = Bench::start().await;
    let (gate, arrived) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let (open, arrival) = (Arc::clone(&gate), Arc::clone(&arrived));
    let heard = hearing(move || {
        let open = Arc::clone(&open);
        arrival.fetch_add(1, Ordering::SeqCst);
        async move { open.acquire().await.expect("it stays").forget() }
    });
    bench.ring(5).await;
    let _worker = bench.worker(1, heard).await;
    reaches(&arrived, 1).await;
    assert_eq!(bench.lying().await, 4);
    gate.add_permits(5);
    reaches(&arrived, 5).await;
}

#[tokio::test]
async fn concurrency_bells_are_heard_one_after_the_other() {
    let bench = Bench::start().await;
    let (now, most, done) = <(Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
    let (in_hand, peak, ended) = (Arc::clone(&now), Arc::clone(&most), Arc::clone(&done));
    let heard = hearing(move || {
        let (in_hand, peak, ended) = (Arc::clone(&in_hand), Arc::clone(&peak), Arc::clone(&ended));
        async move {
            peak.fetch_max(in_hand.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(30)).await;
            in_hand.fetch_sub(1, Ordering::SeqCst);
            ended.fetch_add(1, Ordering::SeqCst);
        }
    });
    bench.ring(5).await;
    let _worker = bench.worker(1, heard).await;
    reaches(&done, 5).await;
    assert_eq!(most.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn heartbeat_interval_a_worker_that_hears_nothing_shows_that_it_lives() {
    let bench = Bench::start().await;
    let _worker = bench.worker(1, counting().0).await;
    let first = bench.workers().await;
    until("a heartbeat", Duration::from_secs(9), async || {
        bench.workers().await[0].1 > first[0].1
    })
    .await;
}

#[tokio::test]
async fn missed_heartbeats_what_a_killed_worker_held_is_heard_soon() {
    let bench = Bench::start().await;
    bench.ring(1).await;
    let config = bench.settings(0).config;
    let taken: Vec<(String, u64)> = bench
        .query(cmd("ZPOPMIN").arg(config.scheduled_jobs_set()))
        .await;
    let [(id, rung_at)] = &taken[..] else {
        panic!("one bell lies there: {taken:?}");
    };
    let held = format!("{}:dead", config.inflight_jobs_set());
    let _: usize = bench.query(cmd("SADD").arg(held).arg(id)).await;
    let last_sign = rung_at - 16;
    let _: usize = bench
        .query(
            cmd("ZADD")
                .arg(config.workers_set())
                .arg(last_sign)
                .arg("dead"),
        )
        .await;
    let (heard, count) = counting();
    let _worker = bench.worker(1, heard).await;
    until("the bell to be heard", Duration::from_secs(9), async || {
        count.load(Ordering::SeqCst) == 1
    })
    .await;
}

#[tokio::test]
async fn lock_tasks_and_persist_results_a_bell_is_acknowledged_and_never_locked() {
    let bench = Bench::start().await;
    bench.ring(1).await;
    let worker = bench.worker(1, counting().0).await;
    let config = bench.settings(0).config;
    let done: Vec<String> = until("the bell to be acknowledged", SOON, async || {
        let done: Vec<String> = bench
            .query(cmd("SMEMBERS").arg(config.done_jobs_set()))
            .await;
        (!done.is_empty()).then_some(done)
    })
    .await;
    let key = format!("{}:{}", config.job_meta_hash(), done[0]);
    let is_locked: bool = bench.query(cmd("HEXISTS").arg(key).arg("locked_by")).await;
    assert!(!is_locked);
    assert!(!worker.is_finished());
}

#[tokio::test]
async fn emit_events_nothing_is_published_that_nobody_hears() {
    let bench = Bench::start().await;
    let mut listener = bench
        .redis
        .0
        .client
        .get_async_pubsub()
        .await
        .expect("Redis answers");
    listener.psubscribe("*").await.expect("subscribed");
    let _worker = bench.worker(1, counting().0).await;
    bench.ring(1).await;
    let done = bench.settings(0).config.done_jobs_set();
    until("the bell to be acknowledged", SOON, async || {
        bench.query::<usize>(cmd("SCARD").arg(&done)).await == 1
    })
    .await;
    let _: usize = bench.query(cmd("PUBLISH").arg("end").arg("of it")).await;
    let first = listener.on_message().next().await.expect("a message");
    assert_eq!(first.get_channel_name(), "end");
}

#[tokio::test]
async fn response_timeout_a_slow_answer_does_not_end_the_worker() {
    let bench = Bench::start().await;
    let (heard, count) = counting();
    let worker = bench.worker(1, heard).await;
    assert_eq!(bench.server.ask("CLIENT PAUSE 1800 ALL").await, "OK");
    bench.ring(1).await;
    reaches(&count, 1).await;
    assert!(!worker.is_finished(), "{:?}", worker.await);
}

#[tokio::test]
async fn name_the_next_start_is_not_taken_for_the_last() {
    let bench = Bench::start().await;
    bench.worker(1, counting().0).await.abort();
    let (heard, count) = counting();
    let worker = bench.worker(2, heard).await;
    assert!(!worker.is_finished(), "{:?}", worker.await);
    bench.ring(1).await;
    reaches(&count, 1).await;
}

#[tokio::test]
async fn tick_a_bell_of_which_nobody_was_told_is_heard_within_a_second_or_two() {
    let bench = Bench::start().await;
    let (heard, count) = counting();
    let _worker = bench.worker(1, heard).await;
    for rung in 1..=3 {
        bench.ring(1).await;
        until("the bell to be heard", Duration::from_secs(4), async || {
            count.load(Ordering::SeqCst) == rung
        })
        .await;
    }
}

#[tokio::test]
async fn a_bell_that_was_heard_leaves_nothing_behind() {
    let bench = Bench::start().await;
    let (heard, count) = counting();
    let (_listening, stop) = bench.listener(heard);
    bench.ring(40).await;
    reaches(&count, 40).await;
    until("spent bells to be deleted", SOON, async || {
        let keys = bench.all_keys().await;
        // The set of workers, and the description of the one there is.
        if keys.len() == 2 {
            Ok(())
        } else {
            Err(format!("{keys:?}"))
        }
    })
    .await;
    let described = bench.all_keys().await;
    let described = described.iter().find(|key| key.contains("metadata"));
    until("its description to be mortal", SOON, async || {
        bench.query::<i64>(cmd("TTL").arg(described)).await > 0
    })
    .await;
    stop.cancel();
    until("the worker to leave", SOON, async || {
        bench.all_keys().await.is_empty()
    })
    .await;
}

#[tokio::test]
async fn what_lost_its_place_in_a_failure_is_deleted_once_nothing_lies_there() {
    let bench = Bench::start().await;
    bench.ring(3).await;
    let scheduled = bench.settings(0).config.scheduled_jobs_set();
    let _: usize = bench.query(cmd("DEL").arg(scheduled)).await;
    assert_eq!(bench.all_keys().await.len(), 4, "data, and a key each");
    let (_listening, _stop) = bench.listener(counting().0);
    until("them to be deleted", SOON, async || {
        bench.all_keys().await.len() == 2
    })
    .await;
}

#[tokio::test]
async fn a_bell_that_cannot_be_read_ends_one_worker_and_is_gone() {
    let bench = Bench::start().await;
    bench.ring(1).await;
    let config = bench.settings(0).config;
    let ids: Vec<String> = bench.query(cmd("HKEYS").arg(config.job_data_hash())).await;
    // As if Redis had evicted it.
    let _: usize = bench
        .query(cmd("DEL").arg(format!("{}:{}", config.job_meta_hash(), ids[0])))
        .await;
    let (heard, count) = counting();
    let (_listening, _stop) = bench.listener(heard);
    until("it to be gone", SOON, async || {
        bench
            .query::<usize>(cmd("HLEN").arg(config.job_data_hash()))
            .await
            == 0
    })
    .await;
    bench.ring(1).await;
    reaches(&count, 1).await;
}

#[tokio::test]
async fn a_panic_over_a_bell_ends_nothing() {
    let bench = Bench::start().await;
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let heard = hearing(move || {
        let number = counter.fetch_add(1, Ordering::SeqCst);
        async move { assert!(number > 0, "on purpose") }
    });
    let (_listening, _stop) = bench.listener(heard);
    bench.ring(2).await;
    reaches(&count, 2).await;
    until("both to be deleted", SOON, async || {
        bench.all_keys().await.len() == 2
    })
    .await;
    let workers = bench.workers().await;
    assert!(workers[0].0.ends_with("-1"), "its first start: {workers:?}");
}

#[tokio::test]
async fn a_flushed_redis_is_listened_to_again() {
    let bench = Bench::start().await;
    let (heard, count) = counting();
    let (_listening, _stop) = bench.listener(heard);
    for round in 1..=5 {
        bench.ring(1).await;
        reaches(&count, round).await;
        bench.server.flush_all().await;
    }
}

#[tokio::test]
async fn a_redis_that_comes_back_is_not_met_by_a_crowd() {
    let mut bench = Bench::start().await;
    let (heard, count) = counting();
    let (_listening, _stop) = bench.listener(heard);
    for _ in 0..3 {
        until("the worker to register", SOON, async || {
            let key = bench.settings(0).config.workers_set();
            bench.server.count(&format!("ZCARD {key}")).await == 1
        })
        .await;
        bench.server.kill().await;
        bench.redis.0.wake.notify_one();
        let began = Instant::now();
        let is_over = async || began.elapsed() > Duration::from_millis(700);
        until("a while without Redis", SOON, is_over).await;
        bench.server.begin().await;
    }
    let key = bench.settings(0).config.workers_set();
    let name = until("the worker to register", SOON, async || {
        let name = bench.server.ask(&format!("ZRANDMEMBER {key}")).await;
        (!name.is_empty()).then_some(name)
    })
    .await;
    let start = name
        .rsplit('-')
        .next()
        .and_then(|start| start.parse::<u64>().ok());
    assert!(
        start.is_some_and(|start| (4..40).contains(&start)),
        "{name}"
    );
    until("a bell to be rung", SOON, async || {
        let mut connection = bench.redis.0.link.connection().await?;
        let rung = ring(&mut connection, &bench.redis.0.names, 1).await;
        bench.redis.0.link.heed(rung).await
    })
    .await;
    reaches(&count, 1).await;
}

#[tokio::test]
async fn no_more_than_a_thousand_bells_ever_lie_there() {
    let bench = Bench::start().await;
    for _ in 0..40 {
        bench.ring(32).await;
        assert!(bench.lying().await <= MAX_LYING);
    }
    assert_eq!(bench.lying().await, MAX_LYING);
    let (heard, count) = counting();
    let (_listening, _stop) = bench.listener(heard);
    reaches(&count, MAX_LYING).await;
    until("all of them to be deleted", SOON, async || {
        bench.all_keys().await.len() == 2
    })
    .await;
}

#[tokio::test]
async fn bells_that_nobody_here_waits_for_stay_for_others() {
    let bench = Bench::start().await;
    bench.waiting.send_replace(0);
    let (heard, count) = counting();
    let _worker = bench.worker(1, heard).await;
    bench.ring(3).await;
    let first = bench.workers().await;
    until("a heartbeat", Duration::from_secs(9), async || {
        bench.workers().await[0].1 > first[0].1
    })
    .await;
    assert_eq!((bench.lying().await, count.load(Ordering::SeqCst)), (3, 0));
    bench.waiting.send_replace(1);
    reaches(&count, 3).await;
    bench.waiting.send_replace(0);
    bench.ring(1).await;
    let other = Bench {
        waiting: watch::Sender::new(1),
        redis: bench.redis.clone(),
        running: TaskTracker::new(),
        server: bench.server,
    };
    let (heard, theirs) = counting();
    let _other = other.worker(2, heard).await;
    reaches(&theirs, 1).await;
    assert_eq!(count.load(Ordering::SeqCst), 3);
}
