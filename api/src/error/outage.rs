//! When to say that the database is away: once, however many requests and followers meet that.
//!
//! Nobody tells the API that the database is back. An outage is over when nobody met it
//! for a while; the next one is news again.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Longer than a request waits for a session before it is told that there is none.
const OVER_AFTER: Duration = Duration::from_secs(30);

/// When somebody in this process last met an outage.
static LAST_MET: Mutex<Option<Instant>> = Mutex::new(None);

/// Takes note that somebody met an outage, and says so if they are the first to.
pub(super) fn met(cause: Option<&str>) {
    if is_news(Instant::now()) {
        tracing::warn!(
            cause,
            "the database does not answer; requests are told to wait"
        );
    }
}

fn is_news(now: Instant) -> bool {
    let mut last = LAST_MET.lock().unwrap_or_else(PoisonError::into_inner);
    begins(last.replace(now), now)
}

fn begins(last: Option<Instant>, now: Instant) -> bool {
    last.is_none_or(|last| now.saturating_duration_since(last) > OVER_AFTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_news_until_it_was_over_for_a_while() {
        let at = Instant::now();
        assert!(begins(None, at));
        assert!(!begins(Some(at), at + OVER_AFTER));
        assert!(begins(Some(at), at + OVER_AFTER + Duration::from_millis(1)));
    }
}
