//! Fetching a packument, conditionally if we have one already.

use std::sync::Arc;

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED},
};
use weir_domain::PackageName;

use super::{NpmRegistry, document::Encoding, spool::Spool};
use crate::{
    Place, Sizes, UpstreamError,
    client::{Answer, Ask, Client, Offer, Side},
};

/// What upstream said about a document so that it can be asked for conditionally.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// `etag`, as sent.
    pub etag: Option<String>,
    /// `last-modified`, as sent.
    pub last_modified: Option<String>,
}

/// The answer to a packument request.
#[derive(Debug)]
pub enum PackumentReply {
    /// It is what the validators name.
    NotModified,
    /// The document, received whole.
    Fetched(FetchedPackument),
}

/// A packument received whole but not yet looked at.
#[derive(Debug)]
pub struct FetchedPackument {
    pub(super) source: Arc<Source>,
    pub(super) client: Arc<Client>,
    validators: Validators,
    received_bytes: u64,
}

/// What every pass over the document needs.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) package: PackageName,
    pub(super) place: Place,
    pub(super) spool: Spool,
    pub(super) encoding: Encoding,
    pub(super) sizes: Sizes,
}

impl FetchedPackument {
    /// Returns what to ask with the next time.
    pub fn validators(&self) -> &Validators {
        &self.validators
    }

    /// Returns its size on the wire.
    pub fn received_bytes(&self) -> u64 {
        self.received_bytes
    }
}

impl NpmRegistry {
    /// Fetches the full packument of `package`.
    ///
    /// With validators, an unchanged document is [`PackumentReply::NotModified`]. `on_bytes`
    /// hears of every piece, as it came over the wire.
    ///
    /// # Errors
    /// [`UpstreamError`]; what the document says is judged by
    /// [`FetchedPackument::outline`], not here.
    pub async fn packument(
        &self,
        package: &PackageName,
        validators: &Validators,
        mut on_bytes: impl FnMut(u64) + Send,
    ) -> Result<PackumentReply, UpstreamError> {
        let sizes = self.client.config.sizes;
        let ask = Ask {
            url: self.packument_url(package),
            accept: "application/json",
            offer: Offer::Gzip,
            conditions: validators.conditions(),
            max_bytes: sizes.packument_bytes,
            body: None,
            side: Side::Packages,
        };
        let mut answer = self.client.fetch(&self.home, ask).await?;
        if answer.is_not_modified {
            return Ok(PackumentReply::NotModified);
        }
        let encoding = Encoding::of(&answer)?;
        let mut spool = Spool::new(&self.client.config);
        while let Some(piece) = answer.body.next().await? {
            on_bytes(piece.len() as u64);
            spool = spool.write(&answer.place, piece).await?;
        }
        Ok(PackumentReply::Fetched(FetchedPackument {
            validators: Validators::of(&answer),
            received_bytes: answer.body.received_bytes(),
            source: Arc::new(Source {
                package: package.clone(),
                place: answer.place,
                spool,
                encoding,
                sizes,
            }),
            client: Arc::clone(&self.client),
        }))
    }
}

impl Validators {
    fn of(answer: &Answer) -> Self {
        let text = |name: &HeaderName| answer.header(name).map(str::to_owned);
        Self {
            etag: text(&ETAG),
            last_modified: text(&LAST_MODIFIED),
        }
    }

    fn conditions(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut add = |name: HeaderName, text: &Option<String>| {
            let value = text.as_deref().map(HeaderValue::from_str);
            if let Some(Ok(value)) = value {
                headers.insert(name, value);
            }
        };
        add(IF_NONE_MATCH, &self.etag);
        add(IF_MODIFIED_SINCE, &self.last_modified);
        headers
    }
}
