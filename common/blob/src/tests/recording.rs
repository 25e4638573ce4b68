//! A file layer that remembers what was done in which order, can fail, and can be held up.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

use crate::disk::{FileLayer, RealFiles};

/// How long a held step waits before the test is given up.
const PATIENCE: Duration = Duration::from_secs(20);

/// A kind of system call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Write,
    SyncFile,
    CreateFolder,
    Rename,
    SyncFolder,
}

/// One system call that succeeded: a sync when it ended, all else when it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub kind: Kind,
    pub path: PathBuf,
    /// Where a rename came from.
    pub from: Option<PathBuf>,
}

#[derive(Debug, Default)]
struct State {
    steps: Vec<Step>,
    /// The kind that fails, and of which path alone.
    failing: Option<(Kind, Option<PathBuf>)>,
    /// Failing is for lack of room.
    is_full: bool,
    held: Option<Kind>,
    waiting: usize,
}

/// The real files, recorded.
#[derive(Debug, Default)]
pub(super) struct Recording {
    state: Mutex<State>,
    changed: Condvar,
}

impl Recording {
    /// Returns the steps since the last call.
    pub(super) fn take(&self) -> Vec<Step> {
        std::mem::take(&mut self.state().steps)
    }

    /// Makes every later step of `kind` fail.
    pub(super) fn fail(&self, kind: Kind) {
        self.state().failing = Some((kind, None));
    }

    /// Makes later steps of `kind` on `path` fail.
    pub(super) fn fail_at(&self, kind: Kind, path: &Path) {
        self.state().failing = Some((kind, Some(path.to_owned())));
    }

    /// Makes every later step of `kind` fail because the disk is full.
    pub(super) fn fill(&self, kind: Kind) {
        let mut state = self.state();
        state.failing = Some((kind, None));
        state.is_full = true;
    }

    /// Lets everything succeed again.
    pub(super) fn heal(&self) {
        let mut state = self.state();
        state.failing = None;
        state.is_full = false;
    }

    /// Holds up every later step of `kind` until [`Self::release`].
    pub(super) fn hold(&self, kind: Kind) {
        self.state().held = Some(kind);
    }

    /// Lets go of what is held.
    pub(super) fn release(&self) {
        self.state().held = None;
        self.changed.notify_all();
    }

    /// Blocks until `count` steps are held up at once.
    pub(super) fn wait_for(&self, count: usize) {
        let (state, timeout) = self
            .changed
            .wait_timeout_while(self.state(), PATIENCE, |state| state.waiting < count)
            .unwrap_or_else(PoisonError::into_inner);
        let waiting = state.waiting;
        drop(state);
        assert!(!timeout.timed_out(), "{waiting} of {count} steps came");
    }

    fn enter(&self, kind: Kind, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.waiting += 1;
        self.changed.notify_all();
        let (mut state, timeout) = self
            .changed
            .wait_timeout_while(state, PATIENCE, |state| state.held == Some(kind))
            .unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        let fails = state.failing.as_ref().is_some_and(|(failing, only)| {
            *failing == kind && only.as_ref().is_none_or(|only| only == path)
        });
        if fails && state.is_full {
            return Err(io::ErrorKind::StorageFull.into());
        }
        if timeout.timed_out() || fails {
            return Err(io::Error::other("the disk is on fire"));
        }
        Ok(())
    }

    fn record(&self, kind: Kind, path: &Path, from: Option<&Path>) {
        self.state().steps.push(Step {
            kind,
            path: path.to_owned(),
            from: from.map(Path::to_owned),
        });
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FileLayer for Recording {
    fn write(&self, file: &File, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.enter(Kind::Write, path)?;
        self.record(Kind::Write, path, None);
        RealFiles.write(file, path, bytes)
    }

    fn sync_file(&self, file: &File, path: &Path) -> io::Result<()> {
        self.enter(Kind::SyncFile, path)?;
        RealFiles.sync_file(file, path)?;
        self.record(Kind::SyncFile, path, None);
        Ok(())
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.enter(Kind::CreateFolder, path)?;
        self.record(Kind::CreateFolder, path, None);
        RealFiles.create_folder(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.enter(Kind::Rename, to)?;
        self.record(Kind::Rename, to, Some(from));
        RealFiles.rename(from, to)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.enter(Kind::SyncFolder, path)?;
        RealFiles.sync_folder(path)?;
        self.record(Kind::SyncFolder, path, None);
        Ok(())
    }
}
