//! The answers that are more than a body: where the task is, what was preferred, whether the
//! caller has it already.

use http::{HeaderMap, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::{
    ApiResponse,
    payload::Payload,
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
};
use weir_render::weak_etag;

use super::model::SyncBody;
use crate::{
    catalogue::text_header,
    conditional::Validators,
    error::{ApiError, ApiResult},
    payload::Wire,
};

const JSON: &str = <Wire<SyncBody> as Payload>::CONTENT_TYPE;

/// When to look at what goes on, in seconds.
const LOOK_AGAIN_SECS: u64 = 2;

/// A synchronisation that was asked for.
#[derive(Debug)]
pub(super) struct Created {
    /// Whether it goes on, and the caller wants to hear so by the status.
    pub(super) goes_on: bool,
    /// Where it is to be seen.
    pub(super) location: String,
    /// Which preferences were heeded.
    pub(super) applied: Option<String>,
    /// A [`SyncBody`].
    pub(super) body: String,
}

impl IntoResponse for Created {
    fn into_response(self) -> Response {
        let status = if self.goes_on {
            StatusCode::ACCEPTED
        } else {
            StatusCode::OK
        };
        let response = Response::builder()
            .status(status)
            .content_type(JSON)
            .header(header::LOCATION, self.location);
        let response = if self.goes_on {
            response.header(header::RETRY_AFTER, LOOK_AGAIN_SECS)
        } else {
            response
        };
        let response = match self.applied {
            Some(applied) => response.header("preference-applied", applied),
            None => response,
        };
        response.body(self.body)
    }
}

impl ApiResponse for Created {
    fn meta() -> MetaResponses {
        let told = "The task; `Location` says where it is to be seen";
        let accepted = "The same, while it goes on and `Prefer: respond-async` was said";
        let headers = || {
            vec![
                text_header("location", "Where the task is to be seen"),
                text_header("preference-applied", "What was preferred and heeded"),
            ]
        };
        let created = |status, description| MetaResponse {
            headers: headers(),
            ..found(status, description)
        };
        MetaResponses {
            responses: vec![created(200, told), created(202, accepted)],
        }
    }

    fn register(registry: &mut Registry) {
        <Wire<SyncBody> as Payload>::register(registry);
    }
}

/// How a synchronisation is going, or that the caller knows.
#[derive(Debug)]
pub(super) struct Shown {
    etag: String,
    /// Nothing if the caller has it.
    body: Option<Vec<u8>>,
}

impl Shown {
    pub(super) fn new(headers: &HeaderMap, body: &SyncBody) -> ApiResult<Self> {
        let etag = weak_etag(&written(&body.unmoved())?);
        let body = written(body)?;
        let ours = Validators {
            etag: &etag,
            modified_at: None,
        };
        let is_known = ours.is_unchanged_for(headers);
        Ok(Self {
            etag,
            body: (!is_known).then_some(body),
        })
    }
}

fn written(body: &SyncBody) -> ApiResult<Vec<u8>> {
    serde_json::to_vec(body).map_err(ApiError::internal)
}

impl IntoResponse for Shown {
    fn into_response(self) -> Response {
        let response = Response::builder().header(header::ETAG, self.etag);
        match self.body {
            Some(body) => response.content_type(JSON).body(body),
            None => response.status(StatusCode::NOT_MODIFIED).finish(),
        }
    }
}

impl ApiResponse for Shown {
    fn meta() -> MetaResponses {
        let shown = MetaResponse {
            headers: vec![text_header("etag", "A weak entity tag of what is answered")],
            ..found(200, "How it is going")
        };
        let unchanged = MetaResponse {
            content: vec![],
            ..found(304, "The caller has it already")
        };
        MetaResponses {
            responses: vec![shown, unchanged],
        }
    }

    fn register(registry: &mut Registry) {
        <Wire<SyncBody> as Payload>::register(registry);
    }
}

fn found(status: u16, description: &'static str) -> MetaResponse {
    MetaResponse {
        description,
        status: Some(status),
        status_range: None,
        content: vec![MetaMediaType {
            content_type: JSON,
            schema: <Wire<SyncBody> as Payload>::schema_ref(),
        }],
        headers: vec![],
    }
}
