//! What is stored, as the database and the disks say.

use weir_store::{audit, blobs, clock, shortages};

use super::model::{BlobCount, DamagedBlob, Disk, Storage};
use crate::{error::ApiResult, payload::Instant, visit::Visit};

/// Findings shown.
const FINDINGS: i64 = 20;

pub(super) async fn show(visit: &Visit) -> ApiResult<Storage> {
    let running = visit.running();
    let db = running.reader();
    let census = blobs::census(db).await?;
    let stored = census.iter().find(|census| census.state == "stored");
    let verified_since = stored.map(|census| Instant(census.verified_since));
    let found = audit::list_of(db, audit::BLOB_DAMAGE, FINDINGS).await?;
    let damaged = found.into_iter().map(|event| DamagedBlob {
        at: Instant(event.at),
        digest: event.target,
        detail: event.detail,
    });
    let disks = running.app.settings.room.measures().map(|disk| Disk {
        free_bytes: disk.free,
        least_bytes: disk.least,
    });
    let now = clock::now(db).await?;
    Ok(Storage {
        ok: true,
        damaged: damaged.collect(),
        disks: disks.collect(),
        shortage: shortages::find(db, now).await?,
        verified_since,
        blobs: census
            .into_iter()
            .map(|census| BlobCount {
                state: census.state,
                count: census.count,
                bytes: census.bytes,
            })
            .collect(),
    })
}
