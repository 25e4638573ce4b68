//! Whether the configured upstream is an internal one.
//!
//! An operator who names a private upstream means it: its own origin, and nothing else on
//! private addresses, becomes reachable. Names are looked up once, at the start, because
//! most private registries have one.

use std::{net::IpAddr, time::Duration};

use url::{Host, Url};
use weir_upstream::guard::{Reach, reach};

/// How long the start waits for a name; one that cannot be found now is taken as public.
const LOOK_UP: Duration = Duration::from_secs(1);

/// Says whether the upstream is given by a literal address or lies on a private one.
pub(super) async fn is_internal(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        Some(Host::Domain(name)) => is_local_name(name) || is_private(name, url).await,
        None => false,
    }
}

/// Says whether a name can only be this machine's or this network's.
pub(crate) fn is_local_name(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost") || !name.contains('.')
}

async fn is_private(name: &str, url: &Url) -> bool {
    let port = url.port_or_known_default().unwrap_or(443);
    let looked_up = tokio::time::timeout(LOOK_UP, tokio::net::lookup_host((name, port))).await;
    let Ok(Ok(addresses)) = looked_up else {
        return false;
    };
    let addresses: Vec<IpAddr> = addresses.map(|address| address.ip()).collect();
    // One public address is enough to be reached without an exception.
    !addresses.is_empty() && addresses.iter().all(|ip| reach(*ip) == Reach::Private)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn literals_and_local_names_are_internal() {
        for (url, expected) in [
            ("http://127.0.0.1:4873/", true),
            ("http://10.0.0.7/npm/", true),
            ("http://[fd00::1]/", true),
            ("http://localhost:4873/", true),
            ("http://verdaccio:4873/", true),
            // A name that does not exist (RFC 2606).
            ("https://registry.invalid/", false),
        ] {
            let url = Url::parse(url).expect("a URL");
            assert_eq!(is_internal(&url).await, expected, "{url}");
        }
    }
}
