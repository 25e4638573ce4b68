//! Passes a file of a recipe on from its source, where the source's settings say so.
//!
//! What is sent is the revision that the catalogue shows, verified by the source's client before
//! its last piece: what does not fit breaks the connection off instead of ending the answer. Nothing
//! is kept.

use futures::StreamExt;
use http::{StatusCode, header};
use poem::{Body, IntoResponse, Response, ResponseBuilder};
use poem_openapi::{
    ApiResponse,
    registry::{MetaMediaType, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};
use weir_domain::{
    Retryable,
    catalogue::{PackageKey, Reference, Stamp},
    task::ErrorCode,
};
use weir_store::{
    catalogue::{self, sources},
    registries,
};
use weir_upstream::{UpstreamError, catalogue::SourceError};

use super::answer::{responses, text_header};
use crate::{
    conditional::Validators,
    error::{ApiError, ApiResult, Code},
    names::{FileName, VersionSpec, not_in_catalogue},
    visit::Visit,
};

const OCTETS: &str = "application/octet-stream";
/// When to come back to a source that does not answer, in seconds.
const COME_BACK: &str = "30";

/// A file of a recipe.
#[derive(Debug)]
pub(crate) struct FileAnswer(Response);

/// Sends a file of a version's latest revision.
///
/// # Errors
/// 404 if there is no such package, version or file, or its source's files are not passed on; 502
/// and 503 for what the source does instead of sending it.
pub(super) async fn download(
    visit: &Visit,
    key: PackageKey,
    version: &VersionSpec,
    file: &FileName,
) -> ApiResult<FileAnswer> {
    let running = visit.running();
    let db = running.reader();
    let found = catalogue::find(db, &key).await?;
    let found = found.ok_or_else(|| not_in_catalogue(&key.to_string()))?;
    let shown = catalogue::version(db, found.id, &version.0).await?;
    let shown = shown.ok_or_else(|| ApiError::not_found(format!("{key} has no such version")))?;
    let source = sources::find(db, found.package.registry).await?;
    let source = source.filter(|source| source.settings.proxies_files);
    let source = source.ok_or_else(|| {
        ApiError::not_found("The files of its source are not passed on (proxiesFiles)")
    })?;
    let etag = format!("\"{}/{}\"", shown.revision, file.0);
    let validators = Validators {
        etag: &etag,
        modified_at: None,
    };
    if validators.is_unchanged_for(&visit.headers) {
        let answer = kept(StatusCode::NOT_MODIFIED, &etag);
        return Ok(FileAnswer(answer.finish()));
    }
    let registry = registries::get(db, source.registry).await?;
    let content = &running.app.content;
    let authorization = content.authorization(&registry).await?;
    let client = content
        .upstreams
        .catalogue(&registry, &source.settings, authorization);
    let reference = Reference {
        key,
        version: shown.version,
        channel: shown.channel,
    };
    let stamp = Stamp {
        revision: shown.revision,
        at: None,
    };
    let body = client.file(&reference, &stamp, &file.0).await;
    let body = body.map_err(refused)?;
    let mut answer = kept(StatusCode::OK, &etag)
        .content_type(OCTETS)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if let Some(length) = body.content_length {
        answer = answer.header(header::CONTENT_LENGTH, length);
    }
    let bytes = body
        .stream
        .map(|piece| piece.map_err(std::io::Error::other));
    Ok(FileAnswer(answer.body(Body::from_bytes_stream(bytes))))
}

fn kept(status: StatusCode, etag: &str) -> ResponseBuilder {
    Response::builder()
        .status(status)
        .header(header::CACHE_CONTROL, "public, max-age=0, must-revalidate")
        .header(header::ETAG, etag)
}

fn refused(error: SourceError) -> ApiError {
    if let SourceError::Unproven(_) | SourceError::Upstream(UpstreamError::Refused { .. }) = error {
        let sentence = "The source does not let us have it";
        return ApiError::new(Code::BadGateway, sentence).with_cause(error);
    }
    let (code, sentence) = match error.code() {
        ErrorCode::NotFound => (Code::NotFound, "The source has no such file"),
        ErrorCode::UpstreamUnavailable | ErrorCode::Timeout => {
            let sentence = "The source does not answer; try again later";
            return ApiError::new(Code::UpstreamUnavailable, sentence)
                .with_header(header::RETRY_AFTER, COME_BACK)
                .with_cause(error);
        }
        _ => (
            Code::BadGateway,
            "The source sent something else than it promised",
        ),
    };
    ApiError::new(code, sentence).with_cause(error)
}

impl IntoResponse for FileAnswer {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for FileAnswer {
    fn meta() -> MetaResponses {
        let binary = MetaSchema::new_with_format("string", "binary");
        let etag = text_header("etag", "The revision and the file");
        let bytes = MetaMediaType {
            content_type: OCTETS,
            schema: MetaSchemaRef::Inline(Box::new(binary)),
        };
        responses("The file", bytes, vec![etag])
    }

    fn register(_: &mut Registry) {}
}
