//! Blobs on either backend, and looking at what they stand on.

use std::{path::PathBuf, sync::Arc, time::Duration};

use tempfile::TempDir;
use weir_testkit::ObjectServer;

use super::files_below;
use crate::{
    BlobError, Blobs,
    backend::Backend,
    remote::{Patience, Remote},
};

/// What every key begins with in the tests' bucket.
const PREFIX: &str = "weir/eu";
/// More than any test stores.
pub(super) const ROOMY: u64 = 1 << 30;

/// Blobs, the folder of this machine, and the bucket if there is one.
pub(super) struct Bench {
    pub(super) blobs: Blobs,
    pub(super) folder: TempDir,
    pub(super) server: Option<ObjectServer>,
}

impl Bench {
    pub(super) fn disk() -> Self {
        let (folder, blobs) = super::open();
        Self {
            blobs,
            folder,
            server: None,
        }
    }

    pub(super) async fn remote() -> Self {
        Self::remote_with(ROOMY, brief()).await
    }

    /// A bucket that is not waited for long when nothing moves.
    pub(super) async fn remote_impatient() -> Self {
        let read = Duration::from_secs(1);
        Self::remote_with(ROOMY, Patience { read, ..brief() }).await
    }

    /// A bucket read through a cache of so many bytes.
    pub(super) async fn remote_with(cache_bytes: u64, patience: Patience) -> Self {
        let server = ObjectServer::start().await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let blobs = connect_with(&server, &folder, cache_bytes, patience).await;
        Self {
            blobs: blobs.expect("the bucket is there"),
            folder,
            server: Some(server),
        }
    }

    /// Returns the bucket's server.
    pub(super) fn server(&self) -> &ObjectServer {
        self.server.as_ref().expect("a bench with a bucket")
    }

    /// Returns the files in which blobs lie for good.
    pub(super) fn stored(&self) -> Vec<PathBuf> {
        let Some(server) = &self.server else {
            return files_below(&self.folder.path().join("blobs"));
        };
        let keys = server.keys().into_iter();
        keys.filter(|key| key.starts_with(&format!("{PREFIX}/blobs/")))
            .map(|key| server.file(&key))
            .collect()
    }

    /// Returns the files of this machine that are not complete blobs.
    pub(super) fn temporaries(&self) -> Vec<PathBuf> {
        files_below(&self.folder.path().join("tmp"))
    }

    /// Returns the files of blobs on this machine.
    pub(super) fn kept(&self) -> Vec<PathBuf> {
        files_below(&self.folder.path().join("blobs"))
    }

    /// Removes every copy that is not the one for good.
    pub(super) fn cool(&self) {
        if self.server.is_some() {
            for file in self.kept() {
                std::fs::remove_file(file).expect("there");
            }
        }
    }
}

/// Connects to the tests' bucket.
pub(super) async fn connect(server: &ObjectServer, folder: &TempDir) -> Result<Blobs, BlobError> {
    connect_with(server, folder, ROOMY, brief()).await
}

async fn connect_with(
    server: &ObjectServer,
    folder: &TempDir,
    cache_bytes: u64,
    patience: Patience,
) -> Result<Blobs, BlobError> {
    let bucket = server.bucket(PREFIX, folder.path(), cache_bytes);
    let remote = Remote::open(&bucket, &patience)?;
    remote.check().await?;
    Ok(Blobs {
        backend: Backend::Remote(Arc::new(remote)),
    })
}

/// How long the store of a test is waited for.
pub(super) fn brief() -> Patience {
    Patience {
        connect: Duration::from_secs(1),
        // Longer than a busy machine takes for anything.
        read: Duration::from_secs(20),
        retries: Duration::from_secs(2),
        pause: Duration::from_millis(200),
    }
}

/// Declares tests that run once on a folder and once on a bucket; each is an
/// `async fn(Bench)` beside the call.
macro_rules! on_both_backends {
    ($($test:ident),+ $(,)?) => {
        mod on_disk {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::tests::Bench::disk()).await;
            })+
        }

        mod on_a_bucket {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::tests::Bench::remote().await).await;
            })+
        }
    };
}
pub(super) use on_both_backends;
