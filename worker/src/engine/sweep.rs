//! Sweeps at intervals, and once at the start.

use tokio_util::sync::CancellationToken;
use weir_store::{
    clock,
    tasks::{self, SweepLimits, Swept},
};

use crate::Environment;

/// Sweeps until `shutdown`.
pub(super) async fn run(environment: Environment, shutdown: CancellationToken) {
    let settings = environment.settings;
    let limits = SweepLimits {
        queue_age: settings.queue_age,
    };
    loop {
        let swept = environment
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let now = clock::now(&**tx).await?;
                    tasks::sweep(tx, limits, now).await
                })
            })
            .await;
        match swept {
            Ok(swept) if swept != Swept::default() => tracing::info!(?swept, "swept"),
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the sweep failed");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(settings.sweep) => {}
            () = shutdown.cancelled() => return,
        }
    }
}
