//! One file of a revision, for somebody else: verified before its last byte is given away.
//!
//! Manifest and recipe are small, and checked whole against the revision. Archives stream: they
//! have no digest but the one in Artifactory's headers, and where it does not hold the stream ends
//! with an error instead of its last piece. A plain Conan server promises nothing of an archive;
//! Conan's client unpacks it under the manifest that it has.

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use weir_domain::catalogue::{Reference, Stamp};

use super::{
    SourceError,
    conan::Conan,
    revision::Revision,
    session::{Check, Errand},
};
use crate::client::Body;

/// The archives of a recipe.
const ARCHIVES: [&str; 2] = ["conan_sources.tgz", "conan_export.tgz"];

/// A file on its way.
pub struct FileBody {
    /// Its length, as far as it is known.
    pub content_length: Option<u64>,
    /// The bytes; ends after the first error.
    pub stream: BoxStream<'static, Result<Bytes, SourceError>>,
}

impl std::fmt::Debug for FileBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileBody")
            .field("content_length", &self.content_length)
            .finish_non_exhaustive()
    }
}

impl Conan {
    pub(super) async fn passed_on(
        &self,
        reference: &Reference,
        stamp: &Stamp,
        name: &str,
    ) -> Result<FileBody, SourceError> {
        let mut revision = Revision::new(self, reference, stamp);
        match name {
            "conanmanifest.txt" => Ok(whole(revision.whole_manifest().await?.1)),
            "conanfile.py" => {
                let (manifest, _) = revision.whole_manifest().await?;
                Ok(whole(revision.whole_recipe(&manifest).await?))
            }
            name if ARCHIVES.contains(&name) => self.archive(&revision, name).await,
            _ => Err(SourceError::Vanished(reference.clone())),
        }
    }

    async fn archive(&self, revision: &Revision<'_>, name: &str) -> Result<FileBody, SourceError> {
        let url = revision.url(&["files", name]).await?;
        let errand = Errand::new(url, self.session.limits().archive_bytes);
        let mut tries = self.session.tries();
        let answer = loop {
            match self.session.open(&errand).await {
                Ok(answer) => break answer,
                Err(error) => {
                    let again = tries.again(error).await;
                    again.map_err(|error| revision.vanished(error))?;
                }
            }
        };
        let why = format!("{name} is not what its checksum says");
        let passage = Passage {
            check: Check::of(&answer),
            held: None,
            mismatch: revision.mismatch(why),
            body: answer.body,
        };
        Ok(FileBody {
            content_length: passage.body.content_length(),
            stream: passage.into_stream(),
        })
    }
}

fn whole(bytes: Bytes) -> FileBody {
    FileBody {
        content_length: Some(bytes.len() as u64),
        stream: stream::once(async { Ok(bytes) }).boxed(),
    }
}

/// A body that is checked while it passes, one piece behind.
struct Passage {
    body: Body,
    check: Check,
    held: Option<Bytes>,
    mismatch: SourceError,
}

impl Passage {
    fn into_stream(self) -> BoxStream<'static, Result<Bytes, SourceError>> {
        stream::unfold(Some(self), |passage| async move {
            let mut passage = passage?;
            loop {
                match passage.body.next().await {
                    Ok(Some(piece)) => {
                        passage.check.update(&piece);
                        if let Some(before) = passage.held.replace(piece) {
                            return Some((Ok(before), Some(passage)));
                        }
                    }
                    Ok(None) if !passage.check.holds() => {
                        return Some((Err(passage.mismatch), None));
                    }
                    Ok(None) => return passage.held.map(|last| (Ok(last), None)),
                    Err(error) => return Some((Err(error.into()), None)),
                }
            }
        })
        .boxed()
    }
}
