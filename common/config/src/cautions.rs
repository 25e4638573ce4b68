//! Settings that are allowed and yet work against each other, in words.
//!
//! What contradicts itself outright is refused when the configuration is read; this is what
//! an operator may mean, and should know. A process says it once, when it starts.

use std::time::Duration;

use crate::Config;

/// How long orchestrators let a process stop before they kill it, unless told otherwise.
const KILL: Duration = Duration::from_secs(30);
/// What a process needs beyond its grace to come to an end.
const LAST_MOMENT: Duration = Duration::from_secs(2);
/// How soon a dead worker's tasks are promised to begin again.
const RECOVERY: Duration = Duration::from_secs(60);
/// How long an upstream may be silent before its request is given up.
const UPSTREAM_SILENCE: Duration = Duration::from_secs(30);
/// A renewal should have this long to be answered.
const ANSWER: Duration = Duration::from_secs(5);

/// Something to look out for: when, and what to say then.
struct Caution {
    holds: fn(&Config) -> bool,
    says: fn(&Config) -> String,
}

const CAUTIONS: &[Caution] = &[
    Caution {
        holds: |config| config.engine.grace + LAST_MOMENT > KILL,
        says: |config| {
            format!(
                "grace_secs is {}, and stopping takes a little longer: orchestrators kill after \
                 {} s unless told otherwise, and killed runs count as lost",
                config.engine.grace.as_secs(),
                KILL.as_secs()
            )
        },
    },
    Caution {
        holds: |config| config.engine.lease + config.engine.sweep > RECOVERY,
        says: |config| {
            let (lease, sweep) = (config.engine.lease, config.engine.sweep);
            format!(
                "lease_secs and sweep_secs are {} together: the tasks of a dead worker begin \
                 again that late, not within {} s",
                (lease + sweep).as_secs(),
                RECOVERY.as_secs()
            )
        },
    },
    Caution {
        holds: |config| config.engine.lease < config.engine.renewal() + ANSWER,
        says: |config| {
            format!(
                "lease_secs is {}, renewed every {:.1} s: runs are lost whenever the database \
                 takes that long to answer",
                config.engine.lease.as_secs(),
                config.engine.renewal().as_secs_f32()
            )
        },
    },
    Caution {
        holds: |config| {
            config.database.sqlite_file().is_none()
                && config.statement_timeout > config.engine.lease
        },
        says: |config| {
            format!(
                "statement_timeout_secs is {}, longer than lease_secs ({}): a run is lost before \
                 the database gives up what it waits for",
                config.statement_timeout.as_secs(),
                config.engine.lease.as_secs()
            )
        },
    },
    Caution {
        holds: |config| config.engine.silence <= UPSTREAM_SILENCE,
        says: |config| {
            format!(
                "silence_secs is {}: an upstream may be silent for {} s before its request is \
                 given up, and the run would end as hung before",
                config.engine.silence.as_secs(),
                UPSTREAM_SILENCE.as_secs()
            )
        },
    },
    Caution {
        holds: |config| config.engine.run_limit > config.engine.queue_age,
        says: |config| {
            format!(
                "run_limit_secs is {}, longer than queue_age_secs ({}): a run that ends late is \
                 too old to be tried again",
                config.engine.run_limit.as_secs(),
                config.engine.queue_age.as_secs()
            )
        },
    },
];

impl Config {
    /// Returns what an operator should know of these settings, a sentence each.
    pub fn cautions(&self) -> Vec<String> {
        let true_ones = CAUTIONS.iter().filter(|caution| (caution.holds)(self));
        true_ones.map(|caution| (caution.says)(self)).collect()
    }
}
