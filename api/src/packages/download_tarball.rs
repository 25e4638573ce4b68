//! Sends a tarball, whole or in part.
//!
//! A held tarball is sent from its blob, small ones from memory. A lazy one is fetched,
//! verified and held on the way.

use std::sync::Arc;

use http::header;
use weir_domain::{Digest, PackageName, Version};
use weir_render::{Encoding, Form};
use weir_store::{documents, versions};

use super::{
    answers::TarballAnswer,
    ready::{Content, Ready},
    shelf::Key,
};
use crate::{
    error::{ApiError, ApiResult},
    visit::Visit,
};

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

    fn key(&self) -> Key {
        let file = format!("{}-{}.tgz", self.name.unscoped(), self.version);
        Key::tarball(self.name.as_str(), &file)
    }
}

pub(super) async fn download_tarball(visit: &Visit, file: File<'_>) -> ApiResult<TarballAnswer> {
    let running = visit.running();
    let key = file.key();
    let ready = match running.shelf.find(&key, running.app.clock.now()) {
        Some(ready) => ready,
        None => load(visit, &file, key).await?,
    };
    let reply = ready.reply(&visit.headers)?;
    reply
        .open(&running.app.blobs, visit.found.is_head)
        .await
        .map(TarballAnswer)
}

async fn load(visit: &Visit, file: &File<'_>, key: Key) -> ApiResult<Arc<Ready>> {
    let running = visit.running();
    let mark = running.shelf.mark(&key);
    let (digest, size) = find(visit, file).await?;
    let content = Content::Blob { digest, size };
    let ready = Ready::new(format!("\"{digest}\""), content)?
        .with_ranges()
        .with(header::CONTENT_TYPE, "application/octet-stream")
        .with(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .with(header::CACHE_CONTROL, "public, immutable, max-age=31536000");
    let ready = Arc::new(ready);
    running.shelf.put(key, mark, Arc::clone(&ready));
    Ok(ready)
}

/// Returns the blob of a held tarball.
async fn find(visit: &Visit, file: &File<'_>) -> ApiResult<(Digest, u64)> {
    let running = visit.running();
    let db = running.app.db.read();
    let absent = || ApiError::not_found(format!("There is no {}@{}", file.name, file.version));
    // Reading the document's row is the cheapest way to the visible revision.
    let kind = (Form::Full.as_str(), Encoding::Gzip.as_str());
    let found = documents::find(db, file.name, kind, visit.base(), running.app.clock.now()).await?;
    let found = found
        .filter(|found| found.revision > 0)
        .ok_or_else(absent)?;
    let outline = versions::find_outline(db, found.package, found.revision, &file.version).await?;
    let outline = outline
        .filter(|outline| outline.quarantine.is_none())
        .ok_or_else(absent)?;
    outline
        .tarball
        .ok_or_else(|| ApiError::internal("fetching on demand is not there yet"))
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
