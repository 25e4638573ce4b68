//! What can go wrong with an upstream, and what each of it means for a task.
//!
//! Messages are sentences for a task's log: they name host and path, the cause when there
//! is one, and never a query string or a credential. The decision (retry, wait, give up)
//! is made here, once; jobs use `?`.

use std::{fmt, time::Duration};

use url::Url;
use weir_domain::{Decision, Retryable, task::ErrorCode, text::printable};

/// Longest part of a foreign text that a message shows, in characters.
const SHOWN_CHARS: usize = 200;

/// What a message may say of a URL: host, port and path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Host, with the port if it is not the scheme's own.
    pub host: String,
    /// Path, without query and fragment.
    pub path: String,
}

impl Place {
    /// Takes what may be shown of a URL.
    pub fn of(url: &Url) -> Self {
        let host = url.host_str().unwrap_or("(no host)");
        let host = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        Self {
            host: printable(&host, SHOWN_CHARS),
            path: printable(url.path(), SHOWN_CHARS),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.host, self.path)
    }
}

/// The part of a request that took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Name look-up, TCP, TLS.
    Connect,
    /// Waiting for the answer's headers.
    Headers,
    /// Waiting for the next piece of the body.
    Silence,
    /// The body came, but too slowly.
    Rate,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "could not be connected to",
            Self::Headers => "did not answer",
            Self::Silence => "fell silent in the middle of its answer",
            Self::Rate => "sent its answer too slowly",
        })
    }
}

/// Why an upstream did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// The address guard refuses to go there.
    #[error("{place} is not fetched: {why}")]
    RefusedAddress {
        /// Where it would have gone.
        place: Place,
        /// The rule it breaks.
        why: String,
    },
    /// A URL in upstream's data that cannot be used.
    #[error("{shown:?} is not a URL to fetch from: {why}")]
    InvalidUrl {
        /// The text, shortened, without query.
        shown: String,
        /// What is wrong with it.
        why: String,
    },
    /// No connection, no TLS, or no answer on it.
    #[error("{place} cannot be reached: {why}")]
    Unreachable {
        /// What was asked for.
        place: Place,
        /// The innermost cause.
        why: String,
    },
    /// It took too long.
    #[error("{place} {phase} (limit {} ms)", limit.as_millis())]
    TimedOut {
        /// What was asked for.
        place: Place,
        /// Which part.
        phase: Phase,
        /// The limit it broke.
        limit: Duration,
    },
    /// The host is left alone for now; nothing was sent.
    #[error("{host} is left alone for {} s: {why}", wait.as_secs().max(1))]
    HostClosed {
        /// The host.
        host: String,
        /// For how long.
        wait: Duration,
        /// Who decided that.
        why: &'static str,
    },
    /// 429: it asks us to come back later.
    #[error("{place} answered {status} and asks to come back in {} s", wait.as_secs().max(1))]
    Busy {
        /// What was asked for.
        place: Place,
        /// The status.
        status: u16,
        /// When to come back, capped.
        wait: Duration,
    },
    /// A failure of its own: 5xx, or a status that means "again, please".
    #[error("{place} answered {status}")]
    Failed {
        /// What was asked for.
        place: Place,
        /// The status.
        status: u16,
        /// When it hopes to be well again.
        retry_after: Option<Duration>,
    },
    /// 404 or 410.
    #[error("{place} does not exist ({status})")]
    NotFound {
        /// What was asked for.
        place: Place,
        /// The status.
        status: u16,
    },
    /// Another status that is not an answer: 401, 403, 451, …
    #[error("{place} refuses us: {status}")]
    Refused {
        /// What was asked for.
        place: Place,
        /// The status.
        status: u16,
    },
    /// A redirect that is not followed.
    #[error("{place} redirects where we do not follow: {why}")]
    Redirect {
        /// The last place that answered.
        place: Place,
        /// The rule it breaks.
        why: String,
    },
    /// The answer ended before its end.
    #[error("{place} broke off after {received_bytes} bytes: {why}")]
    Interrupted {
        /// What was asked for.
        place: Place,
        /// Bytes received until then.
        received_bytes: u64,
        /// What was seen.
        why: String,
    },
    /// More than we accept.
    #[error("{place} is too large: {what} is limited to {limit}")]
    TooLarge {
        /// What was asked for.
        place: Place,
        /// What is limited.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// An answer, but not to what was asked.
    #[error("{place} is not usable: {why}")]
    Invalid {
        /// What was asked for.
        place: Place,
        /// What is wrong with it.
        why: String,
    },
    /// Our own disk failed.
    #[error("the spool file of {place} failed")]
    Spool {
        /// What was asked for.
        place: Place,
        /// The operating system's reason.
        #[source]
        source: std::io::Error,
    },
}

impl UpstreamError {
    /// Makes the error of a text that is no usable URL.
    pub(crate) fn invalid_url(text: &str, why: impl Into<String>) -> Self {
        let without_query = text.split(['?', '#']).next().unwrap_or_default();
        // Userinfo is all up to the last `@` of the authority.
        let shown = match without_query.split_once("://") {
            Some((scheme, rest)) => {
                let authority = rest.find('/').unwrap_or(rest.len());
                let host = rest[..authority].rfind('@').map_or(0, |at| at + 1);
                format!("{scheme}://{}", &rest[host..])
            }
            None => without_query.to_owned(),
        };
        Self::InvalidUrl {
            shown: printable(&shown, SHOWN_CHARS),
            why: why.into(),
        }
    }

    /// Makes the error of an answer that is not what was asked for.
    pub(crate) fn invalid(place: &Place, why: impl AsRef<str>) -> Self {
        Self::Invalid {
            place: place.clone(),
            why: printable(why.as_ref(), SHOWN_CHARS),
        }
    }

    /// Says whether the upstream told us definitively that there is no such thing.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }
}

/// How long whoever met a full disk waits before trying again.
const FULL_PAUSE: Duration = Duration::from_secs(30);

fn is_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded)
}

impl Retryable for UpstreamError {
    fn decision(&self) -> Decision {
        match self {
            Self::HostClosed { wait, .. } | Self::Busy { wait, .. } => Decision::Wait(*wait),
            Self::Failed { retry_after, .. } => Decision::Retry(*retry_after),
            Self::Spool { source, .. } if is_full(source) => Decision::Wait(FULL_PAUSE),
            Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::Interrupted { .. }
            | Self::Spool { .. } => Decision::Retry(None),
            Self::RefusedAddress { .. }
            | Self::InvalidUrl { .. }
            | Self::NotFound { .. }
            | Self::Refused { .. }
            | Self::Redirect { .. }
            | Self::TooLarge { .. }
            | Self::Invalid { .. } => Decision::GiveUp,
        }
    }

    fn code(&self) -> ErrorCode {
        match self {
            Self::RefusedAddress { .. } => ErrorCode::Blocked,
            Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::HostClosed { .. }
            | Self::Busy { .. }
            | Self::Failed { .. }
            | Self::Interrupted { .. } => ErrorCode::UpstreamUnavailable,
            Self::NotFound { .. } => ErrorCode::NotFound,
            Self::TooLarge { .. } => ErrorCode::TooLarge,
            Self::InvalidUrl { .. }
            | Self::Refused { .. }
            | Self::Redirect { .. }
            | Self::Invalid { .. } => ErrorCode::UpstreamInvalid,
            Self::Spool { .. } => ErrorCode::Internal,
        }
    }
}

/// Returns the innermost cause of an error, in its own words.
pub(crate) fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    printable(&cause.to_string(), SHOWN_CHARS)
}

/// Finds an error of one type anywhere in a chain of causes.
pub(crate) fn find_cause<'e, E: std::error::Error + 'static>(
    error: &'e (dyn std::error::Error + 'static),
) -> Option<&'e E> {
    let mut cause = Some(error);
    while let Some(inner) = cause {
        if let Some(found) = inner.downcast_ref() {
            return Some(found);
        }
        cause = inner.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_show_neither_query_nor_credentials() {
        let url = Url::parse("https://user:hunter2@up.example:8443/a/b?token=hunter2#hunter2")
            .expect("a URL");
        assert_eq!(Place::of(&url).to_string(), "up.example:8443/a/b");
        for text in [
            "ftp://user:hunter2@up.example/a?hunter2",
            "x://a@hunter2@up.example",
            "nonsense?hunter2",
        ] {
            let message = UpstreamError::invalid_url(text, "no").to_string();
            assert!(!message.contains("hunter2"), "{message}");
        }
    }
}
