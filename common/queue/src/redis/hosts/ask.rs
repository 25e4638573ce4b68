//! The two questions to Redis about a host, and reading the answers.

use std::{sync::LazyLock, time::Duration};

use redis::{RedisResult, Script};
use weir_upstream::{
    HostLimits,
    limit::{Closed, Outcome},
};

use super::super::link::Link;

/// How long a probe may go without an outcome before another one goes.
const PROBE_MS: u64 = 10_000;
/// How long a host is remembered; longer than any host asks to be left alone.
const KEPT_MS: u64 = 20 * 60_000;

static ENTER: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/enter.lua")));
static REPORT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/report.lua")));

/// What to ask or to tell.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ask {
    /// May one more request begin, if its turn comes within this time?
    Enter { patience: Duration },
    /// A request met this.
    Report(Outcome),
    /// A probe ended, perhaps without an outcome.
    Abandoned,
    /// Somebody insists: what it asked for and how often it failed is forgotten.
    Reopen,
}

/// What Redis says.
#[derive(Debug)]
pub(super) struct Answer {
    /// Whether the request is the probe; or why it may not begin.
    pub(super) verdict: Result<bool, &'static str>,
    /// How long to wait: before beginning, or before asking again.
    pub(super) wait: Duration,
    /// Failures in a row.
    pub(super) failures: u64,
}

impl Ask {
    pub(super) async fn send(
        self,
        link: &Link,
        key: String,
        limits: &HostLimits,
    ) -> RedisResult<Answer> {
        let mut connection = link.connection().await?;
        let (word, asked) = match self {
            Self::Enter { patience } => {
                let entered = ENTER
                    .key(key)
                    .arg(limits.requests_per_second.max(1))
                    .arg(limits.burst.max(1))
                    .arg(ms(patience))
                    .arg(PROBE_MS)
                    .arg(KEPT_MS)
                    .invoke_async(&mut connection)
                    .await;
                return link.heed(entered).await.map(Answer::read);
            }
            Self::Report(Outcome::Answered) => ("answered", Duration::ZERO),
            Self::Report(Outcome::Failed) => ("failed", Duration::ZERO),
            Self::Report(Outcome::AskedToWait(wait)) => ("asked", wait),
            Self::Abandoned => ("abandoned", Duration::ZERO),
            Self::Reopen => ("reopen", Duration::ZERO),
        };
        let reported = REPORT
            .key(key)
            .arg(word)
            .arg(ms(asked))
            .arg(limits.failures_to_open)
            .arg(ms(limits.open_for))
            .arg(ms(limits.max_open_for))
            .arg(KEPT_MS)
            .invoke_async::<()>(&mut connection)
            .await;
        link.heed(reported)
            .await
            .map(|()| Answer::read(("pass".to_owned(), 0, 0)))
    }
}

impl Answer {
    fn read((word, wait, failures): (String, u64, u64)) -> Self {
        let verdict = match word.as_str() {
            "pass" => Ok(false),
            "probe" => Ok(true),
            "asked" => Err(Closed::ASKED),
            "broken" => Err(Closed::BROKEN),
            "probed" => Err(Closed::PROBED),
            _ => Err(Closed::FAST),
        };
        Self {
            verdict,
            wait: Duration::from_millis(wait),
            failures,
        }
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
