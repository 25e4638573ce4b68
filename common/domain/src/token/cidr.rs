//! Networks that a token may be used from.
//!
//! An address that is IPv4 inside IPv6 (`::ffff:192.0.2.1`) is the IPv4 address, and a network
//! of such addresses is the IPv4 network: how a listener was bound decides nothing.

use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Most networks of one token.
pub const MAX_CIDRS: usize = 10;
/// Bits of an address before the IPv4 address that it holds.
const MAPPED_BITS: u8 = 96;

/// A network, or one address; keeps the text it was given as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cidr {
    text: String,
    net: IpNet,
}

/// The text is neither an address nor a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an address such as 192.0.2.1, or a network such as 192.0.2.0/24 or 2001:db8::/32")]
pub struct InvalidCidr;

impl Cidr {
    /// Says whether an address is of this network.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.net.contains(&address.to_canonical())
    }

    /// Says whether every address of `other` is of this network.
    pub fn covers(&self, other: &Self) -> bool {
        self.net.contains(&other.net)
    }

    /// Returns the text it was given as.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Cidr {
    type Err = InvalidCidr;

    fn from_str(text: &str) -> Result<Self, InvalidCidr> {
        let address = || text.parse::<IpAddr>().map(IpNet::from);
        let net = text.parse::<IpNet>().or_else(|_| address());
        Ok(Self {
            text: text.to_owned(),
            net: canonical(net.map_err(|_| InvalidCidr)?),
        })
    }
}

fn canonical(net: IpNet) -> IpNet {
    let IpAddr::V4(address) = net.addr().to_canonical() else {
        return net;
    };
    let bits = match net {
        IpNet::V4(_) => return net,
        IpNet::V6(net) => net.prefix_len().checked_sub(MAPPED_BITS),
    };
    let mapped = bits.and_then(|bits| Ipv4Net::new(address, bits).ok());
    mapped.map_or(net, IpNet::V4)
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Cidr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Cidr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidr(text: &str) -> Cidr {
        text.parse().unwrap_or_else(|_| panic!("{text}"))
    }

    #[test]
    fn an_address_is_of_a_network_however_it_is_spelt() {
        for (net, address, is_of_it) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.0/24", "192.0.2.255", true),
            ("192.0.2.77/24", "192.0.2.1", true),
            ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.0/24", "::ffff:192.0.2.9", true),
            ("192.0.2.0/24", "::192.0.2.9", false),
            ("::ffff:192.0.2.0/120", "192.0.2.9", true),
            ("::ffff:192.0.2.0/120", "192.0.3.9", false),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.1", true),
            ("0.0.0.0/0", "198.51.100.1", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            // All of IPv6 is not all of IPv4.
            ("::/0", "198.51.100.1", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
        ] {
            let address = address.parse().expect("an address");
            assert_eq!(cidr(net).contains(address), is_of_it, "{net} {address}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "localhost",
            "192.0.2",
            "192.0.2.256",
            "192.0.2.1/33",
            "192.0.2.1/-1",
            "192.0.2.1/",
            "010.0.0.1",
            "192.0.2.1 ",
            "192.0.2.1\r\nx: y",
            "*",
            "::1/129",
            "[::1]",
        ] {
            assert_eq!(text.parse::<Cidr>(), Err(InvalidCidr), "{text:?}");
        }
    }

    #[test]
    fn a_network_covers_its_parts_only() {
        for (net, other, does) in [
            ("10.0.0.0/8", "10.1.0.0/16", true),
            ("10.0.0.0/8", "10.0.0.0/8", true),
            ("10.1.0.0/16", "10.0.0.0/8", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("10.0.0.0/8", "::/0", false),
            ("::/0", "2001:db8::/32", true),
        ] {
            assert_eq!(cidr(net).covers(&cidr(other)), does, "{net} {other}");
        }
    }
}
