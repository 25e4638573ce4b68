//! Turns an event into hints.

use serde::Deserialize;
use weir_domain::{
    RegistryId,
    catalogue::{CatalogueSettings, Reference},
};
use weir_store::{
    catalogue::{self, sources},
    clock, registries,
};

use super::{
    layout::{self, Meant},
    signed::{EventAuth, EventBody},
};
use crate::{
    error::{ApiError, ApiResult, Code},
    names::RegistryParam,
    registries::{no_such_registry, webhook_secret},
    visit::Visit,
};

/// Most references that one event leads to; what is beyond waits for the next full run.
const MOST: usize = 200;

/// What is read of an event; the sender's has more.
#[derive(Deserialize)]
struct Event {
    #[serde(default)]
    domain: String,
    #[serde(default, rename = "event_type")]
    what: String,
    #[serde(default)]
    data: Data,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data {
    repo_key: String,
    path: String,
    /// Of what was moved or copied; the repository's key comes first.
    source_repo_path: String,
    target_repo_path: String,
}

/// Notes what an event is about; returns it.
///
/// # Errors
/// 404 if there is no such source, 401 for a sender without its secret, 400 for what is no event.
pub(super) async fn take(
    visit: &Visit,
    word: &RegistryParam,
    auth: &EventAuth,
    body: &EventBody,
) -> ApiResult<Vec<String>> {
    let running = visit.running();
    let db = running.reader();
    let registry = registries::find_by_word(db, &word.0).await?;
    let registry = registry.ok_or_else(no_such_registry)?;
    let secret = webhook_secret(running, registry.id).await?;
    if !secret.is_some_and(|secret| auth.proves(&secret, &body.0)) {
        let sentence = "The event does not show the secret of its source";
        return Err(ApiError::unauthorized(sentence));
    }
    let event: Event = serde_json::from_slice(&body.0).map_err(|error| {
        ApiError::new(Code::BadRequest, format!("The body is no event: {error}"))
    })?;
    let source = sources::find(db, registry.id).await?;
    let settings = source.map(|source| source.settings).unwrap_or_default();
    let meant = meant(&event, &settings);
    let references = references(visit, registry.id, meant).await?;
    if references.is_empty() {
        return Ok(Vec::new());
    }
    let told = references.iter().map(ToString::to_string).collect();
    let hinted = running.app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            for reference in &references {
                catalogue::hint(tx, registry.id, reference, now).await?;
            }
            Ok(())
        })
    });
    hinted.await?;
    Ok(told)
}

/// Returns what an event of the source's repository is about.
fn meant(event: &Event, settings: &CatalogueSettings) -> Vec<Meant> {
    let data = &event.data;
    let repository = settings.repository.as_deref();
    let is_ours = |key: &str| repository.is_none_or(|ours| ours == key);
    let deployed = |path: String| layout::deployed(settings.strategy, &path);
    let deleted = |path: String| layout::deleted(settings.strategy, &path);
    // A path that begins with its repository.
    let within = |path: &str| {
        let (key, path) = path.trim_start_matches('/').split_once('/')?;
        is_ours(key).then(|| path.to_owned())
    };
    let own = is_ours(&data.repo_key).then(|| data.path.clone());
    let found = match (event.domain.as_str(), event.what.as_str()) {
        ("artifact", "deployed" | "cached") => vec![own.and_then(deployed)],
        ("artifact", "deleted") => vec![own.and_then(deleted)],
        ("artifact", "moved" | "copied") => {
            let from = within(&data.source_repo_path);
            let to = within(&data.target_repo_path);
            vec![from.and_then(deleted), to.and_then(deleted)]
        }
        _ => Vec::new(),
    };
    found.into_iter().flatten().collect()
}

async fn references(
    visit: &Visit,
    registry: RegistryId,
    meant: Vec<Meant>,
) -> ApiResult<Vec<Reference>> {
    let mut references = Vec::new();
    for one in meant {
        match one {
            Meant::Version(reference) => references.push(reference),
            Meant::Package(key, version) => {
                let known = catalogue::known(visit.running().reader(), registry).await?;
                let of_it = known.into_iter().map(|known| known.reference);
                references.extend(of_it.filter(|reference| {
                    let is_called = version.as_ref().is_none_or(|v| *v == reference.version);
                    reference.key == key && is_called
                }));
            }
        }
    }
    // In one order, whoever else writes hints meanwhile.
    references.sort();
    references.dedup();
    references.truncate(MOST);
    Ok(references)
}
