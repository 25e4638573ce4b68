//! One version's document: kept as upstream wrote it, with just two URLs of ours in it.
//!
//! A [`StoredManifest`] is the raw JSON text plus the places of `dist.tarball` and
//! `dist.attestations.url`. Serving it is slicing: no parsing, and every unknown field
//! survives untouched.

use serde_json::{Value, value::RawValue};

use crate::{
    Digest, Integrity, PackageName, PublicBase, Version,
    json::{escape_lone_surrogates, pick},
};

/// A manifest as stored: upstream's text, and where our URLs go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredManifest {
    /// The JSON text of the manifest.
    pub raw: String,
    /// The byte ranges to replace.
    pub spans: UrlSpans,
}

/// Byte ranges of JSON string values (quotes included) within the raw manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UrlSpans {
    /// `dist.tarball`.
    pub tarball: Span,
    /// `dist.attestations.url`, if there is one.
    pub attestations: Option<Span>,
}

/// A byte range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// Number of bytes.
    pub len: u32,
}

/// What the mirror must know of a manifest; all else stays opaque.
#[derive(Debug, Clone)]
pub struct ManifestFacts {
    /// The version it says it is.
    pub version: Version,
    /// SHA-256 of its canonical JSON (keys sorted, no spaces).
    pub canonical_digest: Digest,
    /// What upstream promises about the tarball; `None` if nothing.
    pub integrity: Option<Integrity>,
    /// Where upstream serves the tarball; absolute, as written.
    pub tarball_url: String,
    /// Whether it carries a deprecation (an empty text lifts one).
    pub is_deprecated: bool,
    /// Where our URLs go.
    pub spans: UrlSpans,
}

/// Why a manifest cannot be mirrored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidManifest {
    /// Not JSON of a manifest's shape.
    #[error("not a manifest: {0}")]
    Malformed(String),
    /// The version inside differs from the key it is listed under, or is not semver.
    #[error("version {0:?} is not what the packument lists")]
    Version(String),
    /// The name inside differs from the packument's.
    #[error("name {0:?} is not the package's")]
    Name(String),
    /// There is no `dist.tarball` to fetch.
    #[error("dist.tarball is missing")]
    NoTarball,
}

impl ManifestFacts {
    /// Reads the manifest listed under `key` in the packument of `package`.
    ///
    /// # Errors
    /// Says why this version cannot be mirrored; the others of the package still can.
    pub fn read(package: &PackageName, key: &str, raw: &str) -> Result<Self, InvalidManifest> {
        let malformed = |error: serde_json::Error| InvalidManifest::Malformed(error.to_string());
        let [name, inner, deprecated, dist] =
            pick(raw, ["name", "version", "deprecated", "dist"]).map_err(malformed)?;
        let version = Version::parse(key).map_err(|_| InvalidManifest::Version(key.to_owned()))?;
        let inner = text(inner).unwrap_or_default();
        if inner != key {
            return Err(InvalidManifest::Version(inner));
        }
        let name = text(name).unwrap_or_default();
        if name != package.as_str() {
            return Err(InvalidManifest::Name(name));
        }
        let dist = dist.ok_or(InvalidManifest::NoTarball)?;
        let [tarball, integrity, shasum, attestations] = pick(
            dist.get(),
            ["tarball", "integrity", "shasum", "attestations"],
        )
        .map_err(malformed)?;
        let tarball = tarball.ok_or(InvalidManifest::NoTarball)?;
        let tarball_url = text(Some(tarball)).ok_or(InvalidManifest::NoTarball)?;
        let [attestations_url] = attestations
            .and_then(|attestations| pick(attestations.get(), ["url"]).ok())
            .unwrap_or_default();
        let deprecated = deprecated.map_or("null", RawValue::get);
        Ok(Self {
            version,
            canonical_digest: canonical_digest(raw).map_err(malformed)?,
            integrity: Integrity::from_dist(text(integrity).as_deref(), text(shasum).as_deref()),
            tarball_url,
            is_deprecated: !matches!(deprecated, "null" | "false" | "\"\""),
            spans: UrlSpans {
                tarball: Span::within(raw, tarball.get()),
                attestations: attestations_url
                    .filter(|url| url.get().starts_with('"'))
                    .map(|url| Span::within(raw, url.get())),
            },
        })
    }
}

/// Reads a string; anything else is none.
fn text(raw: Option<&RawValue>) -> Option<String> {
    serde_json::from_str(raw?.get()).ok()
}

impl Span {
    /// Returns the place of `part`, which must be a slice of `whole`.
    fn within(whole: &str, part: &str) -> Self {
        let start = part.as_ptr() as usize - whole.as_ptr() as usize;
        let small = |n: usize| u32::try_from(n).expect("a manifest is far smaller than 4 GiB");
        Self {
            start: small(start),
            len: small(part.len()),
        }
    }

    fn end(self) -> usize {
        (self.start + self.len) as usize
    }
}

impl StoredManifest {
    /// Appends the manifest to `out` with both URLs on `base`.
    pub fn write_to(
        &self,
        out: &mut Vec<u8>,
        package: &PackageName,
        version: &Version,
        base: &PublicBase,
    ) {
        let tarball = Value::from(base.tarball_url(package, version)).to_string();
        let mut edits = vec![(self.spans.tarball, tarball)];
        if let Some(span) = self.spans.attestations {
            let url = serde_json::from_str(&self.raw[span.start as usize..span.end()]);
            let moved = base.attestations_url(&url.unwrap_or_else(|_| String::new()));
            edits.push((span, Value::from(moved).to_string()));
        }
        edits.sort_by_key(|(span, _)| span.start);
        let mut at = 0;
        for (span, text) in edits {
            out.extend_from_slice(&self.raw.as_bytes()[at..span.start as usize]);
            out.extend_from_slice(text.as_bytes());
            at = span.end();
        }
        out.extend_from_slice(&self.raw.as_bytes()[at..]);
    }
}

/// Returns the SHA-256 of the JSON text with object keys sorted and spaces removed; of the text
/// as it stands if it has numbers that no computer holds.
fn canonical_digest(raw: &str) -> Result<Digest, serde_json::Error> {
    let value: Value = match serde_json::from_str(&escape_lone_surrogates(raw)) {
        Ok(value) => value,
        Err(error) if error.to_string().starts_with("number out of range") => {
            return Ok(Digest::of(raw.as_bytes()));
        }
        Err(error) => return Err(error),
    };
    let mut text = String::with_capacity(raw.len());
    write_canonical(&value, &mut text);
    Ok(Digest::of(text.as_bytes()))
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<_> = map.keys().collect();
            keys.sort_unstable();
            out.push('{');
            for key in keys {
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write_canonical(&map[key], out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                write_canonical(item, out);
                out.push(',');
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW: &str = r#"{"name":"@s/a","version":"1.0.0","odd":[1,{"x":null}],"dist":{"shasum":"da39a3ee5e6b4b0d3255bfef95601890afd80709","tarball":"https:\/\/up.example\/a.tgz","attestations":{"url":"https://up.example/-/npm/v1/attestations/@s%2fa@1.0.0","provenance":{}}},"z":1}"#;

    fn read(raw: &str) -> Result<ManifestFacts, InvalidManifest> {
        ManifestFacts::read(&PackageName::parse("@s/a").expect("valid"), "1.0.0", raw)
    }

    #[test]
    fn only_the_two_urls_change() {
        let facts = read(RAW).expect("readable");
        assert_eq!(facts.tarball_url, "https://up.example/a.tgz");
        let stored = StoredManifest {
            raw: RAW.to_owned(),
            spans: facts.spans,
        };
        let base = PublicBase::parse("http://mirror.example/npm").expect("base");
        let mut out = Vec::new();
        let name = PackageName::parse("@s/a").expect("valid");
        stored.write_to(&mut out, &name, &facts.version, &base);
        let expected = RAW
            .replace(
                r"https:\/\/up.example\/a.tgz",
                "http://mirror.example/npm/@s/a/-/a-1.0.0.tgz",
            )
            .replace("https://up.example/-/", "http://mirror.example/npm/-/");
        assert_eq!(String::from_utf8(out).expect("text"), expected);
    }

    #[test]
    fn key_order_and_spaces_do_not_change_the_digest() {
        let reordered = RAW
            .replace(r#""name":"@s/a","version":"1.0.0","#, "")
            .replace(r#""z":1}"#, r#""z" : 1, "version":"1.0.0","name":"@s/a"}"#);
        let digest = |raw: &str| read(raw).expect("readable").canonical_digest;
        assert_eq!(digest(RAW), digest(&reordered));
        assert_ne!(digest(RAW), digest(&RAW.replace("\"z\":1", "\"z\":2")));
    }

    #[test]
    fn what_cannot_be_mirrored_says_why() {
        assert_eq!(
            read("[]").expect_err("array").to_string().split(':').next(),
            Some("not a manifest")
        );
        assert!(matches!(
            read(&RAW.replace("1.0.0\",\"odd", "2.0.0\",\"odd")),
            Err(InvalidManifest::Version(_))
        ));
        assert!(matches!(
            read(&RAW.replace("@s/a\",\"v", "b\",\"v")),
            Err(InvalidManifest::Name(_))
        ));
        assert_eq!(
            read(r#"{"name":"@s/a","version":"1.0.0"}"#).err(),
            Some(InvalidManifest::NoTarball)
        );
    }

    #[test]
    fn a_boolean_or_empty_deprecation_is_none() {
        let with = |value: &str| {
            read(&RAW.replace("\"z\":1", &format!("\"deprecated\":{value}")))
                .expect("ok")
                .is_deprecated
        };
        assert!(with("\"use b\"") && with("true"));
        assert!(!with("false") && !with("\"\"") && !with("null"));
    }
}
