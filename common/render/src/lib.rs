//! Packuments from stored manifests: pure, streaming, without ever holding a document.
//!
//! What upstream wrote is copied as text; only two URLs change
//! (`weir_domain::manifest`), and the abbreviated form leaves fields out. The worker
//! renders at write, the server for lapsed documents and further bases; what either
//! writes is served as bytes. Which versions, tags and times are visible was decided before
//! (the sync's plan, the policy); nothing here repairs or hides anything.

mod abbreviated;
mod compress;
mod document;
mod encode;
mod error;
mod form;
mod manifest;
mod output;
#[cfg(test)]
mod tests;

pub use abbreviated::MANIFEST_FIELDS;
pub use compress::{GzipWriter, gzip_writer, inflate};
pub use document::{Head, Rendered, Rendering, render};
pub use encode::recode;
pub use error::RenderError;
pub use form::{Encoding, Form};
pub use manifest::{BadManifest, render_manifest};
pub use output::weak_etag;
