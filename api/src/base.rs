//! Which public address a request came by.
//!
//! Documents name tarballs by absolute URL, so one package has one document per address
//! that clients know us by. A request whose scheme, host and prefix are listed gets that
//! base; a loopback listener also answers as `localhost`, `127.0.0.1` and `[::1]`; any
//! other host gets the first. The prefix of a base may be present or already cut off by a
//! proxy: both are understood.

use std::net::SocketAddr;

use http::{HeaderMap, Uri, header};
use weir_domain::PublicBase;

/// All bases of the process, the configured ones first; never empty.
#[derive(Debug, Clone)]
pub(crate) struct Bases {
    all: Vec<Known>,
}

#[derive(Debug, Clone)]
struct Known {
    base: PublicBase,
    /// `host[:port]`, lower case, without the scheme's own port.
    authority: String,
    is_https: bool,
    /// The base's prefix, looked for in every request's path.
    prefix: String,
}

/// The place of a base in the process's list; small, for keys of caches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct BaseIndex(u16);

impl BaseIndex {
    /// Returns a character of its own, for keys.
    pub(crate) fn as_char(self) -> char {
        // Above ASCII, below the surrogates: there are never that many bases.
        char::from_u32(0x100 + u32::from(self.0)).unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}

impl Bases {
    /// Lists the configured bases, then what a loopback listener is also called.
    pub(crate) fn new(configured: &[PublicBase], listener: SocketAddr) -> Self {
        let own = format!("http://{listener}");
        let mut texts: Vec<String> = configured.iter().map(ToString::to_string).collect();
        if texts.is_empty() {
            texts.push(own);
        }
        if listener.ip().to_canonical().is_loopback() {
            let port = listener.port();
            let names = ["localhost", "127.0.0.1", "[::1]"];
            texts.extend(names.map(|name| format!("http://{name}:{port}")));
        }
        let mut all: Vec<Known> = Vec::new();
        for base in texts.iter().filter_map(|text| PublicBase::parse(text).ok()) {
            if all.iter().all(|known| known.base != base) {
                all.push(Known::from(base));
            }
        }
        Self { all }
    }

    /// Returns the base of an index this list gave out.
    pub(crate) fn get(&self, index: BaseIndex) -> &PublicBase {
        &self.all[usize::from(index.0)].base
    }

    /// Returns every base.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &PublicBase> {
        self.all.iter().map(|known| &known.base)
    }

    /// Returns the base of a request, and its path without that base's prefix.
    ///
    /// Behind a proxy that ends TLS the scheme we see is not the client's, so it only
    /// decides between bases that are otherwise equal.
    pub(crate) fn of_request<'u>(&self, uri: &'u Uri, headers: &HeaderMap) -> (BaseIndex, &'u str) {
        let path = uri.path();
        let host = uri
            .authority()
            .map(http::uri::Authority::as_str)
            .or_else(|| {
                headers
                    .get(header::HOST)
                    .and_then(|value| value.to_str().ok())
            });
        let host = host.unwrap_or_default();
        // The prefix as listed beats no prefix, which beats one that the path lacks.
        let score = |known: &Known| {
            let prefix = match (known.prefix.as_str(), known.cut(path)) {
                ("", _) => 1,
                (_, Some(_)) => 2,
                (_, None) => 0,
            };
            (known.has_host(host), prefix, !known.is_https)
        };
        let mut best = 0;
        for (index, known) in self.all.iter().enumerate().skip(1) {
            if score(known).0 && score(known) > score(&self.all[best]) {
                best = index;
            }
        }
        let rest = self.all[best].cut(path).unwrap_or(path);
        (BaseIndex(u16::try_from(best).unwrap_or(0)), rest)
    }
}

impl Known {
    fn has_host(&self, host: &str) -> bool {
        let own_port = if self.is_https { ":443" } else { ":80" };
        let host = host.strip_suffix(own_port).unwrap_or(host);
        self.authority.eq_ignore_ascii_case(host)
    }

    /// Returns `path` without this base's prefix; `None` if it does not begin with it.
    fn cut<'p>(&self, path: &'p str) -> Option<&'p str> {
        match path.strip_prefix(self.prefix.as_str())? {
            "" => Some("/"),
            rest => rest.starts_with('/').then_some(rest),
        }
    }
}

impl From<PublicBase> for Known {
    fn from(base: PublicBase) -> Self {
        let text = base.as_str();
        let after_scheme = text.find("://").map_or(0, |at| at + 3);
        let end = text.len() - base.prefix().len();
        Self {
            authority: text[after_scheme..end].to_owned(),
            is_https: text.starts_with("https:"),
            prefix: base.prefix().to_owned(),
            base,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bases(configured: &[&str], listener: &str) -> Bases {
        let configured: Vec<_> = configured
            .iter()
            .map(|text| PublicBase::parse(text).expect("base"))
            .collect();
        Bases::new(&configured, listener.parse().expect("address"))
    }

    fn asked(bases: &Bases, host: &str, path: &str) -> (String, String) {
        let mut headers = HeaderMap::new();
        if !host.is_empty() {
            headers.insert(header::HOST, host.parse().expect("header"));
        }
        let uri: Uri = path.parse().expect("uri");
        let (index, rest) = bases.of_request(&uri, &headers);
        (bases.get(index).to_string(), rest.to_owned())
    }

    #[test]
    fn without_configuration_the_listener_is_the_base() {
        let bases = bases(&[], "127.0.0.1:7373");
        let table = [
            ("127.0.0.1:7373", "http://127.0.0.1:7373"),
            ("localhost:7373", "http://localhost:7373"),
            ("LOCALHOST:7373", "http://localhost:7373"),
            ("[::1]:7373", "http://[::1]:7373"),
            ("localhost:1", "http://127.0.0.1:7373"),
            ("evil.example", "http://127.0.0.1:7373"),
            ("", "http://127.0.0.1:7373"),
        ];
        for (host, base) in table {
            assert_eq!(asked(&bases, host, "/lodash").0, base, "{host}");
        }
    }

    #[test]
    fn only_a_loopback_listener_has_loopback_names() {
        let bases = bases(&["https://npm.example"], "10.1.2.3:80");
        assert_eq!(asked(&bases, "localhost:80", "/x").0, "https://npm.example");
        assert_eq!(bases.iter().count(), 1);
    }

    #[test]
    fn a_listed_host_gets_its_own_base_with_and_without_prefix() {
        let bases = bases(
            &[
                "https://npm.example",
                "http://npm.example/mirror",
                "https://other.example:8443/a/b",
            ],
            "10.1.2.3:80",
        );
        let table = [
            ("npm.example", "/lodash", "https://npm.example", "/lodash"),
            (
                "npm.example:443",
                "/lodash",
                "https://npm.example",
                "/lodash",
            ),
            (
                "npm.example",
                "/mirror/lodash",
                "http://npm.example/mirror",
                "/lodash",
            ),
            ("npm.example", "/mirror", "http://npm.example/mirror", "/"),
            (
                "npm.example",
                "/mirrored",
                "https://npm.example",
                "/mirrored",
            ),
            (
                "other.example:8443",
                "/a/b/@s/n",
                "https://other.example:8443/a/b",
                "/@s/n",
            ),
            (
                "other.example:8443",
                "/@s/n",
                "https://other.example:8443/a/b",
                "/@s/n",
            ),
            (
                "unknown.example",
                "/mirror/lodash",
                "https://npm.example",
                "/mirror/lodash",
            ),
        ];
        for (host, path, base, rest) in table {
            let expected = (base.to_owned(), rest.to_owned());
            assert_eq!(asked(&bases, host, path), expected, "{host}{path}");
        }
    }

    #[test]
    fn an_absolute_request_target_names_the_host() {
        let bases = bases(&["https://a.example", "https://b.example"], "10.1.2.3:80");
        let found = asked(&bases, "a.example", "http://b.example/lodash");
        assert_eq!(
            found,
            ("https://b.example".to_owned(), "/lodash".to_owned())
        );
    }
}
