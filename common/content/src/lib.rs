//! Puts verified bytes in and finds them again: tarballs and rendered documents.
//!
//! The worker holds tarballs and renders first; the API fetches lazy tarballs and renders
//! for further public bases. Both go through here, so that there is one order of steps
//! between an upstream's byte and a row that refers to it.

use weir_blob::Blobs;
use weir_store::Db;
use weir_upstream::Upstreams;

/// The way in and out of stored bytes; cheap to clone.
#[derive(Debug, Clone)]
pub struct Content {
    /// Rows.
    pub db: Db,
    /// Bytes.
    pub blobs: Blobs,
    /// Where bytes come from.
    pub upstreams: Upstreams,
}
