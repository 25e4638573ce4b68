//! The lease under which one process fetches a lazy tarball while the others wait for it.
//!
//! It is renewed while the fetch lasts and given back at its end; whoever dies with it keeps
//! the others waiting until it lapses.

use std::{convert::Infallible, time::Duration};

use weir_store::{
    StoreError, clock,
    fetches::{self, Fetch},
};

use crate::Content;

/// How long a lease lasts unless renewed.
const LASTS: Duration = Duration::from_secs(10);

/// A fetch that is ours.
pub(crate) struct Lease {
    content: Content,
    fetch: Fetch,
}

impl Content {
    /// Takes the lease, unless another process has it.
    pub(crate) async fn lease(&self, fetch: Fetch) -> Result<Option<Lease>, StoreError> {
        let lease = Lease {
            content: self.clone(),
            fetch,
        };
        Ok(lease.claim().await?.then_some(lease))
    }
}

impl Lease {
    async fn claim(&self) -> Result<bool, StoreError> {
        let (fetch, holder) = (self.fetch.clone(), self.content.holder);
        let claim = self.content.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                fetches::claim(tx, &fetch, holder, (now, LASTS)).await
            })
        });
        claim.await
    }

    /// Renews it until dropped. One that lapsed all the same costs another fetch, no byte.
    pub(crate) async fn keep(&self) -> Infallible {
        loop {
            tokio::time::sleep(LASTS / 3).await;
            if let Err(error) = self.claim().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the lease of a fetch could not be renewed"
                );
            }
        }
    }

    /// Gives it back; if that fails, it lapses.
    pub(crate) async fn release(self) {
        let (fetch, holder) = (self.fetch, self.content.holder);
        let release = self
            .content
            .db
            .write(move |tx| Box::pin(async move { fetches::release(tx, &fetch, holder).await }));
        if let Err(error) = release.await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the lease of a fetch could not be given back"
            );
        }
    }
}
