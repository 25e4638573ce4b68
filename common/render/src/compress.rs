//! gzip, as documents are stored, and back, for the few clients that do not take it.

use std::io::{self, Read, Write};

use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};

/// Level 6: within 1-2 % of the best at a third of its time.
const LEVEL: u32 = 6;

/// The most that a document may have uncompressed, in bytes.
const MAX_INFLATED_BYTES: u64 = 1024 * 1024 * 1024;

/// Writes gzip to `W`; call `finish` on it to get `W` back.
pub type GzipWriter<W> = GzEncoder<W>;

/// Returns a compressing writer. Its output depends on nothing but its input: no name, no
/// time.
pub fn gzip_writer<W: Write>(out: W) -> GzipWriter<W> {
    GzEncoder::new(out, Compression::new(LEVEL))
}

/// Decompresses a stored document.
///
/// # Errors
/// If the bytes are not whole gzip, or more than a gigabyte comes out.
pub fn inflate(gzip: &[u8]) -> io::Result<Vec<u8>> {
    inflate_within(gzip, MAX_INFLATED_BYTES)
}

fn inflate_within(gzip: &[u8], max_bytes: u64) -> io::Result<Vec<u8>> {
    let mut identity = Vec::with_capacity(size_hint(gzip));
    let mut decoder = MultiGzDecoder::new(gzip).take(max_bytes + 1);
    decoder.read_to_end(&mut identity)?;
    if identity.len() as u64 > max_bytes {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "the document is too large to decompress",
        ));
    }
    Ok(identity)
}

/// The trailer names the size, but only what deflate can do at best (1032:1) is believed.
fn size_hint(gzip: &[u8]) -> usize {
    let trailer = gzip.last_chunk::<4>().copied().unwrap_or_default();
    let said = usize::try_from(u32::from_le_bytes(trailer)).unwrap_or(0);
    said.min(gzip.len().saturating_mul(1032)).min(64 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut writer = gzip_writer(Vec::new());
        writer.write_all(bytes).expect("memory");
        writer.finish().expect("memory")
    }

    #[test]
    fn what_was_compressed_comes_back() {
        let text = b"{\"name\":\"a\"}".repeat(10_000);
        let small = gzip(&text);
        assert!(small.len() < text.len() / 50);
        assert_eq!(inflate(&small).expect("whole"), text);
        assert_eq!(inflate(&gzip(b"")).expect("whole"), b"");
    }

    #[test]
    fn the_same_bytes_compress_to_the_same_bytes() {
        assert_eq!(gzip(b"weir"), gzip(b"weir"));
        assert_eq!(gzip(b"weir")[4..8], [0; 4], "no time in the header");
    }

    #[test]
    fn what_comes_out_is_bounded() {
        let bomb = gzip(&vec![0; 100_000]);
        assert!(inflate_within(&bomb, 100_000).is_ok());
        let error = inflate_within(&bomb, 99_999).expect_err("too large");
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert!(size_hint(&bomb) >= 100_000 && size_hint(&[0xff; 20]) <= 20 * 1032);
    }

    #[test]
    fn a_cut_document_is_an_error() {
        let whole = gzip(&b"x".repeat(1000));
        for len in [0, 5, whole.len() / 2, whole.len() - 1] {
            assert!(inflate(&whole[..len]).is_err(), "{len}");
        }
        assert!(inflate(b"{}").is_err());
    }
}
