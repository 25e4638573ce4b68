//! Pages of other sites may read what anybody may read, without credentials.
//!
//! Source: the Fetch standard, sections 3.2 and 4.8.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};

use crate::serve::Outgoing;

const ANYBODY: HeaderValue = HeaderValue::from_static("*");
const EXPOSED: HeaderValue = HeaderValue::from_static("etag, x-request-id, content-range");
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD");
const ASKABLE: HeaderValue = HeaderValue::from_static("accept, if-none-match, range, x-request-id");
/// Seconds for which a browser need not ask again.
const MAX_AGE: HeaderValue = HeaderValue::from_static("86400");

/// Says whether a request reads and shows no credentials.
pub(crate) fn is_anonymous_read(method: &Method, headers: &HeaderMap) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
        && !headers.contains_key(header::AUTHORIZATION)
        && !headers.contains_key(header::COOKIE)
}

/// Lets any site read the answer.
pub(crate) fn allow(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANYBODY);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}

/// Answers a browser that asks whether it may read; `None` for every other request.
pub(crate) fn preflight(method: &Method, headers: &HeaderMap) -> Option<Response<Outgoing>> {
    if method != Method::OPTIONS || !headers.contains_key(header::ORIGIN) {
        return None;
    }
    let wanted = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)?;
    if wanted != "GET" && wanted != "HEAD" {
        return None;
    }
    let mut response = Response::new(Outgoing::from(Bytes::new()));
    *response.status_mut() = StatusCode::NO_CONTENT;
    let answers: [(HeaderName, HeaderValue); 4] = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, ANYBODY),
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, ASKABLE),
        (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
    ];
    response.headers_mut().extend(answers);
    Some(response)
}
