//! Writes what a plan decided about what came and went, with what it makes visible.

use weir_domain::{Timestamp, removal::Absence};
use weir_store::{
    StoreError, Tx,
    blocks::{self, Source},
    packages::Package,
    removals,
};

use super::removal::Losses;

impl Losses {
    /// Counts the looks, and writes blocks and their ends.
    pub(super) async fn write(
        &self,
        tx: &Tx,
        package: &Package,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (id, name) = (package.id, &package.name);
        let absence = self.absence.unwrap_or(Absence::Missing);
        if let Some(task) = self.task {
            removals::look(tx, id, (&self.looked, absence), task, now).await?;
        }
        for (version, policy) in &self.settled {
            removals::settle(tx, id, &[Some(version.clone())], *policy).await?;
        }
        for (version, reason) in &self.blocked {
            blocks::put(tx, name, (Some(version), reason), Source::Removal, now).await?;
        }
        let deleted = self.deleted.iter().cloned().map(Some);
        let over: Vec<_> = deleted.chain(self.returned.iter().cloned()).collect();
        removals::clear(tx, id, &over).await?;
        for version in &over {
            blocks::lift(tx, name, version.as_ref(), Source::Removal, now).await?;
        }
        Ok(())
    }
}
