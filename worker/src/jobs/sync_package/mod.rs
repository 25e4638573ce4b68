//! Brings one package of the mirror to the state of its upstream.
//!
//! Read both sides, plan, apply, report. The plan is pure and holds every decision;
//! applying is a list of steps that may each be repeated, because a run can lose its lease
//! at any await and another will start over: what the first one stored is then found.
//!
//! The packument comes first, every new tarball lazy; tarballs follow in the same task, so
//! that readers wait for a document, never for a download.

mod absent;
mod apply;
mod downloads;
mod exposure;
mod fan_out;
mod fetch;
mod follow_up;
mod group;
mod known;
mod plan;
mod promise;
mod read;
mod removal;
mod settle;
mod tags;
mod tarballs;
mod tell;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, time::Instant};

use weir_domain::{
    Version,
    task::{ErrorCode, Report, SyncPackage},
};
use weir_store::{
    blocks::{self, Source},
    packages, registries, scopes,
};

use self::read::{Read, Sides};
use super::warnings::Warnings;
use crate::{
    Attempt, Environment,
    job::{Done, JobError},
};

/// A sync under way: what it works with and what it has to tell.
struct Sync<'a> {
    environment: &'a Environment,
    attempt: &'a Attempt,
    spec: &'a SyncPackage,
    report: Report,
    warnings: Warnings,
    /// Versions that an operator had blocked when this side was read.
    forbidden: BTreeSet<Version>,
}

pub(super) async fn run(
    environment: &Environment,
    attempt: &Attempt,
    spec: &SyncPackage,
) -> Result<Done, JobError> {
    let mut sync = Sync {
        environment,
        attempt,
        spec,
        report: Report::default(),
        warnings: Warnings::default(),
        forbidden: BTreeSet::new(),
    };
    sync.run().await
}

impl Sync<'_> {
    async fn run(&mut self) -> Result<Done, JobError> {
        let begun = Instant::now();
        let db = self.environment.db.read();
        let registry = registries::get(db, self.spec.registry).await?;
        self.announce(&registry).await;
        if !self.environment.settings.asks_upstream {
            let text = "This mirror asks no upstream (sync_mode is none)";
            return Err(JobError::give_up(ErrorCode::Blocked, text));
        }
        if scopes::covers(&scopes::private(db).await?, &self.spec.package) {
            let text = "The scope is private to this mirror; its names are not told to an upstream";
            return Err(JobError::give_up(ErrorCode::Blocked, text));
        }
        self.refuse_stray(&registry).await?;
        let block = blocks::find(db, &self.spec.package, None).await?;
        if let Some(block) = block.filter(|block| block.source == Source::Operator) {
            let text = format!("The package is blocked here: {}", block.reason);
            return Err(JobError::give_up(ErrorCode::Blocked, text));
        }
        let sides = match self.read(registry).await? {
            Read::Sides(sides) => *sides,
            Read::Absent(absent) => return self.go_without(*absent).await,
        };
        let plan = plan::plan(&sides)?;
        self.tell(&sides, &plan).await;
        let package = self.apply(&sides, &plan).await?;
        let package = self.hold_tarballs(&sides, &plan, package).await?;
        let follow_ups = self.fan_out(&sides, &package).await?;
        self.record(&sides, &package).await?;
        self.copy_downloads(&sides.registry, &package).await?;
        self.summarise(begun.elapsed()).await;
        Ok(Done {
            report: self.report.clone(),
            warnings: self.warnings.take(),
            follow_ups,
        })
    }

    /// Adds a line that also ends up with the task.
    async fn warn(&mut self, text: String) {
        self.attempt.warn(&text).await;
        self.warnings.add(text);
    }

    /// Notes that the sync ended, and with what upstream may be asked the next time.
    async fn record(&self, sides: &Sides, package: &packages::Package) -> Result<(), JobError> {
        let (id, is_clean) = (package.id, self.warnings.is_empty());
        let mark = sides
            .upstream
            .as_ref()
            .map(|upstream| upstream.mark.clone());
        let (name, forbidden) = (package.name.clone(), self.forbidden.clone());
        let write = self.attempt.write(move |tx| {
            Box::pin(async move {
                let now = weir_store::clock::now(&**tx).await?;
                // A block that was lifted meanwhile: what it hid has not been read.
                let is_clean = is_clean && blocks::forbidden(&**tx, &name).await? == forbidden;
                packages::record_sync(tx, id, is_clean, mark.as_ref(), now).await
            })
        });
        Ok(write.await?)
    }
}
