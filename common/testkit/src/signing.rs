//! A registry's signing key: what `audit signatures` verifies.
//!
//! Source: the npm registry's documents, "ECDSA registry signatures": over
//! `name@version:integrity`, P-256 and SHA-256, DER in base64.

use base64::{Engine, engine::general_purpose::STANDARD};
use rcgen::{KeyPair, PublicKeyData, SigningKey as _};
use sha2::{Digest, Sha256};

use crate::VersionSpec;

/// A key that exists for one test.
#[derive(Debug)]
pub struct SigningKey(KeyPair);

impl Default for SigningKey {
    fn default() -> Self {
        Self(KeyPair::generate().expect("ring makes keys"))
    }
}

impl SigningKey {
    fn public(&self) -> Vec<u8> {
        self.0.subject_public_key_info()
    }

    fn id(&self) -> String {
        let digest = Sha256::digest(self.public());
        format!("SHA256:{}", STANDARD.encode(digest).trim_end_matches('='))
    }

    /// Returns the document at `/-/npm/v1/keys`.
    pub fn document(&self) -> String {
        serde_json::json!({"keys": [{
            "expires": null,
            "keyid": self.id(),
            "keytype": "ecdsa-sha2-nistp256",
            "scheme": "ecdsa-sha2-nistp256",
            "key": STANDARD.encode(self.public()),
        }]})
        .to_string()
    }

    /// Signs what a version's manifest will say of its tarball, which is at `url`.
    #[must_use]
    pub fn sign(&self, version: VersionSpec, name: &str, url: &str) -> VersionSpec {
        let tarball = version.tarball(name).clone();
        let text = format!("{name}@{}:{}", version.number(), tarball.integrity);
        let signature = self.0.sign(text.as_bytes()).expect("ring signs");
        let dist = serde_json::json!({
            "integrity": tarball.integrity,
            "shasum": tarball.shasum,
            "tarball": url,
            "signatures": [{"keyid": self.id(), "sig": STANDARD.encode(signature)}],
        });
        version.registry_field("dist", &dist.to_string())
    }
}
