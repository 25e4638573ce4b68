//! What lies behind an IP address, as far as a mirror must care.
//!
//! Source: the IANA special-purpose registries for IPv4 and IPv6, July 2026 reading;
//! RFC 6052 (NAT64), RFC 3056 (6to4), RFC 4380 (Teredo).

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::LazyLock,
};

use ipnet::IpNet;

/// The second half of a refusal.
pub(super) const RULE: &str =
    "is not a public address (only an internal registry's own origin may be private)";

/// How far an address reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Anybody's.
    Public,
    /// This machine or its site: allowed to internal registries.
    Private,
    /// Nothing that serves packages: link-local (cloud metadata lives there), multicast,
    /// reserved, or a tunnel that would hide where it leads.
    Never,
}

static PRIVATE: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    nets(&[
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10", // carrier-grade NAT, also overlay networks
        "198.18.0.0/15", // benchmarking
        "::1/128",
        "fc00::/7",
        "fec0::/10",
    ])
});

static NEVER: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    nets(&[
        "0.0.0.0/8",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24", // 6to4 relays
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",           // unspecified, and IPv4-compatible
        "::ffff:0:0:0/96", // IPv4-translated
        "64:ff9b:1::/48",  // NAT64 with a local prefix
        "100::/64",        // discard
        "2001::/23",       // Teredo, ORCHID and other protocol assignments
        "2001:db8::/32",   // documentation
        "2002::/16",       // 6to4
        "3fff::/20",       // documentation
        "5f00::/16",       // segment routing
        "fe80::/10",
        "ff00::/8",
    ])
});

fn nets(texts: &[&str]) -> Vec<IpNet> {
    let net = |text: &&str| text.parse().expect("the table holds networks");
    texts.iter().map(net).collect()
}

/// Says how far an address reaches.
///
/// IPv4 inside IPv6 is judged by what is inside: mapped (`::ffff:0:0/96`) addresses come
/// from resolvers, and behind DNS64 every IPv4 host has a NAT64 (`64:ff9b::/96`) one; a
/// private address behind NAT64 is forbidden by RFC 6052 and never reached.
pub fn reach(address: IpAddr) -> Reach {
    if let IpAddr::V6(v6) = address {
        if let Some(v4) = v6.to_ipv4_mapped() {
            return reach(v4.into());
        }
        if let Some(v4) = behind_nat64(v6) {
            return match reach(v4.into()) {
                Reach::Public => Reach::Public,
                Reach::Private | Reach::Never => Reach::Never,
            };
        }
    }
    let is_in = |nets: &[IpNet]| nets.iter().any(|net| net.contains(&address));
    if is_in(&PRIVATE) {
        Reach::Private
    } else if is_in(&NEVER) {
        Reach::Never
    } else {
        Reach::Public
    }
}

fn behind_nat64(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_has_its_reach() {
        use Reach::{Never, Private, Public};
        let table = [
            ("1.1.1.1", Public),
            ("8.8.8.8", Public),
            ("104.16.0.34", Public),
            ("9.255.255.255", Public),
            ("11.0.0.0", Public),
            ("100.63.255.255", Public),
            ("100.128.0.0", Public),
            ("126.255.255.255", Public),
            ("128.0.0.1", Public),
            ("169.253.255.255", Public),
            ("172.15.255.255", Public),
            ("172.32.0.0", Public),
            ("192.167.255.255", Public),
            ("192.169.0.0", Public),
            ("198.17.255.255", Public),
            ("198.20.0.0", Public),
            ("223.255.255.255", Public),
            ("2606:4700::6810:22", Public),
            ("2a00:1450:4001::1", Public),
            ("::ffff:8.8.8.8", Public),
            ("64:ff9b::808:808", Public),
            ("10.0.0.1", Private),
            ("10.255.255.255", Private),
            ("100.64.0.1", Private),
            ("100.127.255.255", Private),
            ("127.0.0.1", Private),
            ("127.255.255.254", Private),
            ("172.16.0.1", Private),
            ("172.31.255.255", Private),
            ("192.168.0.1", Private),
            ("198.18.0.1", Private),
            ("198.19.255.255", Private),
            ("::1", Private),
            ("::ffff:127.0.0.1", Private),
            ("::ffff:10.1.2.3", Private),
            ("fc00::1", Private),
            ("fd12:3456::1", Private),
            ("fec0::1", Private),
            ("0.0.0.0", Never),
            ("0.1.2.3", Never),
            ("169.254.0.1", Never),
            ("169.254.169.254", Never),
            ("::ffff:169.254.169.254", Never),
            ("192.0.0.1", Never),
            ("192.0.2.7", Never),
            ("192.88.99.1", Never),
            ("198.51.100.9", Never),
            ("203.0.113.5", Never),
            ("224.0.0.1", Never),
            ("239.255.255.255", Never),
            ("240.0.0.1", Never),
            ("255.255.255.255", Never),
            ("::", Never),
            ("::7f00:1", Never),
            ("::ffff:0:7f00:1", Never),
            ("64:ff9b::7f00:1", Never),
            ("64:ff9b::a9fe:a9fe", Never),
            ("64:ff9b:1::1", Never),
            ("100::1", Never),
            ("2001::1", Never),
            ("2001:db8::1", Never),
            ("2002:7f00:1::1", Never),
            ("fe80::1", Never),
            ("febf::1", Never),
            ("ff02::1", Never),
        ];
        for (text, expected) in table {
            let address = text.parse().expect(text);
            assert_eq!(reach(address), expected, "{text}");
        }
    }
}
