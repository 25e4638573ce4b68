//! The connection over which this process talks to Redis: made when needed, thrown away at the
//! first sign that it is dead.
//!
//! While Redis is away nobody waits for it: between two attempts to connect (exponential, with
//! jitter) every request is refused at once. A person hears of it once when Redis goes, and
//! once when it is back.

use std::{fmt, time::Duration};

use redis::{
    AsyncConnectionConfig, Client, ErrorKind, RedisError, RedisResult, aio::MultiplexedConnection,
};
use tokio::{sync::Mutex, time::Instant};
use weir_domain::task::Backoff;

/// Longest time until a connection is made …
const CONNECT: Duration = Duration::from_secs(2);
/// … and until a command is answered. A hint that is later than this is of no use.
const ANSWER: Duration = Duration::from_secs(2);

/// Pauses between attempts to connect.
pub(super) const BACKOFF: Backoff = Backoff {
    base: Duration::from_millis(200),
    cap: Duration::from_secs(5),
};

pub(super) struct Link {
    client: Client,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    connection: Option<MultiplexedConnection>,
    /// Attempts that failed since the last that did not.
    failures: u32,
    rests_until: Option<Instant>,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link")
    }
}

impl Link {
    pub(super) fn new(client: Client) -> Self {
        Self {
            client,
            state: Mutex::default(),
        }
    }

    /// Returns the connection; makes one if there is none.
    ///
    /// # Cancel safety
    /// An attempt that is dropped has not been made.
    pub(super) async fn connection(&self) -> RedisResult<MultiplexedConnection> {
        let mut state = self.state.lock().await;
        if let Some(connection) = &state.connection {
            return Ok(connection.clone());
        }
        if state.rests_until.is_some_and(|end| Instant::now() < end) {
            return Err(RedisError::from((
                ErrorKind::Io,
                "the next attempt to connect is not due",
            )));
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(ANSWER));
        let made = self
            .client
            .get_multiplexed_async_connection_with_config(&config);
        // The library's own limit leaves out the first commands.
        let made = tokio::time::timeout(2 * CONNECT, made).await;
        let made = made.unwrap_or_else(|_| Err(RedisError::from((ErrorKind::Io, "it is silent"))));
        state.learn(&made);
        made
    }

    /// Asks for a sign of life.
    pub(super) async fn answers(&self) -> bool {
        let Ok(mut connection) = self.connection().await else {
            return false;
        };
        let answer = redis::cmd("PING").query_async::<()>(&mut connection).await;
        self.heed(answer).await.is_ok()
    }

    /// Passes a result on; throws the connection away if that is what it says.
    pub(super) async fn heed<T>(&self, result: RedisResult<T>) -> RedisResult<T> {
        if let Err(error) = &result
            && (error.is_io_error() || error.is_unrecoverable_error())
        {
            self.state.lock().await.connection = None;
        }
        result
    }
}

impl State {
    /// Takes note of an attempt to connect.
    fn learn(&mut self, made: &RedisResult<MultiplexedConnection>) {
        match made {
            Ok(connection) => {
                if self.failures > 0 {
                    tracing::info!("Redis answers again");
                }
                self.connection = Some(connection.clone());
                (self.failures, self.rests_until) = (0, None);
            }
            Err(error) => {
                if self.failures == 0 {
                    tracing::warn!(
                        error = error as &dyn std::error::Error,
                        "Redis does not answer; until it does, other processes are noticed a second later"
                    );
                }
                self.failures = self.failures.saturating_add(1);
                self.rests_until = Some(Instant::now() + BACKOFF.pause(self.failures));
            }
        }
    }
}
