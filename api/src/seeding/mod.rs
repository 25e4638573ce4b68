//! What a start writes into the database before anything is served.
//!
//! The administrator and the registry `default` follow the configuration, each time.
//! Several processes may start at once; they write the same, one after the other.

mod upstream;

use weir_config::{Config, Loaded, Origin};
use weir_domain::{Registry, RegistryId, Timestamp, token::TokenSecret};
use weir_store::{
    Db, StoreError, Tx,
    audit::{self, Actor},
    clock, registries, resyncs, sessions, tasks, tokens,
    users::{
        self, User,
        password::{self, PasswordHash},
    },
};

pub(crate) use self::upstream::is_local_name;
use crate::passwords;

/// What those who seed exclude each other by.
const LOCK: &str = "configuration";

/// What was found and changed.
#[derive(Debug)]
struct Seeded {
    /// The upstream, if there is one.
    upstream: Option<Registry>,
    has_moved: bool,
}

/// Seeds the database and logs what changed. Without a token the administrator's tokens
/// stay as they are.
///
/// # Errors
/// If the database refuses; then nothing was changed.
pub async fn seed(
    db: &Db,
    loaded: &Loaded,
    admin_token: Option<TokenSecret>,
) -> Result<(), StoreError> {
    let config = &loaded.config;
    let (admin, resync_interval) = (config.admin_name.clone(), config.upkeep.resync_interval);
    let wanted = wanted_registry(config, &loaded.origin("upstream")).await;
    let password = admin_password(db, config).await?;
    let seeded = db.write(move |tx| {
        Box::pin(async move {
            let proofs = (admin_token.as_ref(), password.as_ref());
            let seeded = write(tx, &admin, proofs, wanted.as_ref()).await?;
            if let Some(registry) = &seeded.upstream {
                resyncs::set_interval(tx, registry.id, resync_interval).await?;
            }
            Ok(seeded)
        })
    });
    let seeded = seeded.await?;
    match seeded.upstream {
        Some(registry) if seeded.has_moved => {
            tracing::warn!(upstream = %registry.url, "the upstream changed; every package is read afresh");
        }
        Some(registry) => tracing::info!(upstream = %registry.url, "mirrors"),
        None => tracing::warn!("no upstream is configured; name one with --upstream"),
    }
    Ok(())
}

async fn write(
    tx: &Tx,
    admin: &str,
    (token, password): (Option<&TokenSecret>, Option<&PasswordHash>),
    wanted: Option<&Registry>,
) -> Result<Seeded, StoreError> {
    tasks::lock(tx, [LOCK]).await?;
    let now = clock::now(&**tx).await?;
    let user = users::seed_admin(tx, admin, now).await?;
    if let Some(secret) = token {
        tokens::seed_admin(tx, user.id, secret, now).await?;
    }
    if let Some(hash) = password {
        set_password(tx, &user, hash, now).await?;
    }
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
        upstream,
        has_moved,
    })
}

/// Returns what is to be kept of the administrator's configured password, if it is another one.
async fn admin_password(db: &Db, config: &Config) -> Result<Option<PasswordHash>, StoreError> {
    let Some(wanted) = &config.accounts.admin_password else {
        return Ok(None);
    };
    let account = password::find(db.read(), &config.admin_name).await?;
    let kept = account.and_then(|account| account.hash);
    Ok(passwords::at_start(wanted.reveal().to_owned(), kept).await)
}

async fn set_password(
    tx: &Tx,
    user: &User,
    hash: &PasswordHash,
    now: Timestamp,
) -> Result<(), StoreError> {
    password::set(tx, user.id, hash, now).await?;
    sessions::revoke_all(tx, user.id, None, now).await?;
    let event = Actor::ITSELF.did("user.password", user.name.as_str(), "configured", now);
    audit::insert(tx, &event).await
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
        kind: weir_domain::RegistryKind::Npm,
        user_prefix: None,
        change_stream: None,
        removals: config.removals,
        downloads: config.downloads.clone(),
    })
}
