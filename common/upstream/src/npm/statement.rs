//! Small documents beside the packuments: signing keys, attestations, advisories, counts of
//! downloads.
//!
//! Read whole, bounded, and believed to be JSON objects once they are; what they say is the
//! caller's to judge.

use bytes::Bytes;
use http::HeaderMap;
use serde::de::IgnoredAny;
use weir_domain::{PackageName, Version, json};

use super::NpmRegistry;
use crate::{
    Place, UpstreamError,
    client::{Ask, Offer, Sent, Side},
};

/// Largest such document, in bytes; attestations of a release have tens of kilobytes.
const MAX_BYTES: u64 = 4 << 20;

/// Where advisories are asked for.
const ADVISORIES: &str = "-/npm/v1/security/advisories/bulk";

/// What there is to ask.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Statement {
    /// The keys that the registry signs versions with.
    Keys,
    /// What was attested of a version.
    Attestations(PackageName, Version),
}

impl Statement {
    /// Returns where every registry keeps it, without a slash in front.
    pub fn path(&self) -> String {
        match self {
            Self::Keys => "-/npm/v1/keys".to_owned(),
            // Clients write the scope out too.
            Self::Attestations(name, version) => {
                format!("-/npm/v1/attestations/{name}@{version}")
            }
        }
    }
}

impl NpmRegistry {
    /// Fetches a statement as the registry wrote it.
    ///
    /// # Errors
    /// [`UpstreamError`]; a registry that has none says 404 (or 400, some of them).
    pub async fn statement(&self, statement: &Statement) -> Result<Bytes, UpstreamError> {
        let (_, bytes) = self.small(&statement.path()).await?;
        Ok(bytes)
    }

    /// Asks which of some versions have known weaknesses: `wanted` is a JSON object from names to
    /// lists of versions; the answer is one from names to lists of advisories.
    ///
    /// # Errors
    /// [`UpstreamError`]; a registry that knows of no advisories says 404.
    ///
    /// Source: the bulk advisory endpoint, as `npm audit` calls it.
    pub async fn advisories(&self, wanted: Bytes) -> Result<Bytes, UpstreamError> {
        let (_, bytes) = self.object(ADVISORIES, Some(wanted)).await?;
        Ok(bytes)
    }

    /// Fetches a small JSON object that lies below the registry; also says where that was.
    pub(super) async fn small(&self, path: &str) -> Result<(Place, Bytes), UpstreamError> {
        self.object(path, None).await
    }

    async fn object(
        &self,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<(Place, Bytes), UpstreamError> {
        let mut url = self.home.url.clone();
        url.set_path(&format!("{}{path}", url.path()));
        let ask = Ask {
            url,
            accept: "application/json",
            offer: Offer::Identity,
            conditions: HeaderMap::new(),
            max_bytes: MAX_BYTES,
            side: match body {
                None => Side::Packages,
                Some(_) => Side::Audits,
            },
            body: body.map(|bytes| Sent {
                content_type: "application/json",
                bytes,
            }),
        };
        let mut answer = self.client.fetch(&self.home, ask).await?;
        let bytes = answer.body.read().await?;
        let text = std::str::from_utf8(&bytes).ok();
        let is_object = text.is_some_and(|text| json::pick(text, []).is_ok());
        let is_json = serde_json::from_slice::<IgnoredAny>(&bytes).is_ok();
        if is_object && is_json {
            Ok((answer.place, bytes))
        } else {
            Err(UpstreamError::invalid(
                &answer.place,
                "it is no JSON object",
            ))
        }
    }
}
