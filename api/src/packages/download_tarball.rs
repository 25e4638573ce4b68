//! Sends a tarball, whole or in part.
//!
//! A held tarball is sent from its blob, small ones from memory. A lazy one is fetched,
//! verified and held on the way.

use std::sync::Arc;

use http::header;
use weir_content::{Flight, Offer, Tarball};
use weir_domain::{Digest, PackageName, Version};

use super::{
    admit::{Audience, CREDENTIALS, admit},
    answers::TarballAnswer,
    ready::{Content, Ready},
    redirect_tarball::redirect,
    shelf::Key,
};
use crate::{
    app::Running,
    error::{ApiError, ApiResult},
    metrics::Shelved,
    pull,
    visit::Visit,
};

const OCTETS: &str = "application/octet-stream";
const FOREVER: &str = "public, immutable, max-age=31536000";
const FOREVER_TO_FEW: &str = "private, immutable, max-age=31536000";
/// Largest tarball kept in memory, in bytes.
const LARGEST_IN_MEMORY: u64 = 1024 * 1024;

/// A tarball's file name, taken apart.
#[derive(Debug)]
pub(super) struct File<'n> {
    name: &'n PackageName,
    version: Version,
}

impl<'n> File<'n> {
    /// Reads `{unscoped}-{version}.tgz`, perhaps with the package's scope before it.
    ///
    /// # Errors
    /// 404: no other file can exist.
    pub(super) fn new(name: &'n PackageName, scope: Option<&str>, file: &str) -> ApiResult<Self> {
        let (in_file, file) = file
            .rsplit_once('/')
            .map_or((None, file), |(s, f)| (Some(s), f));
        let is_own = |scope: &str| {
            scope
                .strip_prefix('@')
                .is_some_and(|s| name.scope() == Some(s))
        };
        let version = file
            .strip_prefix(name.unscoped())
            .and_then(|rest| rest.strip_prefix('-')?.strip_suffix(".tgz"))
            .filter(|_| scope.is_none_or(is_own) && in_file.is_none_or(is_own))
            .and_then(|text| Version::parse(text).ok())
            .ok_or_else(|| ApiError::not_found("There is no such file"))?;
        Ok(Self { name, version })
    }

    fn absent(&self) -> ApiError {
        ApiError::not_found(format!("There is no {}@{}", self.name, self.version))
    }

    fn key(&self) -> Key {
        let file = format!("{}-{}.tgz", self.name.unscoped(), self.version);
        Key::tarball(self.name.as_str(), &file)
    }
}

pub(super) async fn download_tarball(visit: &Visit, file: File<'_>) -> ApiResult<TarballAnswer> {
    match answer(visit, &file).await {
        // Bytes that turned out to be damaged are fetched anew.
        Err(error) if error.is_damage() => answer(visit, &file).await,
        outcome => outcome,
    }
}

async fn answer(visit: &Visit, file: &File<'_>) -> ApiResult<TarballAnswer> {
    let running = visit.running();
    let key = file.key();
    let mark = running.shelf.mark(&key);
    let shelved = running.shelf.find(&key, &*running.app.clock);
    let shelved = shelved.filter(|_| running.is_current());
    running.traffic.looked(Shelved::Tarball, shelved.is_some());
    let ready = if let Some(ready) = shelved {
        ready
    } else {
        let wanted = (file.name, Some(&file.version));
        let audience = admit(visit, wanted, || file.absent()).await?;
        let offer = find(visit, file).await?;
        let held = match offer.tarball {
            Tarball::Held(digest, size) => (digest, size),
            Tarball::Lazy(flight) if needs_all(visit) => flight.landed().await?,
            Tarball::Lazy(flight) => return stream(&flight, offer.promise, audience).await,
        };
        if running.app.settings.redirects_tarballs
            && audience == Audience::Everybody
            && let Some(reply) = redirect(visit, tag(offer.promise.unwrap_or(held.0)), held).await?
        {
            return reply
                .open(&running.app.content, true)
                .await
                .map(TarballAnswer);
        }
        let ready = load(running, held, offer.promise).await?;
        let ready = Arc::new(for_audience(ready, audience));
        if audience == Audience::Everybody {
            running.shelf.put(key, mark, Arc::clone(&ready));
        }
        ready
    };
    let reply = ready.reply(&visit.headers)?;
    reply
        .open(&running.app.content, visit.found.is_head)
        .await
        .map(TarballAnswer)
}

async fn find(visit: &Visit, file: &File<'_>) -> ApiResult<Offer> {
    let content = &visit.running().app.content;
    let mut offer = content.tarball(file.name, &file.version).await?;
    if offer.is_none() {
        pull::renew(visit, file.name).await?;
        offer = content.tarball(file.name, &file.version).await?;
    }
    offer.ok_or_else(|| file.absent())
}

/// Says whether the answer depends on bytes that a stream shows last: its size, its parts.
fn needs_all(visit: &Visit) -> bool {
    visit.found.is_head
        || visit.headers.contains_key(header::RANGE)
        || visit.headers.contains_key(header::IF_NONE_MATCH)
}

/// Returns the entity tag: by what was promised, so that it is known before the bytes are.
fn tag(of: Digest) -> String {
    format!("\"{of}\"")
}

async fn load(
    running: &Running,
    (digest, size): (Digest, u64),
    promise: Option<Digest>,
) -> ApiResult<Ready> {
    let content = Content::Blob((digest, size));
    let content = if size <= LARGEST_IN_MEMORY {
        content.into_memory(&running.app.content).await?
    } else {
        content
    };
    Ok(Ready::new(tag(promise.unwrap_or(digest)), content)?
        .with_ranges()
        .with(header::CONTENT_TYPE, OCTETS)
        .with(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
}

fn for_audience(ready: Ready, audience: Audience) -> Ready {
    match audience {
        Audience::Everybody => ready.with(header::CACHE_CONTROL, FOREVER),
        Audience::Few => ready
            .with(header::CACHE_CONTROL, FOREVER_TO_FEW)
            .with(header::VARY, CREDENTIALS),
    }
}

/// Sends bytes while they come; the last of them only once all are proven.
async fn stream(
    flight: &Flight,
    promise: Option<Digest>,
    audience: Audience,
) -> ApiResult<TarballAnswer> {
    let (length, bytes) = flight.stream().await?;
    let mut answer = poem::Response::builder()
        .content_type(OCTETS)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(
            header::CACHE_CONTROL,
            audience.choose(FOREVER, FOREVER_TO_FEW),
        )
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::CONTENT_LENGTH, length);
    if audience == Audience::Few {
        answer = answer.header(header::VARY, CREDENTIALS);
    }
    if let Some(promise) = promise {
        answer = answer.header(header::ETAG, tag(promise));
    }
    Ok(TarballAnswer(
        answer.body(poem::Body::from_bytes_stream(bytes)),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(name: &str, scope: Option<&str>, file: &str) -> Option<String> {
        let name = PackageName::parse(name).expect("valid");
        File::new(&name, scope, file)
            .ok()
            .map(|file| file.version.to_string())
    }

    #[test]
    fn three_spellings_of_a_file_are_one() {
        let one = Some("1.0.0-rc.1".to_owned());
        assert_eq!(version("n", None, "n-1.0.0-rc.1.tgz"), one);
        assert_eq!(version("@s/n", None, "n-1.0.0-rc.1.tgz"), one);
        assert_eq!(version("@s/n", Some("@s"), "n-1.0.0-rc.1.tgz"), one);
        assert_eq!(version("@s/n", None, "@s/n-1.0.0-rc.1.tgz"), one);
    }

    #[test]
    fn nothing_else_is_a_file() {
        for (name, scope, file) in [
            ("n", None, "n-1.0.0.zip"),
            ("n", None, "m-1.0.0.tgz"),
            ("n", None, "n-1.0.tgz"),
            ("n", None, "n-.tgz"),
            ("n", None, "n.tgz"),
            ("n", None, ""),
            ("n", None, "n-../../etc/passwd.tgz"),
            ("n", Some("@s"), "n-1.0.0.tgz"),
            ("n", Some("s"), "n-1.0.0.tgz"),
            ("@s/n", Some("@t"), "n-1.0.0.tgz"),
            ("@s/n", Some("s"), "n-1.0.0.tgz"),
            ("@s/n", None, "@t/n-1.0.0.tgz"),
        ] {
            assert_eq!(version(name, scope, file), None, "{name} {scope:?} {file}");
        }
    }
}
