//! Signing keys and attestations: asked of the registry, and kept.
//!
//! A definite "there is none" is kept for a minute; what there is, for as long as it is worth,
//! and given beyond that when the registry cannot be asked.

use std::time::Duration;

use bytes::Bytes;
use weir_domain::Registry;
use weir_store::{clock, kept_answers, kept_answers::KeptAnswer};
use weir_upstream::{Statement, UpstreamError};

use crate::{Content, ContentError};

/// How long it is believed that there is none.
const ABSENT: Duration = Duration::from_secs(60);
/// How long keys are believed: they are replaced now and then.
const KEYS: Duration = Duration::from_secs(3600);
/// How long attestations are believed: nothing but an addition changes them.
const ATTESTATIONS: Duration = Duration::from_secs(24 * 3600);

impl Content {
    /// Returns a statement of a registry, if it has one.
    ///
    /// # Errors
    /// If the registry cannot be asked, and nothing was kept.
    pub async fn statement(
        &self,
        registry: &Registry,
        statement: &Statement,
    ) -> Result<Option<Bytes>, ContentError> {
        let (path, now) = (statement.path(), clock::now(self.db.read()).await?);
        let kept = kept_answers::find(self.db.read(), registry.id, &path).await?;
        let lasts = |kept: &KeptAnswer| match (&kept.body, statement) {
            (None, _) => ABSENT,
            (Some(_), Statement::Keys) => KEYS,
            (Some(_), Statement::Attestations(..)) => ATTESTATIONS,
        };
        let is_fresh = |kept: &KeptAnswer| now.since(kept.fetched_at) < lasts(kept);
        if !self.asks_upstream || kept.as_ref().is_some_and(is_fresh) {
            return Ok(kept.and_then(|kept| kept.body).map(Bytes::from));
        }
        let body = match self.upstreams.registry(registry).statement(statement).await {
            Ok(bytes) => Some(bytes),
            Err(error) if is_absence(&error) => None,
            Err(error) => {
                let body = kept.and_then(|kept| kept.body).ok_or(error)?;
                return Ok(Some(body.into()));
            }
        };
        let (id, body_kept) = (registry.id, body.as_ref().map(|body| body.to_vec()));
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                let answer = KeptAnswer {
                    body: body_kept,
                    fetched_at: now,
                };
                kept_answers::put(tx, (id, &path), &answer).await
            })
        });
        write.await?;
        Ok(body)
    }
}

/// Some registries say 400 to what they do not know.
fn is_absence(error: &UpstreamError) -> bool {
    error.is_not_found() || matches!(error, UpstreamError::Refused { status: 400, .. })
}
