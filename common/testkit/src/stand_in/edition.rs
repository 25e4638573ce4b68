//! One state of one package: what its documents say until the next change.
//!
//! Documents are rendered at first need, in a blocking thread, and kept: a crowd of 300
//! packages costs nothing until somebody asks for one of them.

use std::{
    io::Write,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use weir_domain::{Digest, Timestamp};

use crate::package::{Fields, Issue, PackageSpec, abbreviate};

/// A rendered packument.
#[derive(Debug)]
pub(super) struct Document {
    pub identity: Bytes,
    pub gzip: Bytes,
    /// Weak, the same for both encodings.
    pub etag: String,
    pub modified: Timestamp,
}

impl Document {
    pub fn render(fields: &Fields, modified: Timestamp) -> Self {
        let identity = Bytes::from(fields.to_json());
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder
            .write_all(&identity)
            .expect("memory takes every byte");
        let gzip = encoder.finish().expect("memory takes every byte").into();
        let digest = Digest::of(&identity).to_string();
        Self {
            identity,
            gzip,
            etag: format!("W/\"{}\"", &digest[..32]),
            modified,
        }
    }
}

/// Where an edition's documents come from.
#[derive(Debug)]
enum Source {
    Made(Box<PackageSpec>),
    /// A real packument from tests/fixtures.
    Kept(Fields),
}

/// One state of one package.
#[derive(Debug)]
pub(super) struct Edition {
    number: u64,
    origin: String,
    source: Source,
    full: OnceLock<Arc<Document>>,
    abbreviated: OnceLock<Arc<Document>>,
}

impl Edition {
    pub fn made(spec: PackageSpec, number: u64, origin: &str) -> Self {
        Self::of(Source::Made(Box::new(spec)), number, origin)
    }

    pub fn kept(packument: Fields, origin: &str) -> Self {
        Self::of(Source::Kept(packument), 1, origin)
    }

    fn of(source: Source, number: u64, origin: &str) -> Self {
        Self {
            number,
            origin: origin.to_owned(),
            source,
            full: OnceLock::new(),
            abbreviated: OnceLock::new(),
        }
    }

    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns the description of a made package; `None` for a kept document.
    pub fn spec(&self) -> Option<&PackageSpec> {
        match &self.source {
            Source::Made(spec) => Some(spec),
            Source::Kept(_) => None,
        }
    }

    /// Returns the document in one of its forms, rendered at the first call.
    pub fn document(&self, is_abbreviated: bool) -> Arc<Document> {
        let place = if is_abbreviated {
            &self.abbreviated
        } else {
            &self.full
        };
        let render = || Document::render(&self.fields(is_abbreviated), self.modified());
        place.get_or_init(|| Arc::new(render())).clone()
    }

    /// Returns the members of the document in one of its forms.
    pub fn fields(&self, is_abbreviated: bool) -> Fields {
        let issue = Issue {
            number: self.number,
            origin: &self.origin,
        };
        match &self.source {
            Source::Made(spec) if is_abbreviated => spec.abbreviated(issue),
            Source::Made(spec) => spec.packument(issue),
            Source::Kept(full) if is_abbreviated => abbreviate_kept(full, self.modified()),
            Source::Kept(full) => full.clone(),
        }
    }

    pub fn modified(&self) -> Timestamp {
        match &self.source {
            Source::Made(spec) => spec.modified_at(self.number),
            Source::Kept(full) => {
                let time = full
                    .get("time")
                    .and_then(|raw| serde_json::from_str(raw).ok());
                let modified =
                    |time: &serde_json::Value| time["modified"].as_str().map(str::to_owned);
                let text = time.as_ref().and_then(modified);
                text.and_then(|text| Timestamp::parse(&text))
                    .unwrap_or_default()
            }
        }
    }
}

fn abbreviate_kept(full: &Fields, modified: Timestamp) -> Fields {
    let versions: Fields = full
        .get("versions")
        .map(|raw| serde_json::from_str(raw).expect("a packument's versions are an object"))
        .unwrap_or_default();
    let mut short = Fields::default();
    for (number, raw) in versions.iter() {
        let manifest = serde_json::from_str(raw).expect("a manifest is an object");
        short.push_raw(number, abbreviate(manifest).to_json());
    }
    let mut root = full.clone();
    root.retain(|name| matches!(name, "name" | "dist-tags"));
    root.set_raw("versions", short.to_json());
    root.set("modified", modified);
    root
}
