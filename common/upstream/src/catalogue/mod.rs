//! Sources of the catalogue, behind one trait: what a source lists, at which revision each
//! reference is, and what can be read of it.
//!
//! A source proves first that it knows us ([`CatalogueSource::prove`]): servers answer an empty
//! list, with status 200, to credentials that have expired. Listings are complete or an error.
//! What is read is verified: the manifest against the revision, each file against the manifest.
//!
//! It neither writes anything nor decides what to take away.

mod address;
mod aql;
mod archive;
mod archived;
mod conan;
mod decode;
mod file;
mod limits;
mod moment;
mod npm;
mod packages;
mod proof;
mod revision;
mod session;

use std::{collections::BTreeSet, fmt, sync::Arc};

use futures::future::BoxFuture;
use weir_domain::{
    Decision, Registry, RegistryKind, Retryable, Timestamp,
    catalogue::{CatalogueSettings, Facts, PackageKey, Reference, Stamp, Strategy},
    task::ErrorCode,
};

use self::{aql::Aql, conan::Conan, npm::Npm};
use crate::{Authorization, UpstreamError, Upstreams, client::Home};

pub use file::FileBody;
pub use limits::CatalogueLimits;

impl Upstreams {
    /// Returns a source of the catalogue, to be read with a credential, if there is one: it is sent
    /// to the registry's own origin only.
    pub fn catalogue(
        &self,
        registry: &Registry,
        settings: &CatalogueSettings,
        authorization: Option<Authorization>,
    ) -> Arc<dyn CatalogueSource> {
        let mut home = Home::of(registry);
        if let Some(authorization) = authorization {
            home.authorize(authorization);
        }
        let client = Arc::clone(&self.0);
        let is_plain = registry.kind == RegistryKind::Conan;
        match settings.strategy {
            Strategy::Conan => Arc::new(Conan::new(client, home, settings, is_plain)),
            Strategy::Aql => Arc::new(Aql::new(Conan::new(client, home, settings, false))),
            Strategy::Npm => Arc::new(Npm::new(client, home, settings)),
        }
    }
}

/// Something that lists references and lets them be read.
pub trait CatalogueSource: fmt::Debug + Send + Sync {
    /// Proves that the source answers, knows us, and shows us what it has.
    ///
    /// # Errors
    /// [`SourceError::Unproven`] if it does not show what must be there.
    fn prove(&self) -> BoxFuture<'_, Result<(), SourceError>>;

    /// Lists everything there is.
    ///
    /// # Errors
    /// If the listing is not complete, whatever the reason; but what it lacks of packages that it
    /// names as unread is no error.
    fn list(&self) -> BoxFuture<'_, Result<Listing, SourceError>>;

    /// Lists what came or changed since a moment of the source's own clock (an earlier
    /// [`Listing::cursor`]); nothing if the source cannot tell. What went is not among it.
    ///
    /// # Errors
    /// If the listing is not complete.
    fn changes(&self, since: Timestamp) -> BoxFuture<'_, Result<Option<Listing>, SourceError>>;

    /// Returns where a reference is now; nothing if it is gone, by the answer of the very place it
    /// would be at.
    ///
    /// # Errors
    /// If that cannot be found out.
    fn look<'a>(
        &'a self,
        reference: &'a Reference,
    ) -> BoxFuture<'a, Result<Option<Stamp>, SourceError>>;

    /// Reads and verifies one revision.
    ///
    /// # Errors
    /// [`SourceError::Vanished`] if it went meanwhile; [`SourceError::Mismatch`] if its bytes are
    /// not what they should be, also at the second look.
    fn read<'a>(
        &'a self,
        reference: &'a Reference,
        stamp: &'a Stamp,
    ) -> BoxFuture<'a, Result<Reading, SourceError>>;

    /// Returns what else there is of a package of which not all could be read before.
    ///
    /// # Errors
    /// If that cannot be found out.
    fn all_of<'a>(
        &'a self,
        key: &'a PackageKey,
    ) -> BoxFuture<'a, Result<BTreeSet<Reference>, SourceError>> {
        let _ = key;
        Box::pin(async { Ok(BTreeSet::new()) })
    }

    /// Hears that nothing more of a package is read for now.
    fn done_with(&self, key: &PackageKey) {
        let _ = key;
    }

    /// Opens one file of a revision, to be passed on as it comes.
    ///
    /// # Errors
    /// As [`CatalogueSource::read`]; [`SourceError::Vanished`] where there are no such files.
    fn file<'a>(
        &'a self,
        reference: &'a Reference,
        stamp: &'a Stamp,
        name: &'a str,
    ) -> BoxFuture<'a, Result<FileBody, SourceError>> {
        let _ = (stamp, name);
        Box::pin(async { Err(SourceError::Vanished(reference.clone())) })
    }

    /// Returns what was spent so far.
    fn spent(&self) -> Spent;
}

/// What a source has, all of it or all that changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// Each reference once, in their order.
    pub found: Vec<Listed>,
    /// Up to when changes are known, by the source's clock; the next `changes` begins there.
    pub cursor: Option<Timestamp>,
    /// Packages of which it could not be found out what there is: nothing of them is gone.
    pub unread: BTreeSet<PackageKey>,
    /// Entries that are no references, and the like.
    pub warnings: Vec<String>,
}

/// One reference of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Which.
    pub reference: Reference,
    /// Its revision, if the listing tells; else [`CatalogueSource::look`] does.
    pub stamp: Option<Stamp>,
    /// The one revision that changes tell of. Where that is known already, the reference is where
    /// it was; any other may be an old one, of which only something beside its files changed.
    pub seen: Option<String>,
}

/// What was read of a revision.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// What it says of itself.
    pub facts: Facts,
    /// Its README, as text.
    pub readme: Option<String>,
    /// How often it was fetched from its source, if that counts.
    pub downloads: Option<u64>,
    /// What could not be read, and why.
    pub warnings: Vec<String>,
}

/// What a source was asked and what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// Requests.
    pub requests: u64,
    /// Those that were sent again.
    pub retries: u64,
    /// Bytes received.
    pub bytes: u64,
}

/// Why a source did not give what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Asking failed.
    #[error(transparent)]
    Upstream(UpstreamError),
    /// It does not know us, or shows us less than it has.
    #[error("the source is not believed: {0}")]
    Unproven(String),
    /// It is gone.
    #[error("{0} is gone")]
    Vanished(Reference),
    /// Bytes are not what their revision or manifest says.
    #[error("{reference}: {why}")]
    Mismatch {
        /// Whose.
        reference: Reference,
        /// What does not fit.
        why: String,
    },
    /// It answered with something that is not what was asked for.
    #[error("{0}")]
    Invalid(String),
    /// It is larger than allowed.
    #[error("{0}")]
    TooLarge(String),
}

impl From<UpstreamError> for SourceError {
    fn from(error: UpstreamError) -> Self {
        match error {
            UpstreamError::Invalid { .. } => Self::Invalid(error.to_string()),
            UpstreamError::TooLarge { .. } => Self::TooLarge(error.to_string()),
            error => Self::Upstream(error),
        }
    }
}

impl Retryable for SourceError {
    fn decision(&self) -> Decision {
        match self {
            Self::Upstream(error) => error.decision(),
            _ => Decision::GiveUp,
        }
    }

    fn code(&self) -> ErrorCode {
        match self {
            Self::Upstream(error) => error.code(),
            Self::Unproven(_) | Self::Invalid(_) => ErrorCode::UpstreamInvalid,
            Self::Vanished(_) => ErrorCode::NotFound,
            Self::Mismatch { .. } => ErrorCode::IntegrityMismatch,
            Self::TooLarge(_) => ErrorCode::TooLarge,
        }
    }
}
