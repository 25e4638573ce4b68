//! `weir serve`: the API and the worker in one process, on one data folder.
//!
//! The listener is bound first of all: a second start fails at once and touches nothing.
//! Then the folder is locked, the schema brought up to date, what configuration decides is
//! written down (administrator, upstream), and the runs of a predecessor that died are
//! given back before the first new one begins.

mod address;
mod admin_token;
mod assembly;
mod greeting;
mod predecessor;

use std::{io::IsTerminal, net::SocketAddr, process::ExitCode, time::Duration};

use weir_config::{Config, Flags, Loaded, Sources};
use weir_domain::WorkerId;
use weir_runtime::{DataFolder, FolderLock, Shutdown, Tasks, listener, logging, metrics};

use crate::{failure::Failure, migrate};
use address::Announcement;
use assembly::Parts;
pub use assembly::database_config;

/// What the API and the worker need beyond their own grace to come to an end.
const LAST_MOMENT: Duration = Duration::from_secs(2);

/// Serves until told to stop.
pub async fn run(flags: Flags) -> Result<ExitCode, Failure> {
    let loaded = Config::load(&Sources::of_process(flags))?;
    let config = &loaded.config;
    logging::start(config).map_err(Failure::system)?;
    logging::caution(config);
    let listener = listener::bind(&loaded).await.map_err(Failure::system)?;
    let bound = listener.local_addr()?;
    let shutdown = Shutdown::on_signals()?;
    let mut folder = take_folder(config)?;
    let is_first_start = folder.predecessor.is_none();
    let boot = WorkerId::new();

    let parts = Parts::open(config, boot).await?;
    let database = |error| Failure::caused("the database", &error);
    if let Some(predecessor) = folder.predecessor {
        let taken_over = predecessor::take_over(&parts.db, predecessor).await;
        taken_over.map_err(database)?;
    }
    let admin_token = admin_token::read_or_make(config)?;
    let seeded = weir_api::seed(&parts.db, &loaded, Some(admin_token)).await;
    seeded.map_err(database)?;
    folder.sign(boot)?;

    let tasks = Tasks::new(shutdown);
    let shown = metrics::listen(config.metrics_listen, &parts.metrics, &tasks);
    shown.await.map_err(Failure::system)?;
    parts.start(&tasks, config, listener)?;
    let announcement = Announcement::write(&config.data, bound)?;
    tracing::info!(address = %bound, data = %config.data.display(), "listening");
    if is_first_start && std::io::stdout().is_terminal() {
        greet(&loaded, bound);
    }

    let ended = tasks.ended(config.engine.grace + LAST_MOMENT).await;
    drop(announcement);
    parts.close().await;
    Ok(ended.into())
}

/// Makes and locks the data folder; refuses a database file on a network's file system.
fn take_folder(config: &Config) -> Result<FolderLock, Failure> {
    let folder = DataFolder::open(&config.data).map_err(Failure::system)?;
    let lock = folder.lock().map_err(Failure::system)?;
    migrate::prepare(config)?;
    Ok(lock)
}

fn greet(loaded: &Loaded, bound: SocketAddr) {
    let program = std::env::args().next();
    let program = program.as_deref().unwrap_or("weir");
    // A greeting nobody can read is no reason to stop.
    let _ = greeting::write(&mut std::io::stdout(), loaded, bound, program);
}
