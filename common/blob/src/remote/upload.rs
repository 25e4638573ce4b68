//! Putting staged blobs into the bucket: what is small in one request, what is large in
//! parts, a group side by side.
//!
//! The key is the digest, so an object that is already there is read back, as on disk: if
//! it holds the right bytes there is nothing to do, and otherwise it is mended. Bytes in
//! memory are bounded over all uploads of the process.

use std::{
    collections::HashSet,
    fs::File,
    os::unix::fs::FileExt,
    path::Path,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::{Error, MultipartUpload, ObjectStore, ObjectStoreExt, PutMode};
use sha2::{Digest as _, Sha256};
use tokio::{sync::OwnedSemaphorePermit, task::JoinSet};
use weir_domain::Digest;

use super::{Remote, failure};
use crate::{BlobError, Reason, StagedBlob, Wanted, blocking, list::path_of};

/// What is larger is uploaded in parts, in bytes.
const WHOLE_BYTES: u64 = 8 * MIB;
/// The size of a part in bytes, unless that made too many.
const PART_BYTES: u64 = 8 * MIB;
/// The most parts S3 takes.
const MAX_PARTS: u64 = 10_000;
/// Parts of one blob on their way at once.
const PARTS_AT_ONCE: usize = 4;
/// Blobs of a group on their way at once.
const BLOBS_AT_ONCE: usize = 32;
/// Kibibytes of all uploads in memory; what is larger alone takes all of it.
pub(super) const MEMORY_KIB: usize = 32 * 1024;
/// How often an upload is tried that was not answered, or met another.
const TRIES: u32 = 3;
/// The pause after the first try.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

const MIB: u64 = 1024 * 1024;

impl Remote {
    /// See [`crate::Blobs::publish`].
    pub(crate) async fn publish(self: Arc<Self>, group: Vec<StagedBlob>) -> Result<(), BlobError> {
        #[expect(
            clippy::disallowed_methods,
            reason = "as on disk, a group whose caller went away is published all the same"
        )]
        let publishing = tokio::spawn(self.publish_all(group));
        publishing.await.unwrap_or(Err(BlobError::Abandoned))
    }

    async fn publish_all(self: Arc<Self>, group: Vec<StagedBlob>) -> Result<(), BlobError> {
        let mut seen = HashSet::new();
        let mut uploads = JoinSet::new();
        let mut outcome = Ok(());
        for staged in group {
            if uploads.len() == BLOBS_AT_ONCE {
                outcome = outcome.and(next(&mut uploads).await);
            }
            if outcome.is_err() {
                // Those under way end or abort by themselves; none is begun.
                break;
            }
            if seen.insert(staged.digest()) {
                uploads.spawn(Arc::clone(&self).upload(staged));
            }
        }
        while !uploads.is_empty() {
            outcome = outcome.and(next(&mut uploads).await);
        }
        outcome
    }

    async fn upload(self: Arc<Self>, staged: StagedBlob) -> Result<(), BlobError> {
        if staged.size() <= WHOLE_BYTES {
            self.put_whole(&staged).await?;
        } else {
            self.put_in_parts(&staged).await?;
        }
        self.cache.adopt(staged).await;
        Ok(())
    }

    async fn put_whole(self: &Arc<Self>, staged: &StagedBlob) -> Result<(), BlobError> {
        let path = path_of(staged.digest());
        let _room = self.room(staged.size()).await;
        let bytes = read(open(staged.path()).await?, 0, staged.size()).await?;
        let mut mode = if self.creates.load(Ordering::Relaxed) {
            PutMode::Create
        } else {
            PutMode::Overwrite
        };
        let mut pause = FIRST_PAUSE;
        for _ in 0..TRIES {
            let put = self
                .objects
                .put_opts(&path, bytes.clone().into(), mode.clone().into());
            match put.await {
                Ok(_) => return Ok(()),
                Err(Error::AlreadyExists { .. }) => match self.holds(staged).await? {
                    Some(true) => return Ok(()),
                    Some(false) => mode = PutMode::Overwrite,
                    // S3 also says this of two uploads that met.
                    None => {}
                },
                Err(error) if failure::is_unanswered(&error) => {}
                Err(error) => return Err(self.failed("upload", path.as_ref(), &error)),
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        Err(BlobError::Unavailable {
            action: "upload",
            object: format!("{}/{path}", self.name),
            source: Reason(format!("{TRIES} tries were not answered, or met others")),
        })
    }

    async fn put_in_parts(self: &Arc<Self>, staged: &StagedBlob) -> Result<(), BlobError> {
        let path = path_of(staged.digest());
        if self.holds(staged).await? == Some(true) {
            return Ok(());
        }
        let failed = |error| self.failed("upload", path.as_ref(), &error);
        let mut upload = self.objects.put_multipart(&path).await.map_err(failed)?;
        let outcome = match self.send_parts(&mut *upload, staged).await {
            Ok(()) => upload.complete().await.map(drop).map_err(failed),
            Err(error) => Err(error),
        };
        let Err(error) = outcome else { return Ok(()) };
        // The answer to the end may have been lost; a repeated end finds no upload.
        if matches!(self.holds(staged).await, Ok(Some(true))) {
            return Ok(());
        }
        if let Err(error) = upload.abort().await {
            let error = failure::reason(&error);
            tracing::warn!(object = %path, %error, "parts of a failed upload stay in the bucket");
        }
        Err(error)
    }

    /// Says whether the object holds the right bytes; `None` if there is none.
    async fn holds(self: &Arc<Self>, staged: &StagedBlob) -> Result<Option<bool>, BlobError> {
        let wanted = Wanted::from((staged.digest(), staged.size()));
        let mut incoming = match self.download(wanted, None).await {
            Ok(Some(incoming)) => incoming.stream,
            Ok(None) => return Ok(None),
            Err(BlobError::Size { .. }) => return Ok(Some(false)),
            Err(error) => return Err(error),
        };
        let mut hash = Sha256::new();
        // A piece is what one read of a socket gives: not worth another thread.
        while let Some(piece) = incoming.try_next().await? {
            hash.update(&piece);
        }
        Ok(Some(Digest(hash.finalize().into()) == staged.digest()))
    }

    /// Sends a file in parts. They are numbered in the order in which they are read, and
    /// may arrive in any.
    async fn send_parts(
        self: &Arc<Self>,
        upload: &mut dyn MultipartUpload,
        staged: &StagedBlob,
    ) -> Result<(), BlobError> {
        let file = open(staged.path()).await?;
        let (digest, size) = (staged.digest(), staged.size());
        let part = PART_BYTES.max(size.div_ceil(MAX_PARTS).next_multiple_of(MIB));
        let mut sending = JoinSet::new();
        let mut at = 0;
        while at < size {
            if sending.len() == PARTS_AT_ONCE {
                next(&mut sending).await?;
            }
            let len = part.min(size - at);
            let room = self.room(len).await;
            let bytes = read(Arc::clone(&file), at, len).await?;
            let sent = upload.put_part(bytes.into());
            let remote = Arc::clone(self);
            sending.spawn(async move {
                let _room = room;
                let sent = sent.await;
                sent.map_err(|error| remote.failed("upload", path_of(digest).as_ref(), &error))
            });
            at += len;
        }
        while !sending.is_empty() {
            next(&mut sending).await?;
        }
        Ok(())
    }

    /// Waits until so many bytes may be in memory.
    async fn room(&self, bytes: u64) -> Option<OwnedSemaphorePermit> {
        let kib = usize::try_from(bytes.div_ceil(1024)).unwrap_or(MEMORY_KIB);
        let kib = u32::try_from(kib.min(MEMORY_KIB)).unwrap_or(u32::MAX);
        // The semaphore is never closed.
        Arc::clone(&self.memory).acquire_many_owned(kib).await.ok()
    }
}

/// Waits until one more is done.
async fn next(running: &mut JoinSet<Result<(), BlobError>>) -> Result<(), BlobError> {
    let done = running.join_next().await.unwrap_or(Ok(Ok(())));
    done.unwrap_or(Err(BlobError::Abandoned))
}

async fn open(path: &Path) -> Result<Arc<File>, BlobError> {
    let path = path.to_owned();
    blocking::run(move || {
        let file = File::open(&path).map_err(BlobError::io("open", path))?;
        Ok(Arc::new(file))
    })
    .await
}

async fn read(file: Arc<File>, at: u64, len: u64) -> Result<Bytes, BlobError> {
    blocking::run(move || {
        let failed = || BlobError::io("read", "a staged blob");
        let len = usize::try_from(len)
            .map_err(std::io::Error::other)
            .map_err(failed())?;
        let mut bytes = vec![0; len];
        file.read_exact_at(&mut bytes, at).map_err(failed())?;
        Ok(bytes.into())
    })
    .await
}
