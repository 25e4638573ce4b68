//! A term of this worker, from its election to its end.

use futures::future::BoxFuture;
use weir_content::ContentError;
use weir_store::{
    StoreError, Tx, clock,
    leaders::{self, Term},
};

use super::{lease, warn};
use crate::Environment;

/// Renewals in the time of a lease.
const RENEWALS: u32 = 3;

/// The right to do what leaders do.
#[derive(Debug)]
pub(crate) struct Lead {
    pub(super) environment: Environment,
    term: Term,
}

/// Says whether this is how a duty learns that the term is over.
pub(super) fn is_over(error: &ContentError) -> bool {
    matches!(error, ContentError::Store(StoreError::Deposed))
}

impl Lead {
    /// Begins a term, if nobody else has one.
    pub(super) async fn stand(environment: &Environment) -> Result<Option<Self>, StoreError> {
        let (db, lease) = (&environment.db, lease(&environment.settings));
        let leader = leaders::find(db.read()).await?;
        let is_taken = leader
            .term
            .is_some_and(|term| term.owner != environment.worker);
        if is_taken && leader.lease_expires_at >= clock::now(db.read()).await? {
            return Ok(None);
        }
        let candidate = environment.worker;
        let term = db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                leaders::stand(tx, candidate, lease, now).await
            })
        });
        Ok(term.await?.map(|term| Self {
            environment: environment.clone(),
            term,
        }))
    }

    /// Returns the number of the term.
    pub(super) fn number(&self) -> i64 {
        self.term.number
    }

    /// Runs a write transaction that does nothing unless the term goes on.
    ///
    /// # Errors
    /// [`StoreError::Deposed`] if it does not; else what `work` returns.
    ///
    /// # Cancel safety
    /// As [`weir_store::Db::write`].
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    {
        let term = self.term;
        let checked = self.environment.db.write(move |tx| {
            Box::pin(async move {
                leaders::check(tx, &term).await?;
                work(tx).await
            })
        });
        checked.await
    }

    /// Renews the lease until the term is over.
    pub(super) async fn keep(&self) {
        let pause = lease(&self.environment.settings) / RENEWALS;
        loop {
            tokio::time::sleep(pause).await;
            match self.renew().await {
                Ok(()) => {}
                Err(StoreError::Deposed) => return,
                // The lease lapses if this lasts, and another worker takes over.
                Err(error) => warn(&error, "the leader's lease could not be renewed"),
            }
        }
    }

    async fn renew(&self) -> Result<(), StoreError> {
        let (term, lease) = (self.term, lease(&self.environment.settings));
        let renewed = self.environment.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                leaders::renew(tx, &term, lease, now).await
            })
        });
        renewed.await
    }

    /// Lets the next one lead at once.
    pub(super) async fn resign(self) {
        let owner = self.term.owner;
        let resigned = self
            .environment
            .db
            .write(move |tx| Box::pin(async move { leaders::resign(tx, owner).await }));
        if let Err(error) = resigned.await {
            warn(&error, "the lead could not be given up; it lapses");
        }
    }
}
