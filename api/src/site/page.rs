//! The frame of every page, and the headers that keep others out of it.
//!
//! A page loads nothing, runs nothing and stands in nobody's frame; its style is named to
//! the browser by its digest. Forms go to this site, or (from where somebody is sent there)
//! on to GitHub's.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use poem::Response;
use weir_domain::Digest;

use super::html::{Html, html};

const STYLE: &str = include_str!("style.css");

/// Headers of every page, beside the policy.
const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    ),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// Puts a body into the frame.
pub(super) fn framed(title: &str, body: &Html) -> Html {
    // Ours, without anything to escape in it.
    let style = Html::of_template(STYLE.to_owned());
    html!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{} · weir</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n\
         <h1>{}</h1>\n{}</main>\n</body>\n</html>\n",
        title,
        style,
        title,
        body
    )
}

/// Returns the headers of a page whose forms may lead on to `beyond`, an origin.
pub(super) fn headers(beyond: Option<&str>) -> HeaderMap {
    static DIGEST: LazyLock<String> =
        LazyLock::new(|| STANDARD.encode(Digest::of(STYLE.as_bytes()).0));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; form-action 'self'{}{}; \
         frame-ancestors 'none'; base-uri 'none'",
        *DIGEST,
        if beyond.is_some() { " " } else { "" },
        beyond.unwrap_or_default(),
    );
    let mut headers: HeaderMap = HEADERS.into_iter().collect();
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers
}

/// Answers with a page.
pub(super) fn answer(status: StatusCode, title: &str, body: Html) -> Response {
    answer_beyond(status, (title, body), None)
}

/// Answers with a page whose forms may lead on to `beyond`.
pub(super) fn answer_beyond(
    status: StatusCode,
    (title, body): (&str, Html),
    beyond: Option<&str>,
) -> Response {
    let mut response = Response::builder()
        .status(status)
        .body(framed(title, &body).into_text());
    response.headers_mut().extend(headers(beyond));
    response
}

/// Sends the browser to another page, to be read with GET.
pub(super) fn see(target: &str) -> Response {
    let mut response = Response::builder().status(StatusCode::SEE_OTHER).finish();
    response.headers_mut().extend(headers(None));
    if let Ok(target) = HeaderValue::try_from(target) {
        response.headers_mut().insert(header::LOCATION, target);
    }
    response
}

/// Returns the page of a refusal.
pub(crate) fn refusal(status: StatusCode, sentence: &str) -> String {
    let title = status.canonical_reason().unwrap_or("It did not work");
    let body = html!("<p role=\"alert\">{}.</p>\n", sentence);
    framed(title, &body).into_text()
}

/// Returns the headers of a refusal's page.
pub(crate) fn refusal_headers() -> HeaderMap {
    headers(None)
}
