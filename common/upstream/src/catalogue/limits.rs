//! How long a source is waited for, how often it is asked again, and how much of it is taken.

use std::time::Duration;

use crate::Timeouts;

/// Limits of every source of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CatalogueLimits {
    /// How often a request that failed is sent again.
    pub retries: u32,
    /// The pause before it is sent again first; doubled each time, unless the source says when.
    pub first_pause: Duration,
    /// Longest pause; a source that wants to be left alone for longer is.
    pub max_pause: Duration,
    /// How long the parts of a listing may take: servers gather it for a minute, and more.
    pub listing: Timeouts,
    /// How long a listing may take altogether.
    pub listing_total: Duration,
    /// Bytes of a listing, or of a page of one.
    pub listing_bytes: u64,
    /// References of a listing.
    pub listing_entries: usize,
    /// Bytes of any other JSON answer.
    pub answer_bytes: u64,
    /// Bytes of a recipe.
    pub recipe_bytes: u64,
    /// Bytes of a manifest.
    pub manifest_bytes: u64,
    /// Bytes of a `conaninfo.txt`.
    pub info_bytes: u64,
    /// Bytes of an archive that may hold a README or a `conandata.yml`, as received.
    pub archive_bytes: u64,
    /// The same, unpacked.
    pub unpacked_bytes: u64,
    /// Entries of such an archive.
    pub archive_entries: usize,
    /// Bytes of a README.
    pub readme_bytes: u64,
    /// Bytes of a `conandata.yml`.
    pub data_bytes: u64,
    /// Rows that the query language is asked for at once; at least two.
    pub page_rows: usize,
    /// How far before the last known change it is asked again: clocks of uploads are not exact.
    pub overlap: Duration,
}

impl Default for CatalogueLimits {
    fn default() -> Self {
        Self {
            retries: 3,
            first_pause: Duration::from_millis(500),
            max_pause: Duration::from_secs(30),
            listing: Timeouts {
                headers: Duration::from_mins(1),
                silence: Duration::from_mins(1),
                ..Timeouts::default()
            },
            listing_total: Duration::from_mins(10),
            listing_bytes: 64 << 20,
            listing_entries: 500_000,
            answer_bytes: 4 << 20,
            recipe_bytes: 1 << 20,
            manifest_bytes: 4 << 20,
            info_bytes: 256 << 10,
            archive_bytes: 64 << 20,
            unpacked_bytes: 512 << 20,
            archive_entries: 20_000,
            readme_bytes: 512 << 10,
            data_bytes: 512 << 10,
            page_rows: 1000,
            overlap: Duration::from_mins(15),
        }
    }
}
