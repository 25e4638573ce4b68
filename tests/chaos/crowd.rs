//! Those who ask, and the first ledger: what the API acknowledged.
//!
//! Each client wishes for packages of its own, for every fourth twice: the second wish joins the
//! first or follows it. A client that gets no answer, or another than 201, asks the other API, as a
//! balancer would; what counts is written down when a 201 is in hand. Meanwhile somebody reads.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures::future::join_all;
use serde_json::json;
use tokio::sync::Mutex as AsyncMutex;
use weir_testkit::{StandIn, client, presets};
use weir_tests::system::ADMIN_TOKEN;

use crate::{
    look::{Seen, look},
    pace::Pace,
};

/// Clients that ask at the same time.
const CLIENTS: usize = 16;
/// Bytes of a tarball; its content does not matter.
const TARBALL_BYTES: usize = 500;
/// How long an API may accept nothing before the scenario fails.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(50);
/// Of so many packages one is wished for twice.
const TWICE: usize = 4;
/// Between two reads.
const READ_EVERY: Duration = Duration::from_millis(100);

/// What was acknowledged, and what was answered otherwise.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Tasks of 201s, with the package.
    pub acknowledged: BTreeMap<String, String>,
    /// Packuments that were read while things happened.
    pub read: usize,
    /// What was wrong with them.
    pub not_whole: Vec<String>,
    /// The longest time until a 201, tries included.
    pub slowest: Duration,
    /// Requests that were sent and got no whole answer.
    pub unanswered: usize,
    /// Answers that were no 201, by status.
    pub errors: BTreeMap<u16, usize>,
}

/// The clients.
#[derive(Debug)]
pub struct Crowd {
    upstream: Arc<StandIn>,
    apis: Vec<String>,
    most: usize,
    pace: Option<AsyncMutex<Pace>>,
    next: AtomicUsize,
    has_enough: AtomicBool,
    ledger: Mutex<Ledger>,
}

/// What became of one request.
enum Answer {
    Acknowledged(String),
    Refused,
    Unanswered,
    Error(u16),
}

impl Crowd {
    /// Makes clients of these APIs, who ask for at most so many packages.
    pub fn new(upstream: Arc<StandIn>, apis: Vec<String>, most: usize) -> Self {
        Self {
            upstream,
            apis,
            most,
            pace: None,
            next: AtomicUsize::new(0),
            has_enough: AtomicBool::new(false),
            ledger: Mutex::default(),
        }
    }

    /// Lets them ask at this pace, instead of as often as they can.
    #[must_use]
    pub fn paced(self, pace: Pace) -> Self {
        let pace = Some(AsyncMutex::new(pace));
        Self { pace, ..self }
    }

    /// Asks until all is asked for, or nobody wants more.
    pub async fn ask(&self) {
        let asking = async {
            join_all((0..CLIENTS).map(|_| self.client())).await;
            self.stop();
        };
        tokio::join!(asking, self.read());
    }

    /// Asks for so many packages at once, all of one API, and does not ask again.
    pub async fn burst(&self, api: &str, count: usize) {
        join_all((0..count).map(|_| self.try_once(api))).await;
    }

    /// Lets them stop asking.
    pub fn stop(&self) {
        self.has_enough.store(true, Ordering::SeqCst);
    }

    /// Says whether nobody asks any more.
    pub fn is_over(&self) -> bool {
        self.has_enough.load(Ordering::SeqCst)
    }

    /// Returns how many tasks were acknowledged so far.
    pub fn count(&self) -> usize {
        self.ledger().acknowledged.len()
    }

    /// Returns the ledger, to be read.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger
            .lock()
            .expect("nobody panics while holding the ledger")
    }

    async fn client(&self) {
        while !self.is_over() {
            if let Some(pace) = &self.pace {
                pace.lock().await.next().await;
            }
            let Some(index) = self.publish() else { return };
            self.until_acknowledged(index).await;
            if index.is_multiple_of(TWICE) {
                self.until_acknowledged(index).await;
            }
        }
    }

    /// Reads one package after the other, whatever happens: what is served at all is whole.
    async fn read(&self) {
        for turn in 0.. {
            tokio::time::sleep(READ_EVERY).await;
            if self.is_over() {
                return;
            }
            let wished = self.next.load(Ordering::SeqCst).min(self.most);
            // Now a late one, now one that should be there.
            let Some(index) = wished.checked_sub(1 + turn % CLIENTS * 2) else {
                continue;
            };
            let api = &self.apis[turn % self.apis.len()];
            let seen = look(api, &name(index), &self.upstream).await;
            let mut ledger = self.ledger();
            match seen {
                Seen::Whole => ledger.read += 1,
                Seen::Wrong(how) => ledger.not_whole.push(how),
                Seen::Error(status) => *ledger.errors.entry(status).or_default() += 1,
                Seen::Nothing => {}
            }
        }
    }

    /// Puts the next package upstream.
    fn publish(&self) -> Option<usize> {
        let index = self.next.fetch_add(1, Ordering::SeqCst);
        (index < self.most).then(|| {
            let package = presets::history(&name(index), 1, TARBALL_BYTES);
            self.upstream.put(package);
            index
        })
    }

    async fn until_acknowledged(&self, index: usize) {
        let began = Instant::now();
        for turn in index.. {
            let api = &self.apis[turn % self.apis.len()];
            if self.attempt(api, index, began).await {
                return;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "nobody accepts {}: {:?}",
                name(index),
                self.ledger().errors
            );
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn try_once(&self, api: &str) {
        if let Some(index) = self.publish() {
            self.attempt(api, index, Instant::now()).await;
        }
    }

    /// Asks once and writes down what came of it; says whether it was acknowledged.
    async fn attempt(&self, api: &str, index: usize, began: Instant) -> bool {
        let name = name(index);
        let answer = ask(api, &name).await;
        let mut ledger = self.ledger();
        match answer {
            Answer::Acknowledged(task) => {
                ledger.acknowledged.insert(task, name);
                ledger.slowest = ledger.slowest.max(began.elapsed());
                return true;
            }
            Answer::Refused => {}
            Answer::Unanswered => ledger.unanswered += 1,
            Answer::Error(status) => *ledger.errors.entry(status).or_default() += 1,
        }
        false
    }
}

/// Returns the name of a package of the crowd's.
fn name(index: usize) -> String {
    format!("p-{index:06}")
}

async fn ask(api: &str, name: &str) -> Answer {
    let call = client::put(format!("{api}/-/package/{name}/syncs")).bearer(ADMIN_TOKEN);
    match call.json(&json!({ "skipDependencies": true })).send().await {
        Ok(reply) if reply.status == 201 => {
            let id = reply.json()["id"].as_str().map(str::to_owned);
            Answer::Acknowledged(id.expect("an accepted wish has an id"))
        }
        Ok(reply) => Answer::Error(reply.status),
        Err(error) if error.chain().any(|cause| cause.to_string() == "connecting") => {
            Answer::Refused
        }
        Err(_) => Answer::Unanswered,
    }
}
