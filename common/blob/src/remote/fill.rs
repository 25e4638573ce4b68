//! A fill: one download of one blob into the cache, and the readers that follow it.
//!
//! It goes on without readers, since the next one is likely. Readers may have what is
//! *released*: never the last bytes before the whole matched its digest.

use std::{
    collections::HashMap,
    fs::File,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::TryStreamExt;
use tokio::sync::watch;
use weir_domain::Digest;

use super::Remote;
use crate::{BlobError, blocking, writer::BlobWriter};

/// Bytes held back until the whole is found right.
const HELD_BACK: u64 = 64 * 1024;

/// The fills of this process.
#[derive(Debug, Default)]
pub(super) struct Fills(Mutex<HashMap<Digest, watch::Receiver<Progress>>>);

/// How far a fill is.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    /// The file being written and the size of the blob, once they are known.
    pub(super) file: Option<(Arc<File>, u64)>,
    /// Bytes that readers may have.
    pub(super) released: u64,
    /// How it ended; `false` if there is no such blob.
    pub(super) end: Option<Result<bool, Arc<BlobError>>>,
}

impl Fills {
    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, watch::Receiver<Progress>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remote {
    /// Joins the fill of this blob, or begins it.
    pub(super) fn fill(self: &Arc<Self>, digest: Digest) -> watch::Receiver<Progress> {
        let mut fills = self.fills.lock();
        if let Some(progress) = fills.get(&digest) {
            return progress.clone();
        }
        let (teller, progress) = watch::channel(Progress::default());
        fills.insert(digest, progress.clone());
        let remote = Arc::clone(self);
        #[expect(
            clippy::disallowed_methods,
            reason = "a fill outlives its readers and leaves nothing behind if cut off"
        )]
        drop(tokio::spawn(async move {
            let end = remote.fill_now(digest, &teller).await;
            // Who comes now finds the file, or begins anew.
            remote.fills.lock().remove(&digest);
            teller.send_modify(|progress| progress.end = Some(end.map_err(Arc::new)));
        }));
        progress
    }

    async fn fill_now(
        self: &Arc<Self>,
        digest: Digest,
        teller: &watch::Sender<Progress>,
    ) -> Result<bool, BlobError> {
        // An earlier fill may have ended after the reader looked and before it asked.
        if let Some((file, size)) = self.cached(digest).await? {
            teller.send_modify(|progress| {
                progress.file = Some((Arc::new(file), size));
                progress.released = size;
            });
            return Ok(true);
        }
        let Some(mut incoming) = self.download(digest.into(), None).await? else {
            return Ok(false);
        };
        let mut writer = BlobWriter::create(self.cache.disk()).await?;
        let file = Arc::new(open(&writer).await?);
        teller.send_modify(|progress| progress.file = Some((file, incoming.size)));
        while let Some(piece) = incoming.stream.try_next().await? {
            writer.write(piece).await?;
            let released = writer.len().saturating_sub(HELD_BACK);
            teller.send_if_modified(|progress| {
                let has_grown = released > progress.released;
                progress.released = released.max(progress.released);
                has_grown
            });
        }
        let staged = writer.finish().await?;
        if staged.digest() != digest {
            return Err(BlobError::Corrupt {
                digest,
                actual: staged.digest(),
            });
        }
        let size = staged.size();
        self.cache.adopt(staged).await;
        teller.send_modify(|progress| progress.released = size);
        Ok(true)
    }

    /// Returns the file of a blob that is in the cache.
    async fn cached(&self, digest: Digest) -> Result<Option<(File, u64)>, BlobError> {
        let disk = Arc::clone(self.cache.disk());
        // What cannot be opened is about to be replaced.
        blocking::run(move || Ok(disk.open_content(digest.into()).ok().flatten())).await
    }
}

/// Opens the growing file for reading.
async fn open(writer: &BlobWriter) -> Result<File, BlobError> {
    let path = writer.path().to_owned();
    blocking::run(move || File::open(&path).map_err(BlobError::io("open", path))).await
}
