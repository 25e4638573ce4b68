//! A document of the upstream's, byte for byte.

use bytes::Bytes;
use http::header;
use poem::{IntoResponse, Response};
use poem_openapi::{
    ApiResponse,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};
use serde_json::json;

const JSON: &str = "application/json";

/// What the upstream wrote.
#[derive(Debug)]
pub(super) struct StatementAnswer(pub(super) Bytes);

impl IntoResponse for StatementAnswer {
    fn into_response(self) -> Response {
        Response::builder()
            .content_type(JSON)
            .header(header::CACHE_CONTROL, "public, max-age=300")
            .body(self.0)
    }
}

impl ApiResponse for StatementAnswer {
    fn meta() -> MetaResponses {
        let anything = MetaSchemaRef::Inline(Box::new(MetaSchema::ANY));
        let schema = MetaSchema {
            description: Some("As the upstream wrote it"),
            additional_properties: Some(Box::new(anything)),
            example: Some(json!({"keys": []})),
            ..MetaSchema::new("object")
        };
        MetaResponses {
            responses: vec![MetaResponse {
                description: "As the upstream wrote it",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: JSON,
                    schema: MetaSchemaRef::Inline(Box::new(schema)),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(_: &mut Registry) {}
}
