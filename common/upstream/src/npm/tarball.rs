//! Fetching a tarball: raw bytes, never decoded, because digests are over them.

use bytes::Bytes;
use futures::stream::BoxStream;
use http::HeaderMap;

use super::NpmRegistry;
use crate::{
    UpstreamError,
    client::{Ask, Offer, Side},
};

/// A tarball on its way; nothing about its bytes is proven until their digest is.
pub struct TarballBody {
    /// The length upstream announced.
    pub content_length: Option<u64>,
    /// The bytes; ends after the first error.
    pub stream: BoxStream<'static, Result<Bytes, UpstreamError>>,
}

impl std::fmt::Debug for TarballBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TarballBody")
            .field("content_length", &self.content_length)
            .finish_non_exhaustive()
    }
}

impl NpmRegistry {
    /// Fetches the tarball at `url`, which is upstream's data: any host, judged by the guard.
    ///
    /// # Errors
    /// [`UpstreamError`]; the stream has errors of its own when the body breaks off.
    pub async fn tarball(&self, url: &str) -> Result<TarballBody, UpstreamError> {
        let adopted = self.home.adopt(url);
        let ask = Ask {
            url: adopted.map_err(|why| UpstreamError::invalid_url(url, why))?,
            accept: "application/octet-stream, */*",
            offer: Offer::Identity,
            conditions: HeaderMap::new(),
            max_bytes: self.client.config.sizes.tarball_bytes,
            body: None,
            side: Side::Packages,
        };
        let answer = self.client.fetch(&self.home, ask).await?;
        Ok(TarballBody {
            content_length: answer.body.content_length(),
            stream: answer.body.into_stream(),
        })
    }
}
