//! The JSON body of an audit: larger than others, and gzipped by most clients.

use std::io::Read;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::{
    error::{ApiError, Code},
    middleware::body_limit::AUDIT_BYTES,
    payload::read_body,
};

const JSON: &str = "application/json";
/// How many audits are read or reported at once: each may take a few hundred megabytes.
const AT_ONCE: usize = 2;
/// What an audit is about.
pub(super) trait Subject: DeserializeOwned + Send + 'static {
    /// Its name in the document.
    const NAME: &'static str;

    /// Describes it for the document.
    fn describe() -> MetaSchema;

    /// Returns one.
    fn example() -> Value;
}

/// What an audit is about, as it was sent.
#[derive(Debug)]
pub(super) struct Audited<T>(pub(super) T);

impl<'a, T: Subject> ApiExtractor<'a> for Audited<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_schema::<Self, _>(T::NAME.to_owned(), |_| MetaSchema {
            example: Some(T::example()),
            ..T::describe()
        });
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: JSON,
                schema: MetaSchemaRef::Reference(T::NAME.to_owned()),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let bytes = read_body(body.take()?).await?;
        let is_gzip = match request.header("content-encoding") {
            None | Some("" | "identity") => false,
            Some("gzip" | "x-gzip") => true,
            Some(_) => {
                let sentence = "The body may be gzipped, and encoded in no other way";
                return Err(ApiError::new(Code::UnsupportedMediaType, sentence).into());
            }
        };
        Ok(Self(apart(move || read(bytes, is_gzip)).await??))
    }
}

/// Does what megabytes of JSON cost on a thread that no connection waits for, a few at a time.
///
/// # Errors
/// If it panics.
pub(super) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    static PLACES: Semaphore = Semaphore::const_new(AT_ONCE);
    let _place = PLACES.acquire().await.map_err(ApiError::internal)?;
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(ApiError::internal)
}

fn read<T: Subject>(bytes: Bytes, is_gzip: bool) -> Result<T, ApiError> {
    let bytes = if is_gzip { inflate(&bytes)? } else { bytes };
    serde_json::from_slice(&bytes).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => {
            ApiError::invalid_field("body", format!("is not what is audited: {error}"))
        }
        _ => ApiError::new(Code::BadRequest, format!("The body is not JSON: {error}")),
    })
}

fn inflate(gzip: &[u8]) -> Result<Bytes, ApiError> {
    let mut plain = Vec::new();
    let mut decoder = MultiGzDecoder::new(gzip).take(AUDIT_BYTES + 1);
    decoder.read_to_end(&mut plain).map_err(|error| {
        ApiError::new(Code::BadRequest, "The body is not gzip").with_cause(error)
    })?;
    if plain.len() as u64 > AUDIT_BYTES {
        let sentence = "The body is larger than this route accepts";
        return Err(ApiError::new(Code::PayloadTooLarge, sentence));
    }
    Ok(plain.into())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::{super::tree::Wanted, *};
    use crate::error::Shape;

    fn gzip(plain: &[u8]) -> Bytes {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(plain).expect("written");
        encoder.finish().expect("finished").into()
    }

    fn status(body: Bytes, is_gzip: bool) -> u16 {
        let refused = read::<Wanted>(body, is_gzip).expect_err("refused");
        refused.respond(Shape::Mirror, "").status().as_u16()
    }

    #[test]
    fn a_gzipped_body_is_read_like_a_plain_one() {
        let plain = br#"{"a":["1.0.0"]}"#;
        let both = [
            read::<Wanted>(gzip(plain), true),
            read(plain[..].into(), false),
        ];
        for read in both {
            assert_eq!(read.expect("accepted").0["a"], ["1.0.0"]);
        }
    }

    #[test]
    fn what_inflates_beyond_the_limit_is_refused_without_being_held() {
        let bomb = gzip(&vec![b' '; 64 << 20]);
        assert!(bomb.len() < 1 << 20);
        assert_eq!(status(bomb, true), 413);
    }

    #[test]
    fn nonsense_is_refused_as_what_it_is() {
        for (body, is_gzip, expected) in [
            (&b"{"[..], false, 400),
            (b"{}", true, 400),
            (b"[]", false, 422),
            (br#"{"a":"1.0.0"}"#, false, 422),
        ] {
            let said = status(body.into(), is_gzip);
            assert_eq!(said, expected, "{}", String::from_utf8_lossy(body));
        }
    }
}
