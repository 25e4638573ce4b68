//! Where outgoing requests may go: the only answer to a URL that somebody else wrote.
//!
//! `dist.tarball`, redirects and registry hosts are data from outside. Literal addresses
//! are judged before connecting; names at the moment of connecting, by the resolver the
//! HTTP library itself uses, so that a second look-up cannot give another answer
//! (rebinding). Both judge by [`reach`]. A registry marked internal may use private
//! addresses for exactly its own origin (scheme, host and port), through a connection pool
//! of its own; nothing else ever takes that pool.

mod address;
mod resolver;

use url::{Host, Url};

pub use address::{Reach, reach};
pub(crate) use resolver::{GuardedResolver, RefusedName};
pub use resolver::{Lookup, SystemLookup};

/// Which pool of connections a URL may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pool {
    /// Public addresses only.
    Public,
    /// Private addresses too: an internal registry's own origin.
    Internal,
}

impl Pool {
    /// Says whether a connection of this pool may go to an address.
    pub(crate) fn admits(self, reach: Reach) -> bool {
        match self {
            Self::Public => reach == Reach::Public,
            Self::Internal => reach != Reach::Never,
        }
    }
}

/// Judges a URL before anything is sent; `is_own` says that it is on an internal
/// registry's own origin.
///
/// # Errors
/// The rule it breaks, as half a sentence.
pub(crate) fn judge(url: &Url, is_own: bool) -> Result<Pool, String> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err("only http and https are fetched".to_owned());
    }
    let pool = if is_own { Pool::Internal } else { Pool::Public };
    let literal = match url.host() {
        None => return Err("it names no host".to_owned()),
        Some(Host::Domain(_)) => return Ok(pool),
        Some(Host::Ipv4(address)) => address.into(),
        Some(Host::Ipv6(address)) => address.into(),
    };
    if pool.admits(reach(literal)) {
        Ok(pool)
    } else {
        Err(format!("{literal} {}", address::RULE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_judged_before_anything_is_sent() {
        for (url, is_own, is_admitted) in [
            ("https://up.example/", false, true),
            ("http://8.8.8.8/", false, true),
            ("http://127.0.0.1/", true, true),
            ("http://127.0.0.1/", false, false),
            ("http://[fe80::1]/", true, false),
            ("http://169.254.169.254/", true, false),
            ("http://0/", true, false),
            ("ftp://up.example/", true, false),
            ("file:///etc/passwd", true, false),
            ("data:,x", false, false),
        ] {
            let judged = judge(&url.parse().expect(url), is_own);
            assert_eq!(judged.is_ok(), is_admitted, "{url}: {judged:?}");
        }
    }
}
