//! The HTTP process: contract, authentication, answers.
//!
//! Runs no task and parses no upstream document: what is read was rendered before, what is
//! asked for becomes a row. poem is known only here. The way of a request is written down
//! in [`front`]; each resource is a folder whose `mod.rs` is its contract.

mod access;
mod app;
mod audit;
mod auth;
mod base;
mod blocks;
mod catalogue;
mod catalogue_events;
mod catalogue_syncs;
mod categories;
mod conditional;
mod document;
mod downloads;
mod drills;
mod error;
mod front;
mod github;
mod idempotency;
mod limits;
mod log_tickets;
mod logins;
mod metrics;
mod middleware;
mod names;
mod normalise;
mod orgs;
mod package_syncs;
mod packages;
mod passwords;
mod payload;
mod profiles;
mod pull;
mod queues;
mod ranges;
mod registries;
mod routes;
mod scopes;
mod search;
mod seeding;
mod serve;
mod sessions;
mod signatures;
mod site;
mod storage;
mod system;
mod tags;
mod task_logs;
mod tasks;
mod teams;
mod tokens;
mod trail;
mod users;
mod visit;
mod web_logins;

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weir_content::BASES_SETTING;
use weir_domain::PublicBase;
use weir_store::{StoreError, catalogue::sources, clock, settings, users::otp};

use crate::{app::Running, base::Bases, front::Front, metrics::Stored};
pub use crate::{
    app::{App, Settings},
    github::github_app,
    seeding::seed,
    serve::Limits,
};

/// Serves on `listener` until `shutdown` is cancelled and the last request is answered.
///
/// # Errors
/// If the listener cannot be used.
pub async fn run(
    app: App,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> std::io::Result<()> {
    assert_opens(&app).await.map_err(std::io::Error::other)?;
    let bases = Bases::new(&app.settings.public_urls, listener.local_addr()?);
    tell_bases(&app, &bases)
        .await
        .map_err(std::io::Error::other)?;
    let limits = app.settings.limits.clone();
    let proxies = app.settings.shares.trusted_proxies.clone();
    let (hub, db) = (app.hub.clone(), app.content.db.clone());
    let running = Running::new(app, bases, shutdown.clone());
    let metrics = &running.app.metrics;
    metrics.add(Arc::clone(&running.traffic) as _);
    metrics.add(Arc::new(Stored::new(running.clone())));
    let wires = Arc::clone(&running.traffic.wires);
    let front = Arc::new(Front::new(running.clone(), routes::routes()));
    let served = tokio::select! {
        served = serve::serve(listener, front, (limits, proxies, wires), shutdown) => served,
        () = hub.look(&db) => Ok(()),
        () = auth::keep_marking(&running) => Ok(()),
    };
    auth::mark_last(&running).await;
    served
}

/// Refuses to serve where something is sealed and no key is given to open it.
async fn assert_opens(app: &App) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let db = app.content.db.read();
    let sealed = if app.settings.sealer.has_key() {
        None
    } else if otp::is_any(db).await? {
        Some("users have a second factor, whose secret is sealed")
    } else if weir_store::registries::has_credentials(db).await? {
        Some("registries have credentials, which are sealed")
    } else if sources::has_webhook_secrets(db).await? {
        Some("webhooks of registries have secrets, which are sealed")
    } else {
        None
    };
    let how = "set WEIR_SECRET_KEY or WEIR_SECRET_KEY_FILE to what sealed them";
    sealed.map_or(Ok(()), |what| Err(format!("{what}: {how}").into()))
}

/// Writes down the public bases; syncs render for the first of them.
async fn tell_bases(app: &App, bases: &Bases) -> Result<(), StoreError> {
    let texts: Vec<_> = bases.iter().map(PublicBase::as_str).collect();
    let list = serde_json::json!(texts).to_string();
    let told = app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            settings::put(tx, BASES_SETTING, &list, now).await
        })
    });
    told.await.map(|_| ())
}

/// Returns the document of every route, as pretty JSON.
pub fn openapi() -> String {
    routes::document()
}
