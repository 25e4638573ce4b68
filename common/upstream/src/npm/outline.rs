//! The first pass: everything a sync must know before it decides, without any raw version.

use std::{collections::HashSet, sync::Arc};

use serde_json::value::RawValue;
use weir_domain::{Version, manifest::ManifestFacts, packument::PackumentOutline, text::printable};

use super::{
    packument::{FetchedPackument, Source},
    root::{RootFields, check_count},
    walk::{Reader, Stop, walk},
};
use crate::UpstreamError;

/// Longest text kept about an unreadable version, in characters.
const REASON_CHARS: usize = 200;

impl FetchedPackument {
    /// Reads the outline; parsing runs off the async threads, a few documents at a time.
    ///
    /// # Errors
    /// The document is no packument of this package, breaks off, or is too large.
    ///
    /// # Cancel safety
    /// A dropped future lets the parse run to its end and drops the result.
    pub async fn outline(&self) -> Result<PackumentOutline, UpstreamError> {
        let turn = Arc::clone(&self.client.parsers).acquire_owned().await;
        let source = Arc::clone(&self.source);
        let parse = move || {
            let _turn = turn;
            outline(&source)
        };
        match tokio::task::spawn_blocking(parse).await {
            Ok(outcome) => outcome,
            Err(stopped) => match stopped.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(self.stopped()),
            },
        }
    }

    /// The runtime went away under a pass.
    fn stopped(&self) -> UpstreamError {
        UpstreamError::Interrupted {
            place: self.source.place.clone(),
            received_bytes: self.received_bytes(),
            why: "this process is stopping".to_owned(),
        }
    }
}

fn outline(source: &Source) -> Result<PackumentOutline, UpstreamError> {
    let mut reader = OutlineReader {
        source,
        root: RootFields::default(),
        seen: HashSet::new(),
    };
    walk(source, &mut reader)?;
    let outline = reader.root.finish();
    let asked = source.package.as_str();
    match outline.name.as_deref() {
        Some(name) if name == asked => Ok(outline),
        Some(name) => {
            let why = format!("it is the packument of {name:?}, not of {asked:?}");
            Err(UpstreamError::invalid(&source.place, why))
        }
        None => Err(UpstreamError::invalid(&source.place, "it names no package")),
    }
}

struct OutlineReader<'s> {
    source: &'s Source,
    root: RootFields,
    seen: HashSet<Version>,
}

impl Reader for OutlineReader<'_> {
    fn field(&mut self, key: String, raw: Box<RawValue>) -> Result<(), Stop> {
        self.root.take(self.source, key, raw)
    }

    fn version(&mut self, key: String, raw: Box<RawValue>) -> Result<(), Stop> {
        let outline = &mut self.root.outline;
        let count = outline.versions.len() + outline.unreadable.len();
        check_count(self.source, count, "its number of versions")?;
        let (bytes, limit) = (raw.get().len() as u64, self.source.sizes.value_bytes);
        let reason = if bytes > limit {
            format!("its manifest is too large: {bytes} bytes, limited to {limit}")
        } else {
            match ManifestFacts::read(&self.source.package, &key, raw.get()) {
                // The first of equal keys counts, here and in the second pass.
                Ok(facts) if self.seen.insert(facts.version.clone()) => {
                    outline.versions.push(facts);
                    return Ok(());
                }
                Ok(_) => "listed twice".to_owned(),
                Err(invalid) => invalid.to_string(),
            }
        };
        outline.unreadable.push((
            printable(&key, REASON_CHARS),
            printable(&reason, REASON_CHARS),
        ));
        Ok(())
    }
}
