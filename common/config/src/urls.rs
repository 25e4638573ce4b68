//! URLs that may carry credentials, and the readers of all URL settings.

use std::{fmt, path::PathBuf};

use url::Url;
use weir_domain::{BucketUrl, PublicBase};

use crate::secret::mask_credentials;

/// Where the database is; shown without credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// Returns the URL of a `SQLite` file.
    pub(crate) fn of_file(path: &std::path::Path) -> String {
        let path = path.to_string_lossy();
        let path = path.replace('%', "%25").replace('?', "%3F");
        format!("sqlite://{path}")
    }

    /// Reads a URL; a database in memory is refused, because its parts would not share it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let url = Self(text.to_owned());
        let is_postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
        let is_file = url
            .sqlite_file()
            .is_some_and(|path| !path.as_os_str().is_empty());
        let is_in_memory = text.contains(":memory:") || text.contains("mode=memory");
        (is_postgres || (is_file && !is_in_memory)).then_some(url)
    }

    /// Returns the text, credentials included.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the file of a `SQLite` database; `None` for a server.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let rest = self.0.strip_prefix("sqlite:")?;
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let path = rest.split('?').next().unwrap_or(rest);
        Some(PathBuf::from(percent_decoded(path)))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({})", mask_credentials(&self.0))
    }
}

/// The proxy for outgoing connections; shown without credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyUrl(Url);

impl ProxyUrl {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let is_http = matches!(url.scheme(), "http" | "https");
        (is_http && url.has_host()).then_some(Self(url))
    }

    /// Returns the URL, credentials included.
    pub fn as_url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProxyUrl({})", mask_credentials(self.0.as_str()))
    }
}

/// Where Redis is; shown without credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl(String);

impl RedisUrl {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let is_server = url.scheme() == "redis" && url.has_host();
        let is_socket = url.scheme() == "unix" && url.path().len() > 1;
        (is_server || is_socket).then(|| Self(text.to_owned()))
    }

    /// Returns the text, credentials included.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisUrl({})", mask_credentials(&self.0))
    }
}

/// Reads an upstream's address; its path gets a trailing slash, so that names join to it.
pub(crate) fn upstream(text: &str) -> Option<Url> {
    PublicBase::parse(text).ok()?;
    let mut url = Url::parse(text).ok()?;
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Some(url)
}

/// Reads a list of public addresses, each once, in order.
pub(crate) fn public(text: &str) -> Option<Vec<PublicBase>> {
    let mut bases = Vec::new();
    for base in text.split(',') {
        let base = PublicBase::parse(base).ok()?;
        if !bases.contains(&base) {
            bases.push(base);
        }
    }
    Some(bases)
}

/// Returns the URL of a folder.
pub(crate) fn of_folder(path: &std::path::Path) -> Option<String> {
    Url::from_directory_path(path).ok().map(String::from)
}

/// Where blobs are, as one URL can say it.
#[derive(Debug)]
pub(crate) enum BlobUrl {
    Folder(PathBuf),
    Bucket(BucketUrl),
}

impl BlobUrl {
    /// Reads the URL of a folder or of a bucket.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(bucket) = BucketUrl::parse(text) {
            return Some(Self::Bucket(bucket));
        }
        let url = Url::parse(text).ok().filter(|url| url.scheme() == "file")?;
        url.to_file_path().ok().map(Self::Folder)
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = tail.get(..2).filter(|_| first == b'%');
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        if let Some(byte) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_file_becomes_a_database_url_and_comes_back() {
        for path in ["/data/weir.sqlite", "/odd 50%?/weir.sqlite", "/dätä/x"] {
            let url = DatabaseUrl::parse(&DatabaseUrl::of_file(Path::new(path)));
            let file = url.expect("accepted").sqlite_file();
            assert_eq!(file.as_deref(), Some(Path::new(path)));
        }
    }

    #[test]
    fn databases_are_files_or_servers() {
        for text in [
            "sqlite:x.db",
            "sqlite://x.db?mode=rwc",
            "postgres://u:p@h/db",
        ] {
            assert!(DatabaseUrl::parse(text).is_some(), "{text}");
        }
        for text in ["", "x.db", "sqlite:", "sqlite::memory:", "mysql://h/db"] {
            assert!(DatabaseUrl::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn debug_output_hides_credentials() {
        let database = DatabaseUrl::parse("postgres://u:secret@h/db").expect("valid");
        let proxy = ProxyUrl::parse("http://u:secret@proxy.example:3128").expect("valid");
        let redis = RedisUrl::parse("redis://u:secret@h:6379/1").expect("valid");
        assert!(!format!("{database:?} {proxy:?} {redis:?}").contains("secret"));
    }

    #[test]
    fn redis_is_a_server_or_a_socket() {
        for text in ["redis://h", "redis://:p@h:6379/2", "unix:///run/redis.sock"] {
            assert!(RedisUrl::parse(text).is_some(), "{text}");
        }
        for text in ["", "h:6379", "redis:", "http://h", "unix:", "redis://"] {
            assert!(RedisUrl::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn an_upstream_ends_in_a_slash_and_has_no_credentials() {
        let url = upstream("https://registry.example/npm").expect("valid");
        assert_eq!(url.as_str(), "https://registry.example/npm/");
        assert!(upstream("https://u:p@registry.example").is_none());
        assert!(upstream("registry.example").is_none());
    }

    #[test]
    fn a_folder_round_trips_and_other_stores_are_refused() {
        let url = of_folder(Path::new("/data/a b")).expect("absolute");
        let folder = BlobUrl::parse(&url);
        assert!(matches!(folder, Some(BlobUrl::Folder(path)) if path == Path::new("/data/a b/")));
        for text in ["/data", "gs://bucket", "s3://u:p@bucket"] {
            assert!(BlobUrl::parse(text).is_none(), "{text}");
        }
    }
}
