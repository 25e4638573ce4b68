//! The periodic work of the whole deployment, done by whichever worker leads.
//!
//! ```text
//! campaign ── the row is vacant, or its lease lapsed ──> lead ── each duty at its interval
//!     ^                                                    │     and the lease renewed
//!     └──────────────── deposed ───────────────────────────┘
//! ```
//!
//! Nothing is done twice: every transaction of a duty names the term (see [`Lead::write`]).

mod accounts;
mod catalogue;
mod invalidations;
mod lead;
mod logs;
mod pulls;
mod resync;
mod retention;
mod search;
mod storage;
mod sweep;

use std::time::Duration;

use futures::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio_util::sync::CancellationToken;
use weir_content::ContentError;

pub(crate) use self::lead::Lead;
use crate::{Environment, environment::EngineSettings, upkeep::verify};

/// Longest lease of a term: with [`CANDIDACIES`] a dead leader is replaced within 15 s.
const LONGEST_LEASE: Duration = Duration::from_secs(10);
/// Shortest pause of a duty whose setting is shorter (or zero: never).
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
/// Candidacies in the time of a lease.
const CANDIDACIES: u32 = 5;

/// Something that somebody must do again and again.
struct Duty {
    name: &'static str,
    /// The pause after each time.
    every: fn(&EngineSettings) -> Duration,
    run: for<'l> fn(&'l Lead) -> BoxFuture<'l, Result<(), ContentError>>,
}

/// All there is to do.
const DUTIES: &[Duty] = &[
    Duty {
        name: "sweep",
        every: |settings| settings.sweep,
        run: |lead| Box::pin(sweep::sweep(lead)),
    },
    Duty {
        name: "number",
        every: |_| invalidations::NUMBER_EVERY,
        run: |lead| Box::pin(invalidations::number(lead)),
    },
    Duty {
        name: "seal",
        every: |settings| settings.seal_after.min(logs::LONGEST_PAUSE),
        run: |lead| Box::pin(logs::seal(lead)),
    },
    Duty {
        name: "strip",
        every: |_| logs::STRIP_EVERY,
        run: |lead| Box::pin(logs::strip(lead)),
    },
    Duty {
        name: "index",
        every: |_| search::INDEX_EVERY,
        run: |lead| Box::pin(search::index(lead)),
    },
    Duty {
        name: "prune",
        every: |_| invalidations::PRUNE_EVERY,
        run: |lead| Box::pin(invalidations::prune(lead)),
    },
    Duty {
        name: "forget",
        every: |_| pulls::EVERY,
        run: |lead| Box::pin(pulls::forget(lead)),
    },
    Duty {
        name: "end",
        every: |_| accounts::END_EVERY,
        run: |lead| Box::pin(accounts::end(lead)),
    },
    Duty {
        name: "forget-accounts",
        every: |_| accounts::FORGET_EVERY,
        run: |lead| Box::pin(accounts::forget(lead)),
    },
    Duty {
        name: "resync",
        every: |_| resync::LOOK_EVERY,
        run: |lead| Box::pin(resync::submit(lead)),
    },
    Duty {
        name: "catalogue",
        every: |_| catalogue::LOOK_EVERY,
        run: |lead| Box::pin(catalogue::submit(lead)),
    },
    Duty {
        name: "retain",
        every: retention::every,
        run: |lead| Box::pin(retention::remove(lead)),
    },
    Duty {
        name: "collect",
        every: storage::collect_every,
        run: |lead| Box::pin(storage::collect(lead)),
    },
    Duty {
        name: "verify",
        every: |settings| {
            settings
                .upkeep
                .verify_interval
                .min(verify::LOOK_EVERY)
                .max(SHORTEST_PAUSE)
        },
        run: |lead| Box::pin(storage::verify(lead)),
    },
];

/// How long a term lasts unless renewed.
fn lease(settings: &EngineSettings) -> Duration {
    settings.lease.min(LONGEST_LEASE)
}

/// Stands for leader, and leads while elected, until `shutdown`.
pub(crate) async fn run(environment: Environment, shutdown: CancellationToken) {
    while let Some(lead) = campaign(&environment, &shutdown).await {
        let number = lead.number();
        tracing::info!(term = number, "leads: does the periodic work from now on");
        tokio::select! {
            () = lead.keep() => {}
            () = work(&lead) => {}
            () = shutdown.cancelled() => return lead.resign().await,
        }
        tracing::warn!(term = number, "another process leads now");
    }
}

/// Waits for a term of our own.
async fn campaign(environment: &Environment, shutdown: &CancellationToken) -> Option<Lead> {
    let pause = lease(&environment.settings) / CANDIDACIES;
    loop {
        match Lead::stand(environment).await {
            Ok(Some(lead)) => return Some(lead),
            Ok(None) => {}
            Err(error) => warn(&error, "who leads cannot be found out"),
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shutdown.cancelled() => return None,
        }
    }
}

/// Does every duty at its time; ends when the first finds the term over.
async fn work(lead: &Lead) {
    let each = DUTIES.iter().map(|duty| repeat(duty, lead));
    let mut all: FuturesUnordered<_> = each.collect();
    all.next().await;
}

async fn repeat(duty: &Duty, lead: &Lead) {
    loop {
        match (duty.run)(lead).await {
            Ok(()) => {}
            Err(error) if lead::is_over(&error) => return,
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                duty = duty.name,
                "periodic work failed"
            ),
        }
        tokio::time::sleep((duty.every)(&lead.environment.settings)).await;
    }
}

fn warn(error: &(dyn std::error::Error + 'static), message: &str) {
    tracing::warn!(error, "{message}");
}
