//! The way out: every byte is counted and hashed before it is compressed.

use std::io::{self, Write};

use sha2::{Digest as _, Sha256};
use weir_domain::Digest;

/// How many hexadecimal digits of the hash an `ETag` shows: 128 bits.
const ETAG_DIGITS: usize = 32;

/// Returns the weak `ETag` of identity bytes; equal whatever the encoding they travel in.
pub fn weak_etag(identity: &[u8]) -> String {
    etag_of(Digest::of(identity))
}

fn etag_of(digest: Digest) -> String {
    format!("W/\"{}\"", &digest.to_string()[..ETAG_DIGITS])
}

/// A writer that knows what went through it.
#[derive(Debug)]
pub(crate) struct Counted<W> {
    out: W,
    hash: Sha256,
    len: u64,
}

impl<W: Write> Counted<W> {
    pub(crate) fn new(out: W) -> Self {
        Self {
            out,
            hash: Sha256::new(),
            len: 0,
        }
    }

    pub(crate) fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.hash.update(bytes);
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Returns the `ETag` and the number of bytes.
    pub(crate) fn finish(self) -> (String, u64) {
        (etag_of(Digest(self.hash.finalize().into())), self.len)
    }
}
