//! What a request asks for, read from its method and path.

use std::fmt;

use http::Method;

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// A packument, in either form.
    Packument {
        /// The package's name, scope included.
        name: String,
    },
    /// A tarball.
    Tarball {
        /// The package's name, scope included.
        name: String,
        /// The version in the file's name.
        version: String,
    },
    /// A sign of life.
    Ping,
    /// A security audit, which clients send after an installation.
    Audit,
    /// A document beside the packages, by its path.
    Document {
        /// The path, decoded.
        path: String,
    },
    /// The stand-in's own report about its ledger.
    Report,
    /// Nothing a mirror or an installing client has to ask.
    Unknown,
}

impl Wanted {
    /// Reads a request whose path has lost the stand-in's prefix.
    pub(super) fn read(method: &Method, path: &str) -> Self {
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        match path {
            "/" | "/-/ping" if is_read => Self::Ping,
            "/-/stand-in/report" if is_read => Self::Report,
            _ if path.starts_with("/-/npm/v1/security/") && *method == Method::POST => Self::Audit,
            _ if is_read && is_document(path) => Self::Document { path: decode(path) },
            _ if path.starts_with("/-/") || !is_read => Self::Unknown,
            _ => Self::of_package(&decode(path)).unwrap_or(Self::Unknown),
        }
    }

    fn of_package(path: &str) -> Option<Self> {
        let path = path.strip_prefix('/')?;
        let scope_end = if path.starts_with('@') {
            path.find('/')? + 1
        } else {
            0
        };
        let name_end = path[scope_end..]
            .find('/')
            .map_or(path.len(), |at| scope_end + at);
        let (name, rest) = path.split_at(name_end);
        let name = name.to_owned();
        if rest.is_empty() {
            return (name.len() > scope_end).then_some(Self::Packument { name });
        }
        let file = rest.strip_prefix("/-/")?.strip_suffix(".tgz")?;
        let version = file
            .strip_prefix(&name[scope_end..])?
            .strip_prefix('-')?
            .to_owned();
        Some(Self::Tarball { name, version })
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Packument { name } => write!(f, "packument {name}"),
            Self::Tarball { name, version } => write!(f, "tarball {name}@{version}"),
            Self::Ping => f.write_str("ping"),
            Self::Audit => f.write_str("audit"),
            Self::Document { path } => write!(f, "document {path}"),
            Self::Report => f.write_str("report"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// Signing keys, attestations, and counts of downloads.
fn is_document(path: &str) -> bool {
    let places = ["/-/npm/v1/keys", "/-/npm/v1/attestations/", "/counts/"];
    places.iter().any(|place| path.starts_with(place))
}

/// Decodes the two characters that clients escape in a scope.
fn decode(path: &str) -> String {
    ["%2f", "%2F"]
        .iter()
        .fold(path.replace("%40", "@"), |path, escaped| {
            path.replace(escaped, "/")
        })
}
