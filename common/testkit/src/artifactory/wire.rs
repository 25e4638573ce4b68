//! How an answer's bytes go out: whole, cut, stalled, spoilt, slow or compressed.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use futures::{StreamExt, TryStreamExt, stream};
use http::Response;
use http_body_util::{StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Frame;

use super::{ArtifactoryFault as Fault, answer::Answer};
use crate::stand_in::wire::{cut, slow, spoilt, whole};

/// The body of an answer.
pub(super) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Returns the answer that a fault puts in the place of the right one.
pub(super) fn instead(fault: &Fault, target: &str) -> Option<Answer> {
    Some(match fault {
        Fault::Status(status, headers) => {
            let reason = http::StatusCode::from_u16(*status).ok();
            let reason = reason.and_then(|status| status.canonical_reason());
            let mut answer = Answer::error(*status, reason.unwrap_or("Error"));
            answer.headers.extend(headers.iter().cloned());
            answer
        }
        Fault::Html(status) => {
            let page = "<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>\n";
            Answer::new(*status, "text/html; charset=utf-8", page)
        }
        Fault::Replaced(content_type, body) => Answer::new(200, content_type, body.clone()),
        Fault::Redirect(to) => Answer::empty(302).with("location", to),
        Fault::Elsewhere(origin) => {
            Answer::empty(302).with("location", format!("{origin}{target}"))
        }
        _ => return None,
    })
}

/// Turns an answer into a response, spoilt on the way as `fault` says.
pub(super) fn response(answer: Answer, fault: &Fault) -> Response<Body> {
    let Answer {
        status,
        mut headers,
        mut body,
    } = answer;
    let half = body.len() / 2;
    match fault {
        Fault::NoChecksums => headers.retain(|(name, _)| !is_checksum(name)),
        Fault::WrongChecksums => {
            for (name, value) in &mut headers {
                if is_checksum(name) {
                    *value = value.replace(|_: char| true, "0");
                }
            }
        }
        Fault::Half => body = body.slice(..half),
        Fault::Corrupt => body = spoilt(&body),
        Fault::Gzip => {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            gzip.write_all(&body).expect("memory takes every byte");
            body = gzip.finish().expect("memory takes every byte").into();
            headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
        }
        _ => {}
    }
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    let is_chunked = matches!(fault, Fault::TruncatedChunked | Fault::Half);
    if !is_chunked && !matches!(status, 204 | 304) {
        response = response.header("content-length", body.len());
    }
    let pieces = match fault {
        Fault::Truncated | Fault::TruncatedChunked => cut(body.slice(..half)),
        Fault::Stall => whole(body.slice(..half)).chain(stream::pending()).boxed(),
        Fault::Slow(bytes_per_second) => slow(body, *bytes_per_second),
        _ => whole(body),
    };
    let body = UnsyncBoxBody::new(StreamBody::new(pieces.map_ok(Frame::data)));
    response
        .body(body)
        .expect("a test's status and headers are valid")
}

fn is_checksum(name: &str) -> bool {
    name == "etag" || name.starts_with("x-checksum-")
}
