//! Documents for the few clients that do not take gzip: decompressed while they are sent.
//!
//! Memory is a piece of the compressed document and what comes out of it, whatever the
//! size of the whole.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use futures::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};

/// Compressed bytes taken at a time; JSON becomes about ten times as many.
const PIECE: usize = 64 * 1024;

struct Inflating {
    gzip: BoxStream<'static, io::Result<Bytes>>,
    pending: Bytes,
    decoder: MultiGzDecoder<Vec<u8>>,
}

/// Decompresses a stream of gzip; one that ends early ends in an error.
pub(super) fn inflate(
    gzip: BoxStream<'static, io::Result<Bytes>>,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let inflating = Inflating {
        gzip,
        pending: Bytes::new(),
        decoder: MultiGzDecoder::new(Vec::new()),
    };
    stream::try_unfold(Some(inflating), |inflating| async move {
        match inflating {
            Some(inflating) => inflating.next().await,
            None => Ok(None),
        }
    })
}

impl Inflating {
    async fn next(mut self) -> io::Result<Option<(Bytes, Option<Self>)>> {
        loop {
            if self.pending.is_empty() {
                match self.gzip.next().await.transpose()? {
                    Some(piece) => self.pending = piece,
                    None => return self.finish().map(|rest| Some((rest, None))),
                }
            }
            let len = self.pending.len().min(PIECE);
            let piece = self.pending.split_to(len);
            let mut decoder = self.decoder;
            let decoding = tokio::task::spawn_blocking(move || {
                decoder.write_all(&piece)?;
                let out = std::mem::take(decoder.get_mut());
                Ok::<_, io::Error>((decoder, out))
            });
            let (decoder, out) = decoding.await.map_err(io::Error::other)??;
            self.decoder = decoder;
            if !out.is_empty() {
                return Ok(Some((out.into(), Some(self))));
            }
        }
    }

    fn finish(mut self) -> io::Result<Bytes> {
        self.decoder.try_finish()?;
        Ok(std::mem::take(self.decoder.get_mut()).into())
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compression, write::GzEncoder};
    use futures::TryStreamExt;

    use super::*;

    async fn through(gzip: &[u8], piece: usize) -> io::Result<Vec<u8>> {
        let pieces: Vec<_> = gzip
            .chunks(piece)
            .map(|c| Ok(Bytes::copy_from_slice(c)))
            .collect();
        let out: Vec<Bytes> = inflate(stream::iter(pieces).boxed()).try_collect().await?;
        Ok(out.concat())
    }

    fn gzipped(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(text).expect("memory");
        encoder.finish().expect("memory")
    }

    #[tokio::test]
    async fn what_was_compressed_comes_out_however_it_is_cut() {
        let text: Vec<u8> = (0..600_000_u32)
            .map(|n| (n.wrapping_mul(n) % 251) as u8)
            .collect();
        let gzip = gzipped(&text);
        for piece in [1000, 4096, gzip.len()] {
            assert!(
                through(&gzip, piece).await.expect("whole") == text,
                "{piece}"
            );
        }
        assert_eq!(through(&gzipped(b""), 10).await.expect("whole"), b"");
    }

    #[tokio::test]
    async fn a_cut_document_ends_in_an_error() {
        let gzip = gzipped(&b"text ".repeat(10_000));
        assert!(through(&gzip[..gzip.len() / 2], 100).await.is_err());
    }
}
