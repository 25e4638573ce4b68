//! The second pass: the raw manifests of chosen versions, a few hundred at a time.

use std::{collections::HashSet, sync::Arc};

use serde_json::value::RawValue;
use tokio::sync::mpsc;
use weir_domain::{Version, manifest::ManifestFacts};

use super::{
    packument::{FetchedPackument, Source},
    walk::{Reader, Stop, walk},
};
use crate::UpstreamError;

/// Versions in a batch; as many as one transaction stages.
const BATCH_VERSIONS: usize = 500;

/// Raw text in a batch, in bytes, unless a single manifest is larger.
const BATCH_BYTES: usize = 4 << 20;

/// A version's facts and its text as upstream wrote it.
type Batch = Vec<(ManifestFacts, String)>;

/// The wanted manifests in document order, in batches of at most 500.
///
/// # Concurrency
/// One thread parses ahead by at most one batch; dropping this ends it.
#[derive(Debug)]
pub struct ManifestBatches {
    batches: mpsc::Receiver<Result<Batch, UpstreamError>>,
}

impl ManifestBatches {
    /// Waits for the next batch; `None` after the last. After an error there is nothing more.
    pub async fn next(&mut self) -> Option<Result<Batch, UpstreamError>> {
        self.batches.recv().await
    }
}

impl FetchedPackument {
    /// Reads the document again and returns the manifests of the `wanted` versions.
    ///
    /// Versions that the outline did not list as readable are passed over in silence.
    pub fn manifests(&self, wanted: HashSet<Version>) -> ManifestBatches {
        let (sender, batches) = mpsc::channel(1);
        let source = Arc::clone(&self.source);
        drop(tokio::task::spawn_blocking(move || {
            read(&source, wanted, &sender);
        }));
        ManifestBatches { batches }
    }
}

fn read(
    source: &Source,
    wanted: HashSet<Version>,
    sender: &mpsc::Sender<Result<Batch, UpstreamError>>,
) {
    let mut reader = ManifestReader {
        source,
        wanted,
        sender,
        batch: Vec::new(),
        batch_bytes: 0,
    };
    let end = if reader.wanted.is_empty() {
        Ok(())
    } else {
        walk(source, &mut reader)
    };
    // Nobody listens any more when sending fails, and then nobody misses it.
    let _ = match end {
        Ok(()) => reader.flush(),
        Err(error) => sender.blocking_send(Err(error)).map_err(|_| Stop::Enough),
    };
}

struct ManifestReader<'s> {
    source: &'s Source,
    /// Those not yet met: the first of equal keys counts.
    wanted: HashSet<Version>,
    sender: &'s mpsc::Sender<Result<Batch, UpstreamError>>,
    batch: Batch,
    batch_bytes: usize,
}

impl ManifestReader<'_> {
    fn flush(&mut self) -> Result<(), Stop> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.batch_bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        self.sender
            .blocking_send(Ok(batch))
            .map_err(|_| Stop::Enough)
    }
}

impl Reader for ManifestReader<'_> {
    fn field(&mut self, _: String, _: Box<RawValue>) -> Result<(), Stop> {
        Ok(())
    }

    fn version(&mut self, key: String, raw: Box<RawValue>) -> Result<(), Stop> {
        let is_wanted = Version::parse(&key).is_ok_and(|version| self.wanted.contains(&version));
        if !is_wanted {
            return Ok(());
        }
        if raw.get().len() as u64 > self.source.sizes.value_bytes {
            return Ok(());
        }
        let Ok(facts) = ManifestFacts::read(&self.source.package, &key, raw.get()) else {
            return Ok(());
        };
        if self.batch_bytes + raw.get().len() > BATCH_BYTES {
            self.flush()?;
        }
        self.wanted.remove(&facts.version);
        self.batch_bytes += raw.get().len();
        self.batch
            .push((facts, Box::<str>::from(raw).into_string()));
        if self.batch.len() >= BATCH_VERSIONS {
            self.flush()?;
        }
        if self.wanted.is_empty() {
            return Err(Stop::Enough);
        }
        Ok(())
    }
}
