//! A received document as plain bytes: decoded, and cut where it grows beyond its limits.
//!
//! Decoding happens while parsing, off the async threads. Two limits stand between a small
//! answer and a full memory: the decoded size of the whole, and the size of any one value
//! (reset by the parser at each value), both counted in blocks of the reader's buffer.

use std::{
    cell::Cell,
    fmt,
    io::{self, BufRead, BufReader, Read},
    rc::Rc,
};

use flate2::read::MultiGzDecoder;

use super::packument::Source;
use crate::{Sizes, UpstreamError, client::Answer};

/// How the bytes were encoded for the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Identity,
    Gzip,
}

impl Encoding {
    /// Reads `content-encoding`; we offered gzip, so anything else is a fault of the server.
    pub(super) fn of(answer: &Answer) -> Result<Self, UpstreamError> {
        match answer.encoding().as_deref() {
            None => Ok(Self::Identity),
            Some("gzip" | "x-gzip") => Ok(Self::Gzip),
            Some(other) => {
                let why = format!("it is encoded with {other:?}, which we did not offer to take");
                Err(UpstreamError::invalid(&answer.place, why))
            }
        }
    }
}

/// A limit was met; travels inside an [`io::Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Overflow {
    pub(super) what: &'static str,
    pub(super) limit: u64,
}

impl fmt::Display for Overflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is limited to {}", self.what, self.limit)
    }
}

impl std::error::Error for Overflow {}

/// Tells the reader that a new value begins.
#[derive(Debug, Clone, Default)]
pub(super) struct ValueMark(Rc<Cell<u64>>);

impl ValueMark {
    pub(super) fn reset(&self) {
        self.0.set(0);
    }
}

/// Counts what passes and stops at the limits.
struct Capped<R> {
    inner: R,
    total: u64,
    mark: ValueMark,
    sizes: Sizes,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.total += count as u64;
        let of_value = self.mark.0.get() + count as u64;
        self.mark.0.set(of_value);
        let overflow = |what, limit| Err(io::Error::other(Overflow { what, limit }));
        if self.total > self.sizes.packument_bytes {
            return overflow("the decoded document", self.sizes.packument_bytes);
        }
        if of_value > self.sizes.root_bytes + BUFFER_BYTES as u64 {
            return overflow("one value of the document", self.sizes.root_bytes);
        }
        Ok(count)
    }
}

const BUFFER_BYTES: usize = 64 << 10;

/// Opens the document from its beginning and refuses what is evidently no JSON.
pub(super) fn open(source: &Source) -> Result<(impl BufRead + '_, ValueMark), UpstreamError> {
    let mark = ValueMark::default();
    let raw = source.spool.reader();
    let decoded: Box<dyn Read + '_> = match source.encoding {
        Encoding::Identity => Box::new(raw),
        Encoding::Gzip => Box::new(MultiGzDecoder::new(raw)),
    };
    let capped = Capped {
        inner: decoded,
        total: 0,
        mark: mark.clone(),
        sizes: source.sizes,
    };
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, capped);
    refuse_pages(source, &mut reader)?;
    Ok((reader, mark))
}

/// Content types are not trusted, but a document that opens with `<` is a web page.
fn refuse_pages(source: &Source, reader: &mut impl BufRead) -> Result<(), UpstreamError> {
    let invalid = |why: &str| Err(UpstreamError::invalid(&source.place, why));
    loop {
        let block = match reader.fill_buf() {
            Ok(block) => block,
            Err(error) => return Err(read_error(source, &error)),
        };
        if block.is_empty() {
            // A cut connection that announced no length looks like this.
            return Err(UpstreamError::Interrupted {
                place: source.place.clone(),
                received_bytes: source.spool.len(),
                why: "it is empty".to_owned(),
            });
        }
        let spaces = block.iter().take_while(|b| b.is_ascii_whitespace()).count();
        match block.get(spaces) {
            Some(b'{') => {
                reader.consume(spaces);
                return Ok(());
            }
            Some(b'<') => return invalid("it is a web page (HTML), not a packument"),
            Some(_) => return invalid("it is not a JSON object"),
            None => reader.consume(spaces),
        }
    }
}

/// Says what a failed read means: a limit, our disk, or an encoding that broke off.
pub(super) fn read_error(source: &Source, error: &io::Error) -> UpstreamError {
    let place = source.place.clone();
    let cause = error.get_ref().and_then(|inner| inner.downcast_ref());
    if let Some(Overflow { what, limit }) = cause.copied() {
        return UpstreamError::TooLarge { place, what, limit };
    }
    match (source.encoding, error.kind()) {
        (
            Encoding::Gzip,
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidData
            | io::ErrorKind::Other,
        ) => UpstreamError::Interrupted {
            place,
            received_bytes: source.spool.len(),
            why: format!("its gzip encoding is damaged ({error})"),
        },
        (_, kind) => UpstreamError::Spool {
            place,
            source: io::Error::new(kind, error.to_string()),
        },
    }
}
