//! `weir secrets rotate`: seals every stored secret anew with the first of the configured keys.
//!
//! A new key is put before the old one, the processes are started with both, this is run, and the
//! old one may go. It works beside running processes, and as often as one likes.

use std::{io::Write, process::ExitCode, sync::Arc};

use weir_config::{Config, Flags, Sources};
use weir_queue::Hub;
use weir_runtime::Sealer;
use weir_store::{Db, schema, sealed};

use crate::{failure::Failure, serve::database_config};

/// Seals everything anew.
pub async fn rotate(flags: Flags) -> Result<ExitCode, Failure> {
    let config = Config::load(&Sources::of_process(flags))?.config;
    let sealer = Sealer::of_config(&config, false);
    let sealer = sealer.map_err(|error| Failure::caused("the secret key", &error))?;
    let db = Db::open(&database_config(&config), Arc::new(Hub::new())).await;
    let db = db.map_err(|error| failed(&error))?;
    schema::check(db.read())
        .await
        .map_err(|error| failed(&error))?;
    let (mut count, mut out) = (0_u64, std::io::stdout());
    for secret in sealed::list(db.read())
        .await
        .map_err(|error| failed(&error))?
    {
        let opened = sealer.open(&secret.bytes, &secret.place);
        let sealed = opened.and_then(|plain| sealer.seal(&plain, &secret.place));
        let sealed = sealed.map_err(|error| Failure::caused(&secret.place, &error))?;
        let replaced =
            db.write(move |tx| Box::pin(async move { sealed::replace(tx, &secret, sealed).await }));
        // What changed meanwhile was sealed by whoever changed it, with the first key.
        count += u64::from(replaced.await.map_err(|error| failed(&error))?);
    }
    db.close().await;
    writeln!(out, "{count} secrets are sealed with the first key")?;
    Ok(ExitCode::SUCCESS)
}

fn failed(error: &weir_store::StoreError) -> Failure {
    Failure::caused("the database", error)
}
