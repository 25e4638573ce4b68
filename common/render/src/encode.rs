//! br and zstd, for the clients that take them: smaller than gzip, and far more work.
//!
//! So nobody waits for it: a document that is stored in gzip is compressed once more, piece by
//! piece, never held whole. How hard each tries was chosen by measuring
//! (`examples/encoding_speed.rs`; docs/performance.md has the outcome).

use std::io::{self, Read, Write};

use brotli::enc::BrotliEncoderParams;
use flate2::read::MultiGzDecoder;

use crate::{Encoding, gzip_writer};

/// How hard br tries, of 0 to 11.
const BROTLI_QUALITY: i32 = 5;
/// How hard zstd tries, of 1 to 22.
const ZSTD_LEVEL: i32 = 6;

/// Looking back further costs memory, and not every client can: 4 MiB, as a power of two.
const LONGEST_WINDOW: u32 = 22;

/// Writes a document that is stored in gzip and has `identity_len` bytes without it to `out` in
/// `encoding`; `out` is not flushed. Knowing the size saves most of the memory: both work with
/// tables for gigabytes otherwise.
///
/// # Errors
/// If what comes is not whole gzip, cannot be read, or has another size; those of `out`.
pub fn recode(
    gzip: impl Read,
    (encoding, identity_len): (Encoding, u64),
    out: &mut impl Write,
) -> io::Result<()> {
    let mut identity = MultiGzDecoder::new(gzip);
    match encoding {
        Encoding::Identity => io::copy(&mut identity, out).map(drop),
        Encoding::Gzip => {
            let mut writer = gzip_writer(out);
            io::copy(&mut identity, &mut writer)?;
            writer.finish().map(drop)
        }
        Encoding::Brotli => {
            let parameters = BrotliEncoderParams {
                quality: BROTLI_QUALITY,
                lgwin: window(identity_len),
                size_hint: usize::try_from(identity_len).unwrap_or(usize::MAX),
                ..BrotliEncoderParams::default()
            };
            brotli::BrotliCompress(&mut identity, out, &parameters).map(drop)
        }
        Encoding::Zstd => {
            let mut writer = zstd::stream::write::Encoder::new(out, ZSTD_LEVEL)?;
            writer.set_pledged_src_size(Some(identity_len))?;
            io::copy(&mut identity, &mut writer)?;
            writer.finish().map(drop)
        }
    }
}

/// Returns the window for so many bytes, as a power of two: all of them, within what is right.
fn window(len: u64) -> i32 {
    // Below, br searches in another way, which takes ten times as long.
    const SHORTEST: u32 = 18;
    let bits = u64::BITS - len.leading_zeros();
    i32::try_from(bits.clamp(SHORTEST, LONGEST_WINDOW)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut writer = gzip_writer(Vec::new());
        writer.write_all(text).expect("memory");
        writer.finish().expect("memory")
    }

    fn plain(encoding: Encoding, bytes: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        match encoding {
            Encoding::Identity => Ok(bytes.len()),
            Encoding::Gzip => MultiGzDecoder::new(bytes).read_to_end(&mut plain),
            Encoding::Brotli => brotli::Decompressor::new(bytes, 4096).read_to_end(&mut plain),
            Encoding::Zstd => zstd::stream::read::Decoder::new(bytes)
                .and_then(|mut decoder| decoder.read_to_end(&mut plain)),
        }
        .expect("whole");
        if encoding == Encoding::Identity {
            bytes.to_vec()
        } else {
            plain
        }
    }

    #[test]
    fn a_document_is_the_same_in_every_encoding() {
        let text: Vec<u8> = (0..200_000_u32)
            .flat_map(|n| format!("{{\"{}\":{n}}},", n % 977).into_bytes())
            .collect();
        for text in [&text[..], b"", b"{}"] {
            for encoding in Encoding::ALL {
                let mut out = Vec::new();
                let kind = (encoding, text.len() as u64);
                recode(&gzip(text)[..], kind, &mut out).expect("memory");
                assert!(plain(encoding, &out) == text, "{encoding:?}");
            }
        }
    }

    #[test]
    fn half_a_document_is_an_error_in_every_encoding() {
        let whole = gzip(&b"words of a document ".repeat(10_000));
        for encoding in Encoding::ALL {
            let kind = (encoding, 200_000);
            let outcome = recode(&whole[..whole.len() / 2], kind, &mut Vec::new());
            assert!(outcome.is_err(), "{encoding:?}");
        }
    }

    /// A disk with room for so many bytes.
    struct Small(usize);

    impl Write for Small {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let fits = bytes.len().min(self.0);
            self.0 -= fits;
            if fits == 0 && !bytes.is_empty() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            Ok(fits)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_document_of_which_one_byte_does_not_fit_is_an_error() {
        let document = gzip(&b"words of a document ".repeat(100));
        for encoding in Encoding::ALL {
            let mut out = Vec::new();
            let kind = (encoding, 2_000);
            recode(&document[..], kind, &mut out).expect("memory");
            assert!(recode(&document[..], kind, &mut Small(out.len())).is_ok());
            for lacking in [1, 2, out.len()] {
                let outcome = recode(&document[..], kind, &mut Small(out.len() - lacking));
                assert!(outcome.is_err(), "{encoding:?} without {lacking} bytes");
            }
        }
    }
}
