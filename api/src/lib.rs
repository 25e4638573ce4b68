//! The HTTP process: contract, authentication, answers.
//!
//! Runs no task and parses no upstream document: what is read was rendered before, what is
//! asked for becomes a row. poem is known only here. The way of a request is written down
//! in [`front`]; each resource is a folder whose `mod.rs` is its contract.

mod app;
mod auth;
mod base;
mod conditional;
mod error;
mod front;
mod middleware;
mod names;
mod normalise;
mod package_syncs;
mod packages;
mod payload;
mod ranges;
mod routes;
mod serve;
mod system;
mod tags;
mod task_logs;
mod tasks;
mod visit;

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{app::Running, base::Bases, front::Front};
pub use crate::{
    app::{App, Settings},
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
    let bases = Bases::new(&app.settings.public_urls, listener.local_addr()?);
    let limits = app.settings.limits.clone();
    let running = Running::new(app, bases, shutdown.clone());
    let front = Arc::new(Front::new(running, routes::routes()));
    serve::serve(listener, front, limits, shutdown).await
}

/// Returns the document of every route, as pretty JSON.
pub fn openapi() -> String {
    routes::document()
}

/// Returns every public base a listener at `local` answers to, the configured ones first.
///
/// Documents are rendered for the first when they are written, for the others when first
/// asked for.
pub fn public_bases(
    configured: &[weir_domain::PublicBase],
    local: std::net::SocketAddr,
) -> Vec<weir_domain::PublicBase> {
    Bases::new(configured, local).iter().cloned().collect()
}
