//! What the process before this one left behind, if it did not stop in order.
//!
//! The folder's lock proves that it is dead, so nobody need wait for its leases: its runs
//! are given back, and its lead is free. Whatever other processes hold is left alone.

use weir_domain::WorkerId;
use weir_store::{Db, StoreError, clock, leaders, tasks};

/// Takes back what `predecessor` held.
pub(super) async fn take_over(db: &Db, predecessor: WorkerId) -> Result<(), StoreError> {
    let returned = db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            leaders::resign(tx, predecessor).await?;
            tasks::return_abandoned(tx, predecessor, now).await
        })
    });
    let count = returned.await?.lapsed;
    if count > 0 {
        tracing::warn!(
            count,
            "gave back the runs of a predecessor that did not stop in order"
        );
    }
    Ok(())
}
