//! Upstream has no such package, or says that it was unpublished.
//!
//! What the mirror has of it stays until that is certain; then the registry's policy has its
//! way with all of it. A registry that seems to lose much of what it had at once is more
//! likely broken than emptied: then nothing is done without a person.

use weir_domain::{Registry, RemovalPolicy, removal::Absence, task::ErrorCode};
use weir_store::{
    StoreError, Tx,
    blocks::{self, Source},
    clock,
    packages::{self, Package},
    removals, versions,
};

use super::{
    Sync,
    removal::{Belief, LOOKS, REMOVED, Removals},
};
use crate::job::{Done, JobError};

/// Packages that may be gone at once, however few a registry has.
const FEW: i64 = 10;
/// Of how many packages one may be gone at once.
const SHARE: i64 = 10;

/// A package that upstream lacks.
#[derive(Debug)]
pub(super) struct Absent {
    pub(super) registry: Registry,
    /// Ours, if there is something visible.
    pub(super) package: Option<Package>,
    pub(super) removals: Removals,
    pub(super) absence: Absence,
    /// What upstream said.
    pub(super) said: String,
}

impl Sync<'_> {
    /// Looks, and does what is to be done once enough looks agree.
    pub(super) async fn go_without(&mut self, absent: Absent) -> Result<Done, JobError> {
        let refuse = |text| Err(JobError::give_up(ErrorCode::NotFound, text));
        let said = &absent.said;
        let Some(package) = &absent.package else {
            return refuse(said.clone());
        };
        if absent.proves_nothing() {
            return refuse(format!(
                "{said}; what the mirror has is kept: the registry may say so because it no longer \
                 takes our credentials"
            ));
        }
        let belief = absent.removals.judge(None);
        if let Belief::Suspected(looks) = belief {
            self.look(&absent, package).await?;
            return refuse(format!(
                "{said}; what the mirror has is kept (look {looks} of {LOOKS})"
            ));
        }
        if belief == Belief::Believed {
            self.look(&absent, package).await?;
            let db = self.environment.db.read();
            let (lacking, mirrored) = removals::lacking(db, absent.registry.id).await?;
            if lacking > FEW.max(mirrored / SHARE) {
                return refuse(format!(
                    "{said}; what the mirror has is kept: the registry lacks {lacking} of \
                     {mirrored} packages, which looks like a fault of its own"
                ));
            }
            self.lose(&absent, package).await?;
        } else {
            self.confirm(package).await?;
        }
        self.tell_loss(&absent, belief).await;
        Ok(Done {
            report: self.report.clone(),
            warnings: self.warnings.take(),
            follow_ups: None,
        })
    }

    async fn look(&self, absent: &Absent, package: &Package) -> Result<(), StoreError> {
        let (id, absence) = (package.id, absent.absence);
        let (task, now) = (absent.removals.task, absent.removals.now);
        self.attempt
            .write(move |tx| {
                Box::pin(async move { removals::look(tx, id, (&[None], absence), task, now).await })
            })
            .await
    }

    /// Does what the policy wants.
    async fn lose(&mut self, absent: &Absent, package: &Package) -> Result<(), JobError> {
        let policy = absent.removals.policy;
        if policy != RemovalPolicy::Keep {
            let db = self.environment.db.read();
            let listed = versions::listed(db, package.id, package.revision).await?;
            self.report.versions_removed = listed.len() as u64;
        }
        let package = package.clone();
        let write = self
            .attempt
            .write(move |tx| Box::pin(async move { apply(tx, &package, policy).await }));
        Ok(write.await?)
    }

    /// Notes that upstream was heard: what is kept is not old.
    async fn confirm(&self, package: &Package) -> Result<(), StoreError> {
        let id = package.id;
        let write = self.attempt.write(move |tx| {
            Box::pin(async move { packages::confirm(tx, id, clock::now(&**tx).await?).await })
        });
        write.await
    }

    async fn tell_loss(&mut self, absent: &Absent, belief: Belief) {
        self.report.unchanged = belief == Belief::Settled;
        let becomes = match absent.removals.policy {
            RemovalPolicy::Keep => "what the mirror has is kept for good",
            RemovalPolicy::Block => "the package is blocked",
            RemovalPolicy::Delete => "the package is deleted",
        };
        let (said, looks) = (&absent.said, "as three looks or more have shown");
        self.attempt
            .info(format!("{said}, {looks}; {becomes}"))
            .await;
    }
}

/// Applies the policy to a whole package; then upstream was heard, so what is kept is not old.
async fn apply(tx: &Tx, package: &Package, policy: RemovalPolicy) -> Result<(), StoreError> {
    let (id, name, now) = (package.id, &package.name, clock::now(&**tx).await?);
    if policy == RemovalPolicy::Delete {
        return packages::remove(tx, id, name, now).await;
    }
    // The package's row first, as whoever blocks by hand does: so neither waits for the other.
    packages::confirm(tx, id, now).await?;
    if policy == RemovalPolicy::Block {
        blocks::put(tx, name, (None, REMOVED), Source::Removal, now).await?;
    } else {
        // An earlier policy may have blocked it.
        blocks::lift(tx, name, None, Source::Removal, now).await?;
    }
    removals::settle(tx, id, &[None], policy).await?;
    packages::record_sync(tx, id, false, None, now).await
}

impl Absent {
    /// A registry that knows us by a credential hides what it may not show: it says 404 also
    /// when the credential has lapsed.
    fn proves_nothing(&self) -> bool {
        let url = &self.registry.url;
        let is_known = !url.username().is_empty() || url.password().is_some();
        is_known && self.absence == Absence::NotFound
    }
}
