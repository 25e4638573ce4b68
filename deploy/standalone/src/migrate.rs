//! `weir migrate`: brings the database to the newest schema and says so.

use std::{io::Write, process::ExitCode};

use weir_config::{Config, Flags, Sources};
use weir_runtime::{DataFolder, folder};

use crate::failure::Failure;

/// Migrates the configured database.
pub async fn run(flags: Flags) -> Result<ExitCode, Failure> {
    let config = Config::load(&Sources::of_process(flags))?.config;
    prepare(&config)?;
    to_newest(&config).await?;
    writeln!(std::io::stdout(), "the database has the newest schema")?;
    Ok(ExitCode::SUCCESS)
}

/// Makes the place of a `SQLite` file, and refuses one where it would not be safe.
pub fn prepare(config: &Config) -> Result<(), Failure> {
    let Some(file) = config.database.sqlite_file() else {
        return Ok(());
    };
    folder::refuse_network(&file).map_err(Failure::system)?;
    if let Some(parent) = file
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        DataFolder::open(parent).map_err(Failure::system)?;
    }
    Ok(())
}

/// Runs the migrations that are missing.
pub async fn to_newest(config: &Config) -> Result<(), Failure> {
    let migrated = weir_migration::migrate(config.database.as_str()).await;
    migrated.map_err(|error| Failure::caused("the database cannot be migrated", &error))
}
