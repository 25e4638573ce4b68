//! A page of figures on the wire.

use http::header;
use poem::{IntoResponse, Response};
use poem_openapi::{
    ApiResponse,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};
use weir_runtime::metrics::CONTENT_TYPE;

use crate::error::ApiError;

/// Figures, which no cache may keep.
#[derive(Debug)]
pub(super) struct FiguresAnswer(pub(super) String);

impl IntoResponse for FiguresAnswer {
    fn into_response(self) -> Response {
        Response::builder()
            .content_type(CONTENT_TYPE)
            .header(header::CACHE_CONTROL, "no-store")
            .body(self.0)
    }
}

impl ApiResponse for FiguresAnswer {
    fn meta() -> MetaResponses {
        let schema = MetaSchema {
            example: Some("# TYPE weir_http_connections gauge\nweir_http_connections 3\n".into()),
            ..MetaSchema::new("string")
        };
        let mut meta = ApiError::meta();
        meta.responses.push(MetaResponse {
            description: "The text format of Prometheus, version 0.0.4",
            status: Some(200),
            status_range: None,
            content: vec![MetaMediaType {
                content_type: CONTENT_TYPE,
                schema: MetaSchemaRef::Inline(Box::new(schema)),
            }],
            headers: vec![],
        });
        meta
    }

    fn register(registry: &mut Registry) {
        ApiError::register(registry);
    }
}
