//! Hints between processes, through Redis.
//!
//! ```text
//! outbox ──> announcer ──> PUBLISH (changed tasks, invalidations) ──> ears of all others
//!                    └──> bells: apalis' queue, below a thousand ──> one worker of all
//! hosts: limits and breakers of upstream hosts, by scripts that run in Redis
//! ```
//!
//! Redis may be flushed, restarted, stopped or full at any moment. Then hints are missed, and
//! nothing else: no part of this is waited for by a commit, a request or a running task.

mod announcer;
mod bells;
mod ears;
mod hint;
mod hosts;
mod link;
mod outbox;

use std::{fmt, sync::Arc};

use redis::{Client, ConnectionInfo, IntoConnectionInfo};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use weir_domain::WorkerId;
use weir_upstream::{HostLimits, limit::LocalLimiter};

use crate::{Bell, Hub};
use hosts::SharedLimiter;
use link::Link;
use outbox::Outbox;

/// Where Redis is, and what every key of ours begins with.
#[derive(Clone)]
pub struct RedisConfig {
    /// `redis://[user:password@]host[:port][/database]`.
    pub url: String,
    /// Deployments that share a Redis have different prefixes.
    pub prefix: String,
}

impl fmt::Debug for RedisConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL may hold a password.
        write!(f, "RedisConfig({})", self.prefix)
    }
}

/// The URL of Redis is not one.
#[derive(Debug, thiserror::Error)]
#[error("the URL of Redis cannot be used")]
pub struct InvalidRedis(#[source] redis::RedisError);

/// Redis as one process uses it; clones are the same.
#[derive(Clone)]
pub(crate) struct Redis(Arc<Inner>);

struct Inner {
    client: Client,
    /// Carries everything but subscriptions and apalis' own traffic.
    link: Arc<Link>,
    outbox: Outbox,
    names: Names,
    /// Wakes the listener for bells: one was just rung somewhere.
    wake: Arc<Notify>,
}

/// What our things are called in Redis.
#[derive(Debug, Clone)]
struct Names {
    prefix: String,
    /// This process, so that it recognises its own words.
    me: WorkerId,
}

impl Names {
    /// The channel of hints.
    fn hints(&self) -> String {
        format!("{}hints", self.prefix)
    }

    /// The queue of bells, from which apalis makes its keys.
    fn bells(&self) -> String {
        format!("{}bells", self.prefix)
    }

    /// The limits of an upstream host.
    fn host(&self, host: &str) -> String {
        format!("{}host:{host}", self.prefix)
    }
}

impl Redis {
    pub(crate) fn new(config: &RedisConfig) -> Result<Self, InvalidRedis> {
        let client = Client::open(connection(&config.url).map_err(InvalidRedis)?);
        let client = client.map_err(InvalidRedis)?;
        let names = Names {
            prefix: config.prefix.clone(),
            me: WorkerId::new(),
        };
        Ok(Self(Arc::new(Inner {
            link: Arc::new(Link::new(client.clone())),
            client,
            outbox: Outbox::default(),
            names,
            wake: Arc::default(),
        })))
    }

    pub(crate) fn outbox(&self) -> &Outbox {
        &self.0.outbox
    }

    /// Announces and listens, for ever.
    pub(crate) async fn carry(&self, hub: &Hub) {
        tokio::join!(announcer::run(&self.0), ears::run(&self.0, hub));
    }

    /// Asks for a sign of life.
    pub(crate) async fn answers(&self) -> bool {
        self.0.link.answers().await
    }

    pub(crate) async fn hear_bells(&self, bell: &Bell, stop: &CancellationToken) {
        bells::hear(&self.0, bell, stop).await;
    }

    pub(crate) fn limiter(&self, limits: HostLimits, local: LocalLimiter) -> SharedLimiter {
        SharedLimiter::new(
            limits,
            local,
            Arc::clone(&self.0.link),
            self.0.names.clone(),
        )
    }
}

fn connection(url: &str) -> redis::RedisResult<ConnectionInfo> {
    let info = url.into_connection_info()?;
    // Hints are small and late ones useless: never wait to fill a packet.
    let tcp = info.tcp_settings().clone().set_nodelay(true);
    Ok(info.set_tcp_settings(tcp))
}
