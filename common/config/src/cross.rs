//! What two settings mean together: pairs that would each be fine and jointly are not.
//! (Pairs that are only unwise are [`crate::Config::cautions`].)

use std::time::Duration;

use crate::{Config, ConfigError, effective::Effective};

/// A rule: the first setting must not be greater than the second.
struct AtMost {
    key: &'static str,
    other: &'static str,
    why: &'static str,
}

const RULES: &[AtMost] = &[
    AtMost {
        key: "sweep_secs",
        other: "lease_secs",
        why: "lapsed leases would be found late",
    },
    AtMost {
        key: "lease_secs",
        other: "run_limit_secs",
        why: "a run would be over before its lease",
    },
    AtMost {
        key: "silence_secs",
        other: "run_limit_secs",
        why: "it would never act",
    },
    AtMost {
        key: "lease_secs",
        other: "queue_age_secs",
        why: "tasks would be too old before a dead worker is noticed",
    },
];

/// Checks all rules.
pub(crate) fn check(config: &Config, effective: &Effective) -> Result<(), ConfigError> {
    let broken = RULES
        .iter()
        .find(|rule| seconds(config, rule.key) > seconds(config, rule.other));
    match broken {
        None => Ok(()),
        Some(rule) => Err(ConfigError::Contradiction {
            key: rule.key,
            origin: effective.origin(rule.key),
            reason: format!(
                "{} s is more than {} ({} s, {}): {}",
                seconds(config, rule.key).as_secs(),
                rule.other,
                seconds(config, rule.other).as_secs(),
                effective.origin(rule.other),
                rule.why,
            ),
        }),
    }
}

fn seconds(config: &Config, key: &str) -> Duration {
    match key {
        "sweep_secs" => config.engine.sweep,
        "lease_secs" => config.engine.lease,
        "silence_secs" => config.engine.silence,
        "run_limit_secs" => config.engine.run_limit,
        "queue_age_secs" => config.engine.queue_age,
        _ => Duration::ZERO,
    }
}
