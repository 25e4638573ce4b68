//! Documents in encodings that cost too much to be made at a sync.
//!
//! One that is stored in gzip is compressed once more, on a thread that yields to everything
//! else, and recorded beside it: it goes when that goes. Who asks decides what is worth it.

use std::io::{self, Read};

use bytes::{Buf, Bytes};
use futures::{StreamExt, stream::BoxStream};
use tokio::sync::{mpsc, oneshot};
use weir_blob::{Blobs, StagedBlob};
use weir_domain::{PackageName, PublicBase};
use weir_render::{Encoding, Form, RenderError, recode};
use weir_store::{
    clock,
    documents::{self, Document},
};

use crate::{Content, ContentError};

/// How far a thread stands back that compresses: of 0 to 19.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

impl Content {
    /// Makes the document of what is visible now in `encoding`, if it is there in gzip only;
    /// returns it. Nothing is made of a package that moves on meanwhile, or has no document.
    ///
    /// # Errors
    /// If the document cannot be read, or the other not written.
    ///
    /// # Cancel safety
    /// A dropped call leaves at most a file that no row names.
    ///
    /// # Concurrency
    /// Two callers, in whatever process, may both do the work; what they record is the same.
    pub async fn encode(
        &self,
        name: &PackageName,
        (form, encoding): (Form, Encoding),
        base: &PublicBase,
    ) -> Result<Option<Document>, ContentError> {
        let db = self.db.read();
        let now = clock::now(db).await?;
        let kind = (form.as_str(), encoding.as_str());
        let found = documents::find(db, name, kind, base, now).await?;
        let Some((package, document)) = found.and_then(|f| Some((f.package, f.document?))) else {
            return Ok(None);
        };
        if document.encoding == encoding.as_str() {
            return Ok(Some(document));
        }
        let gzip = (document.digest, document.size_bytes);
        let gzip = self.open_held(gzip, None).await?.stream;
        let kind = (encoding, document.identity_bytes);
        let staged = compress(self.blobs.clone(), gzip, kind).await?;
        let encoded = Document {
            encoding: encoding.as_str().to_owned(),
            digest: staged.digest(),
            size_bytes: staged.size(),
            ..document
        };
        self.keep_staged(vec![staged]).await?;
        let recorded = self.record_documents(package, vec![encoded.clone()]);
        Ok(recorded.await?.then_some(encoded))
    }
}

async fn compress(
    blobs: Blobs,
    mut gzip: BoxStream<'static, io::Result<Bytes>>,
    kind: (Encoding, u64),
) -> Result<StagedBlob, ContentError> {
    let (pieces, received) = mpsc::channel(1);
    let work = move || {
        let mut out = blobs.create_blocking()?;
        recode(Pieces::new(received), kind, &mut out)
            .map_err(|error| ContentError::Render(RenderError::Write(error)))?;
        Ok(out.finish())
    };
    let staged = in_background(work)?;
    while let Some(piece) = gzip.next().await {
        // Who does not take it any more says why.
        if pieces.send(piece).await.is_err() {
            break;
        }
    }
    drop(pieces);
    staged.await.unwrap_or(Err(ContentError::Interrupted))
}

/// Runs work on a thread of its own that yields to all others.
fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<oneshot::Receiver<T>, ContentError> {
    let (done, outcome) = oneshot::channel();
    let thread = std::thread::Builder::new().name("weir-encode".to_owned());
    let spawned = thread.spawn(move || {
        // On Linux this is about the one thread; who may not works on all the same.
        #[cfg(target_os = "linux")]
        rustix::process::setpriority_process(None, NICENESS).ok();
        // Nobody may be waiting any more.
        drop(done.send(work()));
    });
    spawned.map_err(|_| ContentError::Interrupted)?;
    Ok(outcome)
}

/// A stream, for a thread that reads it.
struct Pieces {
    received: mpsc::Receiver<io::Result<Bytes>>,
    piece: Bytes,
}

impl Pieces {
    fn new(received: mpsc::Receiver<io::Result<Bytes>>) -> Self {
        let piece = Bytes::new();
        Self { received, piece }
    }
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.received.blocking_recv() {
                Some(next) => self.piece = next?,
                None => return Ok(0),
            }
        }
        let len = into.len().min(self.piece.len());
        self.piece.copy_to_slice(&mut into[..len]);
        Ok(len)
    }
}
