//! Who a caller is to the limits, and where a request comes from.
//!
//! A proxy in front is the other end of every connection; those that the operator names say in
//! `X-Forwarded-For` where theirs comes from. Each appends the address it saw, so the list is
//! read from the right, and only as far as every hop after was one of them: what stands further
//! left, anybody may have written.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::HeaderMap;
use ipnet::IpNet;
use weir_domain::{TokenId, UserId};

use crate::auth::{Caller, Credential, User};

/// What has a share of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// A user, wherever they are.
    User(UserId),
    /// Whoever holds a token, its owner or not.
    Token(TokenId),
    /// Everybody else at an address.
    Network(IpAddr),
    /// An account, there or not, by a digest of its name: whoever tries its password.
    Account([u8; 16]),
    /// The same, at an address.
    AccountAt([u8; 16], IpAddr),
    /// All there are.
    Anybody,
}

impl Who {
    pub(crate) fn of(caller: &Caller, address: IpAddr) -> Self {
        match caller.user() {
            Some(user) => Self::User(user.id),
            None => Self::Network(network(address)),
        }
    }

    /// Returns against whom wrong one-time passwords count: those that come with a token against
    /// it, so that whoever stole it uses up no tries of its owner.
    pub(crate) fn tries_codes(user: &User) -> Self {
        match user.credential {
            Credential::Token(id) => Self::Token(id),
            Credential::Password | Credential::Session(_) => Self::User(user.id),
        }
    }
}

/// Returns what of an address tells its holder from others: all of IPv4; of IPv6 the 64 bits
/// that name a network, because everybody has the rest to choose from.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// Returns where a request comes from, given the other end of its connection.
pub(crate) fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|proxy| proxy.contains(address));
    let mut client = peer.to_canonical();
    if trusted.is_empty() {
        return client;
    }
    let values = headers.get_all("x-forwarded-for").into_iter();
    let lists: Vec<_> = values.map(|value| value.to_str().unwrap_or("")).collect();
    for hop in lists.iter().rev().flat_map(|list| list.rsplit(',')) {
        if !is_trusted(&client) {
            break;
        }
        // What cannot be read was not written by a proxy: the last one that can be named counts.
        let Some(address) = address(hop.trim()) else {
            break;
        };
        client = address.to_canonical();
    }
    client
}

/// Reads an address, perhaps with a port or in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let with_port = || text.parse().ok().map(|address: SocketAddr| address.ip());
    bare.unwrap_or(text).parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted: Vec<_> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn the_list_is_read_from_the_right_as_far_as_proxies_wrote_it() {
        let proxies = ["10.0.0.0/8", "fd00::/8"];
        for (peer, forwarded, expected) in [
            // Nobody's word but a proxy's.
            ("192.0.2.1", &["198.51.100.1"][..], "192.0.2.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("fd00::1", &["2001:db8::1"], "2001:db8::1"),
            // The left of it is the client's own invention.
            ("10.0.0.1", &["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            (
                "10.0.0.1",
                &["1.1.1.1", "198.51.100.1,10.0.0.2"],
                "198.51.100.1",
            ),
            ("10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("10.0.0.1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("10.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
            ("10.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            // All are proxies: the first of them asks for itself.
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["", "198.51.100.1,"], "10.0.0.1"),
        ] {
            assert_eq!(found(peer, forwarded, &proxies), expected, "{forwarded:?}");
        }
        assert_eq!(found("10.0.0.1", &["198.51.100.1"], &[]), "10.0.0.1");
    }

    #[test]
    fn a_network_of_addresses_is_one_caller() {
        for (address, of) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2::", "2001:db8:1:2::"),
        ] {
            assert_eq!(network(address.parse().unwrap()).to_string(), of);
        }
    }
}
