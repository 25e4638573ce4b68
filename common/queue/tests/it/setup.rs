//! Hubs as processes have them.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use weir_domain::TaskId;
use weir_queue::{Bell, Hub, RedisConfig, TaskWatch};
use weir_store::{CommitListener, Signal};
use weir_testkit::{RedisServer, until};

/// How long something may take that should take a moment.
pub const SOON: Duration = Duration::from_secs(20);

/// One process's hub, at work until this is dropped.
pub struct Process {
    pub hub: Hub,
    running: Vec<JoinHandle<()>>,
    stop: CancellationToken,
}

impl Process {
    /// Starts a process that uses `server` with this prefix.
    pub fn with_prefix(server: &RedisServer, prefix: &str) -> Self {
        let config = RedisConfig {
            url: server.url(),
            prefix: prefix.to_owned(),
        };
        let hub = Hub::among_others(Some(&config)).expect("the URL is one");
        let carried = hub.clone();
        let carrying = TaskTracker::new().spawn(async move { carried.carry().await });
        Self {
            hub,
            running: vec![carrying],
            stop: CancellationToken::new(),
        }
    }

    pub fn start(server: &RedisServer) -> Self {
        Self::with_prefix(server, server.prefix())
    }

    /// Starts a process that also listens for bells.
    pub fn worker(server: &RedisServer) -> Self {
        let mut process = Self::start(server);
        let (hub, stop) = (process.hub.clone(), process.stop.clone());
        let hearing = TaskTracker::new().spawn(async move { hub.hear_bells(&stop).await });
        process.running.push(hearing);
        process
    }

    /// Commits something.
    pub fn commits(&self, signal: Signal) {
        self.hub.committed(&[signal]);
    }

    /// From now on it waits for bells, and does nothing about them.
    pub fn becomes_idle(&mut self) {
        let bell = self.hub.bell().clone();
        let waiting = async move {
            loop {
                bell.rung().await;
            }
        };
        self.running.push(TaskTracker::new().spawn(waiting));
    }

    /// Ends its listening for bells, in order.
    pub fn stop(&self) {
        self.stop.cancel();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.running.iter().for_each(JoinHandle::abort);
    }
}

/// Two processes that hear each other.
pub async fn two(server: &RedisServer) -> (Process, Process) {
    let (one, other) = (Process::start(server), Process::start(server));
    hear_each_other(&one, &other).await;
    (one, other)
}

/// Waits until what either says reaches the other.
pub async fn hear_each_other(one: &Process, other: &Process) {
    for (says, hears) in [(one, other), (other, one)] {
        let task = TaskId::new();
        let mut watch = hears.hub.watch(task);
        until("hints to arrive", SOON, async || {
            says.commits(Signal::TaskChanged(task));
            changes(&mut watch).await
        })
        .await;
    }
}

/// Says whether a watched task changes within a moment.
pub async fn changes(watch: &mut TaskWatch) -> bool {
    let moment = Duration::from_millis(100);
    tokio::time::timeout(moment, watch.changed()).await.is_ok()
}

/// Waits until a bell rings.
pub async fn rings(bell: &Bell) {
    let rung = tokio::time::timeout(SOON, bell.rung()).await;
    rung.expect("the bell rings");
}
