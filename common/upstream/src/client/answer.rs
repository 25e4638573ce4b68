//! Sorting an answer by its status line and headers.
//!
//! 200 and (if asked conditionally) 304 are answers; 3xx with a location is followed; all
//! else is an error that knows its decision.

use std::time::Duration;

use http::{
    HeaderMap, HeaderName, StatusCode,
    header::{CONTENT_ENCODING, LOCATION, RETRY_AFTER},
};
use url::Url;
use weir_domain::Timestamp;

use super::{Ask, Body, body::Meter, home::strip_userinfo, trace::Trace};
use crate::{
    Place, Timeouts, UpstreamConfig, UpstreamError,
    limit::{Outcome, Permit},
};

/// Headers have arrived; nothing is decided yet.
#[derive(Debug)]
pub(super) struct Reply {
    response: reqwest::Response,
    place: Place,
    trace: Trace,
}

/// A reply worth going on with.
#[derive(Debug)]
pub(super) enum Sorted {
    Answer(Reply),
    Redirect(Url),
}

/// What was asked for, its body still to come.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) is_not_modified: bool,
    pub(crate) headers: HeaderMap,
    pub(crate) place: Place,
    pub(crate) body: Body,
}

impl Answer {
    /// Returns a header's value, if it is text.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the content encoding in lower case; `None` for identity.
    pub(crate) fn encoding(&self) -> Option<String> {
        let mut all = Vec::new();
        for value in self.headers.get_all(CONTENT_ENCODING) {
            let text = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
            all.extend(text.split(',').map(|one| one.trim().to_owned()));
        }
        all.retain(|one| !one.is_empty() && one != "identity");
        (!all.is_empty()).then(|| all.join(", "))
    }
}

impl Reply {
    pub(super) fn new(response: reqwest::Response, place: Place, trace: Trace) -> Self {
        Self {
            response,
            place,
            trace,
        }
    }

    pub(super) fn sort(
        self,
        ask: &Ask,
        config: &UpstreamConfig,
        now: Timestamp,
    ) -> Result<Sorted, UpstreamError> {
        let status = self.response.status();
        if status == StatusCode::OK
            || (status == StatusCode::NOT_MODIFIED && !ask.conditions.is_empty())
        {
            return Ok(Sorted::Answer(self));
        }
        if matches!(status.as_u16(), 300..=303 | 307 | 308) {
            return self.target().map(Sorted::Redirect);
        }
        let retry_after = self.retry_after(&config.timeouts, now);
        let (place, status) = (self.place, status.as_u16());
        Err(match status {
            404 | 410 => UpstreamError::NotFound { place, status },
            429 => UpstreamError::Busy {
                place,
                status,
                wait: retry_after.unwrap_or(config.timeouts.default_retry_after),
            },
            // Some hosts say "too many" with 403, and then say until when.
            403 => match retry_after {
                Some(wait) => UpstreamError::Busy {
                    place,
                    status,
                    wait,
                },
                None => UpstreamError::Refused { place, status },
            },
            408 | 425 | 500.. => UpstreamError::Failed {
                place,
                status,
                retry_after,
            },
            304 => UpstreamError::invalid(&place, "it answered 304 to an unconditional request"),
            200..=299 => UpstreamError::invalid(&place, format!("it answered {status}, not 200")),
            _ => UpstreamError::Refused { place, status },
        })
    }

    /// Returns where a redirect leads.
    fn target(&self) -> Result<Url, UpstreamError> {
        let refuse = |why: &str| UpstreamError::Redirect {
            place: self.place.clone(),
            why: why.to_owned(),
        };
        let location = self.response.headers().get(LOCATION);
        let location = location.ok_or_else(|| refuse("the location is missing"))?;
        let text = std::str::from_utf8(location.as_bytes());
        let text = text.map_err(|_| refuse("the location is not text"))?;
        let from = self.response.url();
        let mut target = from
            .join(text)
            .map_err(|_| refuse("the location is not a URL"))?;
        if !matches!(target.scheme(), "http" | "https") {
            return Err(refuse("only http and https are fetched"));
        }
        if from.scheme() == "https" && target.scheme() == "http" {
            return Err(refuse("from https to plain http"));
        }
        strip_userinfo(&mut target);
        Ok(target)
    }

    fn retry_after(&self, timeouts: &Timeouts, now: Timestamp) -> Option<Duration> {
        let wait = match self.header(&RETRY_AFTER) {
            Some(text) => match text.parse::<u64>() {
                Ok(seconds) => Duration::from_secs(seconds),
                Err(_) => Timestamp::parse_http_date(text)?.since(now),
            },
            None => self.reset()?.since(now),
        };
        Some(wait.min(timeouts.max_retry_after))
    }

    /// Returns when there will be leave again, if there is none left.
    ///
    /// Source: GitHub's documents, "Rate limits for the REST API".
    fn reset(&self) -> Option<Timestamp> {
        let text = |name| self.header(&HeaderName::from_static(name));
        text("x-ratelimit-remaining").filter(|left| *left == "0")?;
        let seconds: i64 = text("x-ratelimit-reset")?.parse().ok()?;
        Some(Timestamp(seconds.saturating_mul(1000)))
    }

    fn header(&self, name: &HeaderName) -> Option<&str> {
        let value = self.response.headers().get(name)?;
        value.to_str().ok().map(str::trim)
    }

    pub(super) fn into_answer(
        self,
        permit: Permit,
        ask: &Ask,
        config: &UpstreamConfig,
    ) -> Result<Answer, UpstreamError> {
        let expected = self.response.content_length();
        if expected.is_some_and(|bytes| bytes > ask.max_bytes) {
            return Err(UpstreamError::TooLarge {
                place: self.place,
                what: "the answer",
                limit: ask.max_bytes,
            });
        }
        let headers = self.response.headers().clone();
        let is_not_modified = self.response.status() == StatusCode::NOT_MODIFIED;
        let meter = Meter::new(self.place.clone(), self.trace, ask.max_bytes);
        Ok(Answer {
            is_not_modified,
            headers,
            place: self.place,
            body: Body::new(self.response, permit, meter, *config.timeouts_of(ask.side)),
        })
    }
}

/// Returns what the limiter is told of a request's outcome.
pub(super) fn outcomes(sorted: &Result<Sorted, UpstreamError>) -> Vec<Outcome> {
    match sorted {
        Err(UpstreamError::Busy { wait, .. }) => {
            vec![Outcome::Answered, Outcome::AskedToWait(*wait)]
        }
        Err(UpstreamError::Failed {
            retry_after: Some(wait),
            ..
        }) => vec![Outcome::Failed, Outcome::AskedToWait(*wait)],
        Err(
            UpstreamError::Failed { .. }
            | UpstreamError::Unreachable { .. }
            | UpstreamError::TimedOut { .. },
        ) => vec![Outcome::Failed],
        // The guard's refusal says nothing about the host's health.
        Err(UpstreamError::RefusedAddress { .. }) => Vec::new(),
        Ok(_) | Err(_) => vec![Outcome::Answered],
    }
}
