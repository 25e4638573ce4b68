//! What a start writes into the database before anything runs.
//!
//! The administrator and the registry `default` follow the configuration, each time. Runs
//! of the predecessor are given back only where the folder's lock proves that no worker
//! lives: on `SQLite`. On a server's database other processes may be at work, and leases
//! decide.

use weir_config::{Config, Loaded, Origin};
use weir_domain::{Registry, RegistryId, token::TokenSecret};
use weir_store::{StoreError, Tx, clock, registries, tasks, tokens, users};

use super::{admin_token, assembly::Parts, upstream};
use crate::failure::Failure;

/// What was found and changed.
#[derive(Debug)]
struct Seeded {
    returned_runs: usize,
    /// The upstream before, if it was another one.
    upstream: Option<Registry>,
    has_moved: bool,
}

/// Seeds the database and logs what changed.
pub(super) async fn run(loaded: &Loaded, parts: &Parts) -> Result<(), Failure> {
    let config = &loaded.config;
    let secret = admin_token::read_or_make(config)?;
    let admin = config.admin_name.clone();
    let wanted = wanted_registry(config, &loaded.origin("upstream")).await;
    let is_alone = config.database.sqlite_file().is_some();
    let work = parts.db.write(move |tx| {
        Box::pin(async move { seed(tx, &admin, &secret, wanted.as_ref(), is_alone).await })
    });
    let seeded = work
        .await
        .map_err(|error| Failure::caused("the database", &error))?;
    if seeded.returned_runs > 0 {
        let count = seeded.returned_runs;
        tracing::warn!(
            count,
            "gave back the runs of a predecessor that did not stop in order"
        );
    }
    match seeded.upstream {
        Some(registry) if seeded.has_moved => {
            tracing::warn!(upstream = %registry.url, "the upstream changed; every package is read afresh");
        }
        Some(registry) => tracing::info!(upstream = %registry.url, "mirrors"),
        None => tracing::warn!("no upstream is configured; name one with --upstream"),
    }
    Ok(())
}

async fn seed(
    tx: &Tx,
    admin: &str,
    secret: &TokenSecret,
    wanted: Option<&Registry>,
    is_alone: bool,
) -> Result<Seeded, StoreError> {
    let now = clock::now(&**tx).await?;
    let returned_runs = if is_alone {
        tasks::return_abandoned(tx, now).await?.lapsed
    } else {
        0
    };
    let user = users::seed_admin(tx, admin, now).await?;
    tokens::seed_admin(tx, user.id, secret, now).await?;
    let (upstream, has_moved) = match wanted {
        Some(wanted) => {
            let (registry, has_moved) = registries::seed(tx, wanted, now).await?;
            (Some(registry), has_moved)
        }
        // What an earlier start mirrored stays: nothing is forgotten because a flag is.
        None => (
            registries::find_by_slug(&**tx, registries::DEFAULT_SLUG).await?,
            false,
        ),
    };
    Ok(Seeded {
        returned_runs,
        upstream,
        has_moved,
    })
}

async fn wanted_registry(config: &Config, origin: &Origin) -> Option<Registry> {
    let url = config.upstream.clone()?;
    let is_internal = upstream::is_internal(&url).await;
    if is_internal {
        tracing::info!(upstream = %url, %origin,
            "the upstream is on a private address; only its own origin is allowed there");
    }
    Some(Registry {
        id: RegistryId::new(),
        slug: registries::DEFAULT_SLUG.to_owned(),
        name: registries::DEFAULT_SLUG.to_owned(),
        url,
        tarballs: config.tarballs,
        is_internal,
        allows_undigested: false,
    })
}
