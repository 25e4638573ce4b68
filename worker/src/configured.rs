//! The engine's measures as an operator configured them.

use std::time::Duration;

use weir_config::Config;

use crate::{EngineSettings, UpkeepSettings};

impl From<&Config> for EngineSettings {
    fn from(config: &Config) -> Self {
        let defaults = Self::default();
        Self {
            concurrency: config.worker_concurrency,
            lease: config.engine.lease,
            sweep: config.engine.sweep,
            max_attempts: config.engine.max_attempts,
            run_limit: config.engine.run_limit,
            silence: config.engine.silence,
            queue_age: config.engine.queue_age,
            grace: config.engine.grace,
            seal_after: seal_after(config.upkeep.task_retention).min(defaults.seal_after),
            asks_upstream: config.sync_mode.asks_upstream(),
            removal_span: config.removal_span,
            upkeep: UpkeepSettings {
                blob_grace: config.upkeep.blob_grace,
                verify_interval: config.upkeep.verify_interval,
                verify_rate: config.upkeep.verify_rate,
                task_retention: config.upkeep.task_retention,
            },
            ..defaults
        }
    }
}

/// A task goes only once its log is sealed, so that comes well before.
fn seal_after(retention: Duration) -> Duration {
    if retention.is_zero() {
        Duration::MAX
    } else {
        retention / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_sealed_before_its_task_may_go() {
        let minute = EngineSettings::default().seal_after;
        for (retention, sealed) in [(0, 60), (10, 5), (100, 50), (86_400, 60)] {
            let after = seal_after(Duration::from_secs(retention)).min(minute);
            assert_eq!(after, Duration::from_secs(sealed), "{retention}");
        }
    }
}
