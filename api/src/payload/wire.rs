//! JSON answers, written straight from their structs: key order is the struct's.

use poem::{IntoResponse, Response, http::StatusCode};
use poem_openapi::{
    ApiResponse,
    payload::Payload,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry},
    types::Type,
};
use serde::Serialize;

use crate::error::ApiError;

/// A JSON body with its success status.
#[derive(Debug)]
pub(crate) struct Wire<T, const STATUS: u16 = 200>(pub(crate) T);

impl<T: Type + Serialize, const STATUS: u16> Payload for Wire<T, STATUS> {
    const CONTENT_TYPE: &'static str = "application/json; charset=utf-8";

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Type + Serialize, const STATUS: u16> IntoResponse for Wire<T, STATUS> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(json) => Response::builder()
                .status(StatusCode::from_u16(STATUS).unwrap_or(StatusCode::OK))
                .content_type(Self::CONTENT_TYPE)
                .body(json),
            Err(error) => poem::Error::from(ApiError::internal(error)).into_response(),
        }
    }
}

impl<T: Type + Serialize, const STATUS: u16> ApiResponse for Wire<T, STATUS> {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "",
                status: Some(STATUS),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: Self::CONTENT_TYPE,
                    schema: Self::schema_ref(),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        <Self as Payload>::register(registry);
    }
}

/// An answer that no cache may keep.
#[derive(Debug)]
pub(crate) struct NoStore<R>(pub(crate) R);

impl<R: IntoResponse> IntoResponse for NoStore<R> {
    fn into_response(self) -> Response {
        self.0
            .with_header("cache-control", "no-store")
            .into_response()
    }
}

impl<R: ApiResponse> ApiResponse for NoStore<R> {
    fn meta() -> MetaResponses {
        R::meta()
    }

    fn register(registry: &mut Registry) {
        R::register(registry);
    }
}
