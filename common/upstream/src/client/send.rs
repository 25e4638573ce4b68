//! Sending one request and waiting for its headers, within time limits.

use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use tokio::time::timeout;
use tracing::Instrument;
use url::Url;

use super::{Ask, Client, Home, Offer, answer::Reply, trace::Trace};
use crate::{
    Phase, Place, UpstreamError,
    error::{find_cause, root_cause},
    guard::{Pool, RefusedName},
};

impl Client {
    /// Sends `ask` to `url`; the address has been judged and a permit taken.
    pub(super) async fn send(
        &self,
        pool: Pool,
        home: &Home,
        ask: &Ask,
        url: &Url,
    ) -> Result<Reply, UpstreamError> {
        let place = Place::of(url);
        let mut trace = Trace::begin(&place, self.traffic.of(home, url));
        let client = match pool {
            Pool::Public => &self.public,
            Pool::Internal => &self.internal,
        };
        let mut request = match &ask.body {
            None => client.get(url.clone()),
            Some(sent) => {
                let posted = client.post(url.clone()).body(sent.bytes.clone());
                posted.header(CONTENT_TYPE, sent.content_type)
            }
        };
        request = request.headers(ask.conditions.clone());
        request = request.header(ACCEPT, ask.accept);
        request = request.header(ACCEPT_ENCODING, offered(ask.offer));
        if let Some(authorization) = home.authorization_for(url) {
            request = request.header(AUTHORIZATION, authorization);
        }
        let limit = self.config.timeouts_of(ask.side).headers;
        let sending = timeout(limit, request.send());
        match sending.instrument(trace.span().clone()).await {
            Ok(Ok(response)) => {
                trace.answered(response.status().as_u16());
                Ok(Reply::new(response, place, trace))
            }
            Ok(Err(error)) => Err(self.unreachable(&place, &error)),
            Err(_) => Err(UpstreamError::TimedOut {
                place,
                phase: Phase::Headers,
                limit,
            }),
        }
    }

    fn unreachable(&self, place: &Place, error: &reqwest::Error) -> UpstreamError {
        let place = place.clone();
        if let Some(refused) = find_cause::<RefusedName>(error) {
            return UpstreamError::RefusedAddress {
                place,
                why: refused.to_string(),
            };
        }
        if error.is_timeout() {
            return UpstreamError::TimedOut {
                place,
                phase: Phase::Connect,
                limit: self.config.timeouts.connect,
            };
        }
        UpstreamError::Unreachable {
            place,
            why: root_cause(error),
        }
    }
}

fn offered(offer: Offer) -> HeaderValue {
    HeaderValue::from_static(match offer {
        Offer::Gzip => "gzip",
        Offer::Identity => "identity",
    })
}
