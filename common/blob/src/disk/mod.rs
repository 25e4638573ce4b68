//! Blobs in a folder: `{root}/blobs/ab/<hex>`, and `{root}/tmp/<boot>/…` while written.
//!
//! Temporary files lie on the same file system as their destination, so that a rename is
//! all it takes; a folder of each process, locked while it lives, so that those of dead
//! ones can be told apart.

mod boot;
mod layer;
mod proofs;
mod publish;
mod temp_file;

use std::{
    collections::HashSet,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, atomic::AtomicU64},
};

use boot::BootFolder;
pub(crate) use layer::{FileLayer, RealFiles};
use proofs::Proofs;
pub(crate) use temp_file::TempFile;
use weir_domain::Digest;

use crate::{BlobError, BlobKey, read::Wanted};

/// A folder of blobs, as one process sees it.
#[derive(Debug)]
pub(crate) struct Disk {
    root: PathBuf,
    boot: BootFolder,
    files: Arc<dyn FileLayer>,
    /// Numbers temporary files.
    next_temp: AtomicU64,
    /// First digest byte of the folders whose own names this process has made durable.
    /// That another process made a folder does not say that it synced it.
    settled: Mutex<HashSet<u8>>,
    proofs: Proofs,
}

impl Disk {
    /// Makes the folders and proves that a file can be written and moved into place.
    pub(crate) fn open(root: &Path, files: Arc<dyn FileLayer>) -> Result<Self, BlobError> {
        let unusable = |path: &Path| {
            let path = path.to_owned();
            move |source| BlobError::Folder { path, source }
        };
        let content = root.join(BlobKey::CONTENT);
        fs::create_dir_all(&content).map_err(unusable(root))?;
        let root = root.canonicalize().map_err(unusable(root))?;
        let content = root.join(BlobKey::CONTENT);
        let boot = BootFolder::claim(&root.join(boot::TEMPORARIES)).map_err(unusable(&root))?;
        boot.prove_moves_into(&content)
            .map_err(unusable(&content))?;
        files.sync_folder(&root).map_err(unusable(&root))?;
        Ok(Self {
            root,
            boot,
            files,
            next_temp: AtomicU64::new(0),
            settled: Mutex::default(),
            proofs: Proofs::default(),
        })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the folder below which all content lies.
    pub(crate) fn content(&self) -> PathBuf {
        self.root.join(BlobKey::CONTENT)
    }

    /// Moves a file to where the content of `digest` lies.
    pub(crate) fn place(&self, file: TempFile, digest: Digest) -> Result<(), BlobError> {
        let place = self.path_of(digest);
        let folder = place.parent().unwrap_or(&self.root);
        self.files
            .create_folder(folder)
            .map_err(BlobError::io("create", folder))?;
        let file = file.move_to(&place)?;
        self.still_holds(digest, &file);
        Ok(())
    }

    /// Returns where the content of `digest` lies.
    pub(crate) fn path_of(&self, digest: Digest) -> PathBuf {
        self.root.join(BlobKey::Content(digest).to_string())
    }

    /// Opens a blob and returns its size; `None` if it is not there.
    ///
    /// # Errors
    /// [`BlobError::Size`] or [`BlobError::Corrupt`] if it is not what it was.
    pub(crate) fn open_content(&self, wanted: Wanted) -> Result<Option<(File, u64)>, BlobError> {
        let Some((mut file, meta)) = self.open_unproven(wanted.digest)? else {
            return Ok(None);
        };
        wanted.judge(meta.len())?;
        self.prove(wanted.digest, &mut file, &meta)?;
        Ok(Some((file, meta.len())))
    }

    /// Opens the file of a blob, whatever its bytes are.
    pub(crate) fn open_unproven(
        &self,
        digest: Digest,
    ) -> Result<Option<(File, fs::Metadata)>, BlobError> {
        let path = self.path_of(digest);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(BlobError::io("open", path)(error)),
        };
        let meta = file.metadata().map_err(BlobError::io("look at", path))?;
        Ok(Some((file, meta)))
    }

    pub(crate) fn clear_temporaries(&self) -> Result<(), BlobError> {
        self.boot.clear_others().map_err(BlobError::io(
            "clear temporary files in",
            self.root.join(boot::TEMPORARIES),
        ))?;
        boot::clear_proofs(&self.root.join(BlobKey::CONTENT)).map_err(BlobError::io(
            "clear temporary files in",
            self.root.join(BlobKey::CONTENT),
        ))
    }
}
