//! Signing keys and attestations: asked of the registry, and kept.
//!
//! A definite "there is none" is kept for a minute; what there is, for as long as it is worth,
//! and given beyond that when the registry cannot be asked, which is tried once a minute.

use std::time::Duration;

use bytes::Bytes;
use weir_domain::{Registry, Timestamp};
use weir_store::{clock, kept_answers, kept_answers::KeptAnswer};
use weir_upstream::{Statement, UpstreamError};

use crate::{Content, ContentError};

/// How long it is believed that there is none, or that the registry cannot be asked.
const BRIEFLY: Duration = Duration::from_secs(60);
/// How long keys are believed: they are replaced now and then.
const KEYS: Duration = Duration::from_secs(3600);
/// How long attestations are believed: nothing but an addition changes them.
const ATTESTATIONS: Duration = Duration::from_secs(24 * 3600);

impl Content {
    /// Returns what is known of a statement of a registry without asking it: that it has one,
    /// that it has none, or nothing that still counts.
    ///
    /// # Errors
    /// If the database cannot be asked.
    pub async fn known_statement(
        &self,
        registry: &Registry,
        statement: &Statement,
    ) -> Result<Option<Option<Bytes>>, ContentError> {
        let (kept, now) = self.kept(registry, statement).await?;
        let counts = |kept: &KeptAnswer| now.since(kept.fetched_at) < lasts(kept, statement);
        Ok(match kept {
            Some(kept) if !self.asks_upstream || counts(&kept) => Some(kept.body.map(Bytes::from)),
            None if !self.asks_upstream => Some(None),
            _ => None,
        })
    }

    /// Returns a statement of a registry, if it has one; asks it if need be.
    ///
    /// # Errors
    /// If the registry cannot be asked, and nothing was kept.
    pub async fn statement(
        &self,
        registry: &Registry,
        statement: &Statement,
    ) -> Result<Option<Bytes>, ContentError> {
        if let Some(known) = self.known_statement(registry, statement).await? {
            return Ok(known);
        }
        let (kept, now) = self.kept(registry, statement).await?;
        let kept = kept.filter(|kept| kept.body.is_some());
        let said = self.npm(registry).await?.statement(statement).await;
        let answer = match (said, kept) {
            (Ok(bytes), _) => KeptAnswer {
                body: Some(bytes.to_vec()),
                fetched_at: now,
            },
            // Keys that were there before are not given up: nobody could verify anything.
            (Err(_), Some(kept)) if matches!(statement, Statement::Keys) => {
                still_counts(kept, statement, now)
            }
            (Err(error), _) if is_absence(&error, statement) => KeptAnswer {
                body: None,
                fetched_at: now,
            },
            (Err(_), Some(kept)) => still_counts(kept, statement, now),
            (Err(error), None) => return Err(error.into()),
        };
        let body = answer.body.clone().map(Bytes::from);
        let (id, path) = (registry.id, statement.path());
        let write = self.db.write(move |tx| {
            Box::pin(async move { kept_answers::put(tx, (id, &path), &answer).await })
        });
        write.await?;
        Ok(body)
    }

    async fn kept(
        &self,
        registry: &Registry,
        statement: &Statement,
    ) -> Result<(Option<KeptAnswer>, Timestamp), ContentError> {
        let (db, path) = (self.db.read(), statement.path());
        let kept = kept_answers::find(db, registry.id, &path).await?;
        Ok((kept, clock::now(db).await?))
    }
}

/// How long an answer counts.
fn lasts(kept: &KeptAnswer, statement: &Statement) -> Duration {
    match (&kept.body, statement) {
        (None, _) => BRIEFLY,
        (Some(_), Statement::Keys) => KEYS,
        (Some(_), Statement::Attestations(..)) => ATTESTATIONS,
    }
}

/// Returns an answer that the registry could not confirm, to count for a short while.
fn still_counts(kept: KeptAnswer, statement: &Statement, now: Timestamp) -> KeptAnswer {
    let counted = lasts(&kept, statement).saturating_sub(BRIEFLY);
    KeptAnswer {
        fetched_at: now.minus(counted),
        ..kept
    }
}

/// Some registries say 400 to a version that they do not know.
fn is_absence(error: &UpstreamError, statement: &Statement) -> bool {
    let is_of_version = matches!(statement, Statement::Attestations(..));
    error.is_not_found()
        || is_of_version && matches!(error, UpstreamError::Refused { status: 400, .. })
}
