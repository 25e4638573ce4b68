//! A whole packument: its head, its versions one by one, its tail.
//!
//! [`Rendering`] is fed version by version, so that one pass over the rows can feed both
//! forms; [`render`] is the same for one form and an iterator. Memory is one manifest and
//! the list of version numbers, whatever the size of the document.

use std::{
    collections::{BTreeMap, HashSet},
    convert::Infallible,
    io::{self, Write},
};

use serde::Serialize;
use serde_json::value::RawValue;
use weir_domain::{
    PackageName, PublicBase, Timestamp, Version, manifest::StoredManifest,
    packument::PackumentOutline,
};

use crate::{BadManifest, Form, RenderError, abbreviated, output::Counted};

/// Everything of a packument but its versions.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// The package.
    pub name: &'a PackageName,
    /// `_rev`: ours, new with every change.
    pub revision: &'a str,
    /// Tags, each pointing to a rendered version.
    pub dist_tags: &'a BTreeMap<String, Version>,
    /// `time`, as upstream wrote it.
    pub time: &'a BTreeMap<String, String>,
    /// `modified` of the abbreviated form.
    pub modified: Timestamp,
    /// The other root fields of the full form, as upstream wrote them. Names of
    /// [`PackumentOutline::OWN_FIELDS`] are passed over.
    pub root: &'a [(String, Box<RawValue>)],
}

/// A finished document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The weak `ETag`, quotes and `W/` included: of the identity bytes, hence equal in every
    /// encoding and different in every form.
    pub etag: String,
    /// Size before compression, in bytes.
    pub identity_len: u64,
}

/// Renders a packument in one form. `out` is neither flushed nor ended: pass `&mut` of a
/// compressing writer and finish that.
///
/// # Errors
/// [`RenderError`]; what reached `out` is then worthless.
pub fn render<W: Write, E>(
    form: Form,
    head: &Head<'_>,
    versions: impl Iterator<Item = Result<(Version, StoredManifest), E>>,
    base: &PublicBase,
    out: W,
) -> Result<Rendered, RenderError<E>> {
    let mut rendering = Rendering::begin(form, head, base, out).map_err(RenderError::Write)?;
    for listed in versions {
        let (version, manifest) = listed.map_err(RenderError::Versions)?;
        rendering.add(&version, &manifest).map_err(widen)?;
    }
    rendering.finish(head).map_err(RenderError::Write)
}

fn widen<E>(error: RenderError<Infallible>) -> RenderError<E> {
    match error {
        RenderError::Versions(never) => match never {},
        RenderError::Manifest { version, source } => RenderError::Manifest { version, source },
        RenderError::Write(source) => RenderError::Write(source),
    }
}

/// A packument being written.
#[derive(Debug)]
pub struct Rendering<W> {
    form: Form,
    name: PackageName,
    base: PublicBase,
    out: Counted<W>,
    versions: Vec<Version>,
    /// The manifest at hand: as served in full, and as written out.
    full: Vec<u8>,
    text: Vec<u8>,
}

impl<W: Write> Rendering<W> {
    /// Writes what comes before the versions.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn begin(form: Form, head: &Head<'_>, base: &PublicBase, out: W) -> io::Result<Self> {
        let mut rendering = Self {
            form,
            name: head.name.clone(),
            base: base.clone(),
            out: Counted::new(out),
            versions: Vec::new(),
            full: Vec::new(),
            text: Vec::new(),
        };
        if form == Form::Full {
            rendering.field('{', "_id", head.name)?;
            rendering.field(',', "_rev", head.revision)?;
            rendering.field(',', "name", head.name)?;
        } else {
            rendering.field('{', "name", head.name)?;
            rendering.field(',', "modified", &head.modified)?;
        }
        rendering.field(',', "dist-tags", head.dist_tags)?;
        rendering.out.put(b",\"versions\":{")?;
        Ok(rendering)
    }

    /// Writes one version; each is to be added once.
    ///
    /// # Errors
    /// [`RenderError::Manifest`] or [`RenderError::Write`].
    pub fn add(
        &mut self,
        version: &Version,
        manifest: &StoredManifest,
    ) -> Result<(), RenderError<Infallible>> {
        self.text.clear();
        if !self.versions.is_empty() {
            self.text.push(b',');
        }
        let bad = |source: serde_json::Error| RenderError::Manifest {
            version: version.clone(),
            source: BadManifest::from(source),
        };
        serde_json::to_writer(&mut self.text, version).map_err(bad)?;
        self.text.push(b':');
        match self.form {
            Form::Full => manifest.write_to(&mut self.text, &self.name, version, &self.base),
            Form::Abbreviated => {
                self.full.clear();
                manifest.write_to(&mut self.full, &self.name, version, &self.base);
                abbreviated::write(&self.full, &mut self.text).map_err(bad)?;
            }
        }
        self.versions.push(version.clone());
        self.out.put(&self.text).map_err(RenderError::Write)
    }

    /// Writes what comes after the versions; `head` is the one it began with.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn finish(mut self, head: &Head<'_>) -> io::Result<Rendered> {
        self.out.put(b"}")?;
        if self.shows_time(head.time) {
            self.field(',', "time", head.time)?;
        }
        if self.form == Form::Full {
            for (name, value) in foreign_fields(head.root) {
                self.field(',', name, value)?;
            }
        }
        self.out.put(b"}")?;
        let (etag, identity_len) = self.out.finish();
        Ok(Rendered { etag, identity_len })
    }

    /// The full form has upstream's `time`, whatever it lacks. Clients of the abbreviated
    /// form take a `time` that lacks a version for a broken one, so it is whole or absent.
    fn shows_time(&self, time: &BTreeMap<String, String>) -> bool {
        let is_whole = || self.versions.iter().all(|v| time.contains_key(v.as_str()));
        !time.is_empty() && (self.form == Form::Full || is_whole())
    }

    fn field(
        &mut self,
        separator: char,
        name: &str,
        value: &(impl Serialize + ?Sized),
    ) -> io::Result<()> {
        self.text.clear();
        write!(self.text, "{separator}")?;
        serde_json::to_writer(&mut self.text, name)?;
        self.text.push(b':');
        serde_json::to_writer(&mut self.text, value)?;
        self.out.put(&self.text)
    }
}

/// Returns the root fields that are not ours, in order; of a name given twice, the last.
fn foreign_fields(root: &[(String, Box<RawValue>)]) -> Vec<(&str, &RawValue)> {
    let mut seen: HashSet<&str> = PackumentOutline::OWN_FIELDS.into();
    let mut fields: Vec<_> = root
        .iter()
        .rev()
        .filter(|(name, _)| seen.insert(name))
        .map(|(name, value)| (name.as_str(), &**value))
        .collect();
    fields.reverse();
    fields
}
