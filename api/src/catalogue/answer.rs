//! Answers that a caller may keep, and ask about before using them again.
//!
//! They are for everybody, and made anew each time: the entity tag is that of the bytes, so an
//! answer that would be the same is a 304. Lengths are told, and nothing is compressed: small
//! machines read these.

use std::marker::PhantomData;

use http::{HeaderMap, HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::{
    ApiResponse,
    payload::Payload as _,
    registry::{
        MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
    },
    types::Type,
};
use serde::Serialize;
use weir_render::weak_etag;

use crate::{
    conditional::Validators,
    error::{ApiError, ApiResult},
    payload::Wire,
};

const REVALIDATED: &str = "public, max-age=0, must-revalidate";
const PLAIN: &str = "text/plain; charset=utf-8";

/// JSON of a `T`.
#[derive(Debug)]
pub(crate) struct Fresh<T>(Response, PhantomData<T>);

impl<T: Type + Serialize> Fresh<T> {
    /// Answers a request with these headers.
    pub(super) fn new(asked: &HeaderMap, value: &T) -> ApiResult<Self> {
        let json = serde_json::to_vec(value).map_err(ApiError::internal)?;
        answer(asked, Wire::<T>::CONTENT_TYPE, json).map(|answer| Self(answer, PhantomData))
    }
}

/// JSON of a `T` that is one page of several.
#[derive(Debug)]
pub(crate) struct FreshPage<T>(Fresh<T>);

impl<T: Type + Serialize> FreshPage<T> {
    /// Answers a request with these headers, and says where other pages are.
    pub(super) fn new(asked: &HeaderMap, value: &T, links: &str) -> ApiResult<Self> {
        let mut page = Fresh::new(asked, value)?;
        if let Ok(links) = HeaderValue::from_str(links)
            && !links.is_empty()
        {
            page.0.headers_mut().insert(header::LINK, links);
        }
        Ok(Self(page))
    }
}

/// Text that no browser may take for something else.
#[derive(Debug)]
pub(crate) struct FreshText(Response);

impl FreshText {
    pub(super) fn new(asked: &HeaderMap, text: String) -> ApiResult<Self> {
        let mut answer = answer(asked, PLAIN, text.into_bytes())?;
        let nosniff = HeaderValue::from_static("nosniff");
        let headers = answer.headers_mut();
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
        Ok(Self(answer))
    }
}

fn answer(asked: &HeaderMap, kind: &'static str, body: Vec<u8>) -> ApiResult<Response> {
    let etag = weak_etag(&body);
    let known = Validators {
        etag: &etag,
        modified_at: None,
    };
    let is_unchanged = known.is_unchanged_for(asked);
    let mut answer = if is_unchanged {
        Response::builder()
            .status(StatusCode::NOT_MODIFIED)
            .finish()
    } else {
        let length = body.len().to_string();
        let builder = Response::builder().content_type(kind);
        builder.header(header::CONTENT_LENGTH, length).body(body)
    };
    let headers = answer.headers_mut();
    let etag = HeaderValue::from_str(&etag).map_err(ApiError::internal)?;
    headers.insert(header::ETAG, etag);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(REVALIDATED));
    Ok(answer)
}

impl<T> IntoResponse for Fresh<T>
where
    T: Send,
{
    fn into_response(self) -> Response {
        self.0
    }
}

impl<T> IntoResponse for FreshPage<T>
where
    T: Send,
{
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl IntoResponse for FreshText {
    fn into_response(self) -> Response {
        self.0
    }
}

/// Describes a header of an answer.
pub(crate) fn text_header(name: &str, about: &str) -> MetaHeader {
    MetaHeader {
        name: name.to_owned(),
        description: Some(about.to_owned()),
        required: false,
        deprecated: false,
        schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))),
    }
}

/// Describes an answer with this content, and that of a caller who has it already.
pub(super) fn responses(
    description: &'static str,
    content: MetaMediaType,
    headers: Vec<MetaHeader>,
) -> MetaResponses {
    let response = |status, description, content, headers| MetaResponse {
        description,
        status: Some(status),
        status_range: None,
        content,
        headers,
    };
    MetaResponses {
        responses: vec![
            response(200, description, vec![content], headers),
            response(304, "The caller has it already", vec![], vec![]),
        ],
    }
}

/// Describes the entity tag of a document.
fn etag() -> MetaHeader {
    text_header("etag", "A weak entity tag of what is answered")
}

fn json_of<T: Type + Serialize>() -> MetaMediaType {
    MetaMediaType {
        content_type: Wire::<T>::CONTENT_TYPE,
        schema: T::schema_ref(),
    }
}

impl<T: Type + Serialize> ApiResponse for Fresh<T> {
    fn meta() -> MetaResponses {
        responses("", json_of::<T>(), vec![etag()])
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Type + Serialize> ApiResponse for FreshPage<T> {
    fn meta() -> MetaResponses {
        let link = "Where the next and the previous page are";
        responses("", json_of::<T>(), vec![etag(), text_header("link", link)])
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl ApiResponse for FreshText {
    fn meta() -> MetaResponses {
        let content = MetaMediaType {
            content_type: PLAIN,
            schema: MetaSchemaRef::Inline(Box::new(MetaSchema {
                example: Some("# sht30\n\nReads humidity and temperature.\n".into()),
                ..MetaSchema::new("string")
            })),
        };
        responses("", content, vec![etag()])
    }

    fn register(_: &mut Registry) {}
}
