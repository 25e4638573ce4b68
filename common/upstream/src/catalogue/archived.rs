//! What of a revision lies in its archives: the README, and `conandata.yml` beside the recipe.
//!
//! Each archive is fetched once, for all that is wanted of it, and unpacked while it comes in. What
//! is found is what the manifest says, or the revision is not believed.

use bytes::Bytes;
use tokio::{sync::mpsc, task::spawn_blocking};
use weir_domain::conan::{Manifest, SOURCES_FOLDER, read_sources};

use super::{
    SourceError,
    archive::{Found, Pieces, Wanted, find},
    revision::{Revision, is_passing},
    session::{Check, Errand},
};
use crate::UpstreamError;

/// Pieces of an archive that wait to be unpacked.
const PIECES_AHEAD: usize = 4;
/// What a recipe says of its versions beside its code.
const DATA: &str = "conandata.yml";

/// A file in an archive.
#[derive(Debug, Clone, Copy)]
enum Part<'m> {
    /// The path that the manifest has it by.
    Readme(&'m str),
    Data,
}

impl<'m> Part<'m> {
    fn path(self) -> &'m str {
        match self {
            Self::Readme(path) => path,
            Self::Data => DATA,
        }
    }

    /// Returns the archive that it is in, and its path there.
    fn place(self) -> (&'static str, &'m str) {
        let path = self.path();
        match path.strip_prefix(SOURCES_FOLDER) {
            Some(inside) => ("conan_sources.tgz", inside),
            None => ("conan_export.tgz", path),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Readme(_) => "the README",
            Self::Data => DATA,
        }
    }
}

impl Revision<'_> {
    /// Reads what lies in archives.
    pub(super) async fn archived(&mut self, manifest: &Manifest) -> Result<(), SourceError> {
        let readme = manifest.readme().map(Part::Readme);
        let data = manifest.has(DATA).then_some(Part::Data);
        let parts: Vec<_> = readme.into_iter().chain(data).collect();
        // Parts of one archive stand beside each other: there are two at most.
        for parts in parts.chunk_by(|one, other| one.place().0 == other.place().0) {
            self.unpack(parts, manifest).await?;
        }
        Ok(())
    }

    /// Reads parts that lie in one archive.
    async fn unpack(&mut self, parts: &[Part<'_>], manifest: &Manifest) -> Result<(), SourceError> {
        let Some(archive) = parts.first().map(|part| part.place().0) else {
            return Ok(());
        };
        let limits = self.source.session.limits();
        let wanted = parts.iter().map(|part| Wanted {
            path: part.place().1.to_owned(),
            max_bytes: match part {
                Part::Readme(_) => limits.readme_bytes,
                Part::Data => limits.data_bytes,
            },
        });
        let found = match self.search(archive, wanted.collect()).await {
            Ok(found) => found,
            Err(SourceError::Upstream(error)) if is_passing(&error) => return Err(error.into()),
            Err(error @ SourceError::Mismatch { .. }) => return Err(error),
            Err(error) => {
                for part in parts {
                    self.warn(format!("{} was not read: {error}", part.name()));
                }
                return Ok(());
            }
        };
        for (part, found) in parts.iter().zip(found) {
            let (path, inside) = (part.path(), part.place().1);
            match found {
                Found::File(bytes) if manifest.fits(path, &bytes) => self.take(*part, bytes).await,
                Found::File(_) => {
                    return Err(self.mismatch(format!("{inside} is not what the manifest says")));
                }
                Found::Nothing => {
                    return Err(self.mismatch(format!("{inside} is not in {archive}")));
                }
                Found::Damaged(why) => {
                    return Err(self.mismatch(format!("{archive} is damaged: {why}")));
                }
                Found::TooLarge(what) => {
                    self.warn(format!("{} was not read: {what} is too large", part.name()));
                }
            }
        }
        Ok(())
    }

    /// Takes what a part says.
    async fn take(&mut self, part: Part<'_>, bytes: Vec<u8>) {
        match part {
            Part::Readme(_) => {
                let text = String::from_utf8_lossy(&bytes);
                let text = text.trim_start_matches('\u{feff}').replace('\0', "");
                self.reading.readme = Some(text);
            }
            Part::Data => {
                let version = self.reference.version.clone();
                // Where parsing is let down by its parser, that costs the sources alone.
                match spawn_blocking(move || read_sources(&bytes, &version)).await {
                    Ok(sources) => {
                        self.reading.facts.sources = sources.archives;
                        sources.warnings.into_iter().for_each(|one| self.warn(one));
                    }
                    Err(panic) => self.warn(format!("{DATA} was not read: {panic}")),
                }
            }
        }
    }

    /// Looks for files in an archive; all of the archive is received, to be checked.
    async fn search(
        &mut self,
        archive: &str,
        wanted: Vec<Wanted>,
    ) -> Result<Vec<Found>, SourceError> {
        let session = &self.source.session;
        let url = self.url(&["files", archive]).await?;
        let errand = Errand::new(url, session.limits().archive_bytes);
        let mut tries = session.tries();
        loop {
            match self.try_search(&errand, wanted.clone()).await {
                Ok((found, true)) => return Ok(found),
                Ok((_, false)) => {
                    return Err(self.mismatch(format!("{archive} is not what its checksum says")));
                }
                Err(error) => tries.again(error).await?,
            }
        }
    }

    /// Says also whether the archive is the one that was promised.
    async fn try_search(
        &mut self,
        errand: &Errand,
        wanted: Vec<Wanted>,
    ) -> Result<(Vec<Found>, bool), UpstreamError> {
        let session = &self.source.session;
        let mut answer = session.open(errand).await?;
        let mut check = Check::of(&answer);
        let (sender, pieces) = mpsc::channel::<Bytes>(PIECES_AHEAD);
        let (limits, count) = (*session.limits(), wanted.len());
        let search = spawn_blocking(move || find(Pieces::new(pieces), &wanted, &limits));
        let end = loop {
            match answer.body.next().await {
                Ok(Some(piece)) => {
                    check.update(&piece);
                    // Who has found all reads no more; the rest is received to be checked.
                    let _ = sender.send(piece).await;
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        drop(sender);
        session.received(answer.body.received_bytes());
        end?;
        let found = search.await;
        self.size_bytes += answer.body.received_bytes();
        let found = found.unwrap_or_else(|panic| vec![Found::Damaged(panic.to_string()); count]);
        Ok((found, check.holds()))
    }
}
