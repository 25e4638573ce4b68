//! A log on the wire.

use std::{io, ops::Range};

use bytes::Bytes;
use futures::{Stream, TryStreamExt};
use http::{StatusCode, header};
use poem::{Body, IntoResponse, Response};
use poem_openapi::{
    ApiResponse,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};

use crate::{
    error::{ApiError, ApiResult},
    ranges::content_range,
};

const PLAIN: &str = "text/plain; charset=utf-8";
const EVENTS: &str = "text/event-stream";

const LINES_EXAMPLE: &str = "2026-01-01T00:00:00.000Z INFO syncing left-pad\n";
const EVENTS_EXAMPLE: &str = "event: log\nid: 1\n\
    data: {\"from\":1,\"lines\":[\"2026-01-01T00:00:00.000Z INFO syncing left-pad\"]}\n\n";

/// Plain text that no cache may keep and no browser may take for something else.
#[derive(Debug)]
pub(crate) struct LogAnswer(Response);

impl LogAnswer {
    fn new(
        status: StatusCode,
        kind: &str,
        text: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Self {
        Self(
            Response::builder()
                .status(status)
                .content_type(kind)
                .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
                .header(header::CACHE_CONTROL, "no-store")
                .body(Body::from_bytes_stream(text)),
        )
    }

    /// The log from somewhere to its present end.
    pub(super) fn whole(
        text: impl Stream<Item = Result<Bytes, ApiError>> + Send + 'static,
        len: u64,
    ) -> Self {
        let mut answer = Self::new(StatusCode::OK, PLAIN, text.map_err(broken));
        let headers = answer.0.headers_mut();
        headers.insert(header::CONTENT_LENGTH, len.into());
        headers.insert(
            header::ACCEPT_RANGES,
            http::HeaderValue::from_static("bytes"),
        );
        answer
    }

    /// The bytes that a `range` header asked for.
    pub(super) fn part(
        text: impl Stream<Item = Result<Bytes, ApiError>> + Send + 'static,
        range: &Range<u64>,
        size: u64,
    ) -> ApiResult<Self> {
        let mut answer = Self::new(StatusCode::PARTIAL_CONTENT, PLAIN, text.map_err(broken));
        let place = content_range(range, size)
            .try_into()
            .map_err(ApiError::internal)?;
        let headers = answer.0.headers_mut();
        headers.insert(header::CONTENT_RANGE, place);
        headers.insert(header::CONTENT_LENGTH, (range.end - range.start).into());
        Ok(answer)
    }

    /// The log as it grows; of no known length.
    pub(super) fn followed(text: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        Self::live(PLAIN, text)
    }

    /// The log as it grows, as events.
    pub(super) fn events(text: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        Self::live(EVENTS, text)
    }

    fn live(kind: &str, text: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        let mut answer = Self::new(StatusCode::OK, kind, text);
        // Proxies that gather answers would hold lines back.
        let name = http::HeaderName::from_static("x-accel-buffering");
        answer
            .0
            .headers_mut()
            .insert(name, http::HeaderValue::from_static("no"));
        answer
    }
}

/// Logs why an answer breaks off; its status is long sent.
pub(super) fn broken(error: ApiError) -> io::Error {
    error.log("a log could not be read to its end");
    io::Error::other(error)
}

impl IntoResponse for LogAnswer {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for LogAnswer {
    fn meta() -> MetaResponses {
        let text = |content_type, example: &str| MetaMediaType {
            content_type,
            schema: MetaSchemaRef::Inline(Box::new(MetaSchema {
                example: Some(example.into()),
                ..MetaSchema::new("string")
            })),
        };
        let response = |status, description, content| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers: vec![],
        };
        let whole = "Lines: `2026-01-01T00:00:00.000Z LEVEL text`; or events: `log` with \
                     `{from, lines}` and the last line's number as id, `state`, `reset`, \
                     `lagged`, and `end` when the task is over";
        MetaResponses {
            responses: vec![
                response(
                    200,
                    whole,
                    vec![text(PLAIN, LINES_EXAMPLE), text(EVENTS, EVENTS_EXAMPLE)],
                ),
                response(
                    206,
                    "The bytes that were asked for",
                    vec![text(PLAIN, LINES_EXAMPLE)],
                ),
            ],
        }
    }

    fn register(_: &mut Registry) {}
}
