//! One frame of a sealed log: whole lines, compressed by themselves.

use std::io::{Read, Write};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use weir_store::{sealed_logs::Frame, task_logs::Chunk};

/// Compresses the text of a frame.
pub(super) fn pack(text: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = GzEncoder::new(Vec::new(), Compression::new(6));
    out.write_all(text)?;
    out.finish()
}

/// Returns the lines of a frame; `None` if they are not those that were sealed.
pub(super) fn unpack(packed: &[u8], frame: &Frame) -> Option<Chunk> {
    let expected = u64::try_from(frame.byte_count).ok()?;
    let mut text = Vec::with_capacity(usize::try_from(expected).ok()?);
    // One byte more shows a text that is too long, and is all that is read of it.
    let mut decoder = GzDecoder::new(packed).take(expected + 1);
    decoder.read_to_end(&mut text).ok()?;
    let lines = text.split_inclusive(|byte| *byte == b'\n').count();
    let is_whole = text.len() as u64 == expected && i64::try_from(lines) == Ok(frame.line_count);
    is_whole.then(|| {
        Chunk::stored(
            (frame.first_line, frame.line_count),
            frame.byte_offset,
            text,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(text: &[u8], line_count: i64) -> Frame {
        Frame {
            first_line: 7,
            line_count,
            byte_offset: 99,
            byte_count: i64::try_from(text.len()).expect("few"),
            packed_offset: 0,
            packed_count: 0,
        }
    }

    #[test]
    fn what_was_packed_is_unpacked() {
        let text = b"one\ntwo\n";
        let packed = pack(text).expect("packed");
        let chunk = unpack(&packed, &frame(text, 2)).expect("whole");
        assert_eq!((chunk.first_line, chunk.byte_offset), (7, 99));
        assert_eq!((chunk.line_count(), chunk.body.as_slice()), (2, &text[..]));
    }

    #[test]
    fn anything_else_is_found_out() {
        let text = b"one\ntwo\n";
        let packed = pack(text).expect("packed");
        assert!(unpack(&packed, &frame(text, 3)).is_none(), "lines");
        assert!(unpack(&packed, &frame(&text[..4], 1)).is_none(), "too long");
        assert!(unpack(&packed, &frame(b"one\ntwo\nthree\n", 3)).is_none());
        assert!(unpack(&packed[..packed.len() - 1], &frame(text, 2)).is_none());
        let mut flipped = packed.clone();
        flipped[14] ^= 1;
        assert!(unpack(&flipped, &frame(text, 2)).is_none(), "a bit");
        assert!(unpack(b"", &frame(text, 2)).is_none());
    }
}
