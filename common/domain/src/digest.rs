//! Digests: our own SHA-256 of stored bytes, and what upstream promises about a tarball.
//!
//! [`Digest`] is the key of every blob. [`Integrity`] is upstream's `dist.integrity`
//! (several hashes, several algorithms) or, for old versions, `dist.shasum`; bytes count
//! as verified when they match upstream's *strongest* algorithm.
//!
//! Source: W3C Subresource Integrity, section 3.

use std::{cmp::Ordering, fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// SHA-256 of some bytes; lower-case hexadecimal as text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Returns the digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// Returns the digest of everything that `reader` gives; blocks as it does.
    ///
    /// # Errors
    /// The reader's.
    pub fn of_reader(mut reader: impl std::io::Read) -> std::io::Result<Self> {
        use sha2::Digest as _;
        let (mut hasher, mut buffer) = (sha2::Sha256::new(), vec![0; 64 * 1024]);
        loop {
            match reader.read(&mut buffer)? {
                0 => return Ok(Self(hasher.finalize().into())),
                count => hasher.update(&buffer[..count]),
            }
        }
    }

    /// Reads the 32 raw bytes of a database column; `None` if there are not 32.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        hex::decode(text)
            .ok()
            .and_then(|b| Self::from_slice(&b))
            .ok_or(InvalidDigest)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// The text is not a SHA-256 in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA-256 digest in hexadecimal")]
pub struct InvalidDigest;

/// One algorithm's value, weakest first in `Ord`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum UpstreamDigest {
    /// SHA-1, only in versions older than April 2017.
    Sha1([u8; 20]),
    /// SHA-256.
    Sha256([u8; 32]),
    /// SHA-384.
    Sha384([u8; 48]),
    /// SHA-512, what npm writes today.
    Sha512([u8; 64]),
}

impl UpstreamDigest {
    fn parse_sri(token: &str) -> Option<Self> {
        let (algorithm, value) = token.split_once('-')?;
        let value = value.split('?').next().unwrap_or(value);
        let bytes = STANDARD.decode(value).ok()?;
        match algorithm {
            "sha1" => bytes.try_into().ok().map(Self::Sha1),
            "sha256" => bytes.try_into().ok().map(Self::Sha256),
            "sha384" => bytes.try_into().ok().map(Self::Sha384),
            "sha512" => bytes.try_into().ok().map(Self::Sha512),
            _ => None,
        }
    }

    /// Reads a legacy `dist.shasum`: 40 hexadecimal digits.
    pub fn parse_shasum(text: &str) -> Option<Self> {
        hex::decode(text.trim())
            .ok()?
            .try_into()
            .ok()
            .map(Self::Sha1)
    }

    /// Returns the algorithm's strength, from 0.
    fn rank(&self) -> u8 {
        match self {
            Self::Sha1(_) => 0,
            Self::Sha256(_) => 1,
            Self::Sha384(_) => 2,
            Self::Sha512(_) => 3,
        }
    }

    /// Returns a hasher of the same algorithm.
    pub fn hasher(&self) -> Hasher {
        use sha2::Digest as _;
        match self {
            Self::Sha1(_) => Hasher::Sha1(sha1::Sha1::new()),
            Self::Sha256(_) => Hasher::Sha256(sha2::Sha256::new()),
            Self::Sha384(_) => Hasher::Sha384(sha2::Sha384::new()),
            Self::Sha512(_) => Hasher::Sha512(sha2::Sha512::new()),
        }
    }
}

impl fmt::Display for UpstreamDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, bytes): (_, &[u8]) = match self {
            Self::Sha1(bytes) => ("sha1", bytes),
            Self::Sha256(bytes) => ("sha256", bytes),
            Self::Sha384(bytes) => ("sha384", bytes),
            Self::Sha512(bytes) => ("sha512", bytes),
        };
        write!(f, "{name}-{}", STANDARD.encode(bytes))
    }
}

/// A running hash of one of the algorithms upstreams use.
#[derive(Debug, Clone)]
pub enum Hasher {
    /// SHA-1.
    Sha1(sha1::Sha1),
    /// SHA-256.
    Sha256(sha2::Sha256),
    /// SHA-384.
    Sha384(sha2::Sha384),
    /// SHA-512.
    Sha512(sha2::Sha512),
}

impl Hasher {
    /// Takes in more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        use sha2::Digest as _;
        match self {
            Self::Sha1(hash) => hash.update(bytes),
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sha384(hash) => hash.update(bytes),
            Self::Sha512(hash) => hash.update(bytes),
        }
    }

    /// Ends the hash.
    pub fn finish(self) -> UpstreamDigest {
        use sha2::Digest as _;
        match self {
            Self::Sha1(hash) => UpstreamDigest::Sha1(hash.finalize().into()),
            Self::Sha256(hash) => UpstreamDigest::Sha256(hash.finalize().into()),
            Self::Sha384(hash) => UpstreamDigest::Sha384(hash.finalize().into()),
            Self::Sha512(hash) => UpstreamDigest::Sha512(hash.finalize().into()),
        }
    }
}

/// Everything upstream promises about the bytes of one tarball; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integrity {
    /// Every value of every algorithm we know, weakest first.
    all: Vec<UpstreamDigest>,
}

/// How a later promise about the same tarball relates to an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// As strong, and the same.
    Same,
    /// A stronger algorithm, and the same wherever both can be compared.
    Stronger,
    /// A stronger algorithm, and nothing to compare by.
    Unrelated,
    /// Only weaker algorithms than before.
    Weaker,
    /// Other bytes.
    Other,
}

impl Integrity {
    /// Reads `dist.integrity` and `dist.shasum`; `None` if neither holds a known digest.
    pub fn from_dist(integrity: Option<&str>, shasum: Option<&str>) -> Option<Self> {
        let sri = integrity.unwrap_or_default().split_ascii_whitespace();
        let mut all: Vec<_> = sri.filter_map(UpstreamDigest::parse_sri).collect();
        all.extend(shasum.and_then(UpstreamDigest::parse_shasum));
        all.sort();
        all.dedup();
        (!all.is_empty()).then_some(Self { all })
    }

    /// Reads what [`Integrity`]'s `Display` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_dist(Some(text), None)
    }

    /// Returns all acceptable values of the strongest algorithm.
    pub fn strongest(&self) -> &[UpstreamDigest] {
        self.of_rank(self.rank())
    }

    /// Returns a hasher of the strongest algorithm.
    pub fn hasher(&self) -> Hasher {
        self.strongest()[0].hasher()
    }

    /// Says whether `digest` is one of the promised values.
    pub fn accepts(&self, digest: &UpstreamDigest) -> bool {
        self.strongest().contains(digest)
    }

    /// Compares a later promise with this one; every algorithm that both name must agree.
    pub fn compare(&self, later: &Self) -> Promise {
        let common: Vec<u8> = (0..4)
            .filter(|rank| !self.of_rank(*rank).is_empty() && !later.of_rank(*rank).is_empty())
            .collect();
        let differs = |rank: &u8| self.of_rank(*rank) != later.of_rank(*rank);
        if common.iter().any(differs) {
            return Promise::Other;
        }
        match later.rank().cmp(&self.rank()) {
            Ordering::Less => Promise::Weaker,
            Ordering::Equal => Promise::Same,
            Ordering::Greater if common.is_empty() => Promise::Unrelated,
            Ordering::Greater => Promise::Stronger,
        }
    }

    fn rank(&self) -> u8 {
        self.all.last().map_or(0, UpstreamDigest::rank)
    }

    fn of_rank(&self, rank: u8) -> &[UpstreamDigest] {
        let from = self.all.partition_point(|digest| digest.rank() < rank);
        let to = self.all.partition_point(|digest| digest.rank() <= rank);
        &self.all[from..to]
    }
}

impl fmt::Display for Integrity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, digest) in self.all.iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            write!(f, "{gap}{digest}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA1_EMPTY: &str = "da39a3ee5e6b4b0d3255bfef95601890afd80709";

    fn digest_of(bytes: &[u8], like: &Integrity) -> UpstreamDigest {
        let mut hasher = like.hasher();
        hasher.update(bytes);
        hasher.finish()
    }

    #[test]
    fn the_strongest_algorithm_decides() {
        let right = digest_of(
            b"x",
            &Integrity::parse(&format!("sha512-{}", STANDARD.encode([0; 64]))).expect("sri"),
        );
        let both = Integrity::from_dist(Some(&right.to_string()), Some(SHA1_EMPTY)).expect("some");
        assert!(both.accepts(&digest_of(b"x", &both)));
        assert!(!both.accepts(&digest_of(b"", &both)));
    }

    #[test]
    fn a_shasum_serves_where_there_is_nothing_better() {
        let old = Integrity::from_dist(None, Some(SHA1_EMPTY)).expect("some");
        assert!(old.accepts(&digest_of(b"", &old)));
        assert_eq!(Integrity::parse(&old.to_string()), Some(old));
    }

    #[test]
    fn a_later_promise_is_compared_by_every_algorithm_both_name() {
        let sri = |name: &str, byte: u8, len: usize| {
            format!("{name}-{}", STANDARD.encode(vec![byte; len]))
        };
        let promise = |tokens: &[(&str, u8, usize)]| {
            let text: Vec<_> = tokens.iter().map(|(n, b, l)| sri(n, *b, *l)).collect();
            Integrity::parse(&text.join(" ")).expect("some")
        };
        let (one, two) = (("sha1", 1, 20), ("sha1", 2, 20));
        let (five, six) = (("sha512", 5, 64), ("sha512", 6, 64));
        for (former, later, expected) in [
            (&[one][..], &[one][..], Promise::Same),
            (&[one, five], &[five], Promise::Same),
            (&[one], &[two], Promise::Other),
            (&[one, five], &[two, five], Promise::Other),
            (&[five], &[five, six], Promise::Other),
            (&[one], &[one, five], Promise::Stronger),
            (&[one], &[two, five], Promise::Other),
            (&[one], &[five], Promise::Unrelated),
            (&[one, five], &[one], Promise::Weaker),
            (&[five], &[one], Promise::Weaker),
        ] {
            let (former, later) = (promise(former), promise(later));
            assert_eq!(former.compare(&later), expected, "{former} then {later}");
        }
    }

    #[test]
    fn nothing_known_is_nothing() {
        assert_eq!(Integrity::from_dist(Some("md5-AAAA"), Some("zz")), None);
        assert_eq!(Integrity::from_dist(None, None), None);
    }
}
