//! A text answer of unknown length, one line at a time.

use std::{fmt, pin::Pin};

use bytes::Bytes;
use futures::{Stream, StreamExt};

use super::LocalError;
use crate::error::root_cause;

/// Longest line that is put together; a longer one comes in parts.
const MAX_LINE_BYTES: usize = 1 << 20;

/// Lines as the server writes them.
pub struct LineStream {
    text: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>,
    server: String,
    buffer: Vec<u8>,
    is_at_end: bool,
}

impl LineStream {
    pub(super) fn new(
        text: impl Stream<Item = reqwest::Result<Bytes>> + Send + 'static,
        server: String,
    ) -> Self {
        Self {
            text: Box::pin(text),
            server,
            buffer: Vec::new(),
            is_at_end: false,
        }
    }

    /// Waits, without limit, for the next line, given without its line break; `None` at the end.
    ///
    /// # Errors
    /// [`LocalError::Interrupted`] if the connection breaks.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Result<Option<String>, LocalError> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let rest = self.buffer.split_off(end + 1);
                let line = std::mem::replace(&mut self.buffer, rest);
                return Ok(Some(text(&line[..end])));
            }
            if self.buffer.len() >= MAX_LINE_BYTES || (self.is_at_end && !self.buffer.is_empty()) {
                return Ok(Some(text(&std::mem::take(&mut self.buffer))));
            }
            if self.is_at_end {
                return Ok(None);
            }
            match self.text.next().await {
                Some(Ok(piece)) => self.buffer.extend_from_slice(&piece),
                None => self.is_at_end = true,
                Some(Err(error)) => {
                    return Err(LocalError::Interrupted {
                        server: self.server.clone(),
                        why: root_cause(&error),
                    });
                }
            }
        }
    }
}

impl fmt::Debug for LineStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineStream")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

fn text(bytes: &[u8]) -> String {
    let line = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    String::from_utf8_lossy(line).into_owned()
}
