//! Reading no faster than an operator allows.

use std::time::Duration;

use tokio::time::Instant;

/// So many bytes a second, on the average of what was read since the last pause.
#[derive(Debug)]
pub struct Pace {
    /// Nothing is no limit.
    bytes_per_sec: Option<u64>,
    /// When what was read so far should have been read.
    due_at: Instant,
}

impl Pace {
    /// Returns a pace; `None` is as fast as the disk.
    pub fn new(bytes_per_sec: Option<u64>) -> Self {
        Self {
            bytes_per_sec,
            due_at: Instant::now(),
        }
    }

    /// Waits until so many more bytes may have been read.
    pub async fn spend(&mut self, bytes: u64) {
        let Some(rate) = self.bytes_per_sec else {
            return;
        };
        let millis = bytes.saturating_mul(1000) / rate.max(1);
        // Time in which nothing was read is not made up for.
        self.due_at = self.due_at.max(Instant::now()) + Duration::from_millis(millis);
        tokio::time::sleep_until(self.due_at).await;
    }
}
