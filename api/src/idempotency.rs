//! `Idempotency-Key`: who asks again with the same key gets the first answer, and nothing is
//! done twice.
//!
//! A handler takes an [`IdempotencyKey`], names what is asked with [`IdempotencyKey::of`], looks
//! with [`answered`] before it judges anything (what was accepted once stays so), and does its
//! work in [`once`], which keeps the answer in the transaction of the work.
//!
//! Source: the IETF draft `Idempotency-Key HTTP Header Field`.

use futures::future::BoxFuture;
use http::StatusCode;
use poem::{IntoResponse, Request, RequestBody, Response};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions,
    payload::Payload,
    registry::{MetaParamIn, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use serde::Serialize;
use weir_domain::{Digest, Timestamp};
use weir_store::{
    StoreError, Tx, clock,
    idempotency::{self, Answer, Key, Known},
};

use crate::{
    auth::Caller,
    error::{ApiError, ApiResult, Code},
    payload::Wire,
    visit::Visit,
};

/// The header, as errors and the document name it.
pub(crate) const NAME: &str = "Idempotency-Key";
/// Longest key, in characters.
const MAX_CHARS: usize = 255;

/// A caller's name for a request, not yet judged.
#[derive(Debug)]
pub(crate) struct IdempotencyKey(Result<Option<String>, ()>);

impl IdempotencyKey {
    /// Returns what tells this request from others: the operation, what it is about, and a
    /// digest of how it is wanted. Nothing if the caller sent no key.
    ///
    /// # Errors
    /// 422 for a key that is none.
    pub(crate) fn of(
        self,
        (visit, caller): (&Visit, &Caller),
        (operation, target, how): (&str, &str, &[u8]),
    ) -> ApiResult<Option<Key>> {
        let key = self.0.map_err(|()| {
            let message = format!("must be one text of 1 to {MAX_CHARS} visible ASCII characters");
            ApiError::invalid_field(NAME, message)
        })?;
        let asked = [operation.as_bytes(), target.as_bytes(), how].join(&0);
        Ok(key.map(|key| Key {
            caller: visit.name_of(caller),
            key,
            fingerprint: Digest::of(&asked),
        }))
    }
}

fn read(request: &Request) -> Result<Option<String>, ()> {
    let mut values = request.headers().get_all(NAME).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return if request.headers().contains_key(NAME) {
            Err(())
        } else {
            Ok(None)
        };
    };
    let text = value.to_str().map_err(|_| ())?;
    let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    if text.is_empty() || text.len() > MAX_CHARS || !is_visible {
        return Err(());
    }
    Ok(Some(text.to_owned()))
}

impl<'a> ApiExtractor<'a> for IdempotencyKey {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];

    type ParamType = ();
    type ParamRawType = ();

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(MetaSchemaRef::Inline(Box::new(MetaSchema {
            min_length: Some(1),
            max_length: Some(MAX_CHARS),
            pattern: Some("^[!-~]+$".to_owned()),
            example: Some("8e03978e-40d5-43dd-bc93-6894a57f9324".into()),
            ..MetaSchema::new("string")
        })))
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self(read(request)))
    }
}

/// An answer that is given again to whoever asks again with the same key.
#[derive(Debug)]
pub(crate) enum Kept<T, const STATUS: u16> {
    /// What was done now.
    Now(T),
    /// What was answered before.
    Again(Answer),
}

impl<T: Type + Serialize, const STATUS: u16> IntoResponse for Kept<T, STATUS> {
    fn into_response(self) -> Response {
        match self {
            Self::Now(value) => Wire::<T, STATUS>(value).into_response(),
            Self::Again(answer) => Response::builder()
                .status(StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK))
                .content_type(Wire::<T, STATUS>::CONTENT_TYPE)
                .body(answer.body),
        }
    }
}

impl<T: Type + Serialize, const STATUS: u16> ApiResponse for Kept<T, STATUS> {
    fn meta() -> MetaResponses {
        Wire::<T, STATUS>::meta()
    }

    fn register(registry: &mut Registry) {
        <Wire<T, STATUS> as ApiResponse>::register(registry);
    }
}

/// Returns what was answered before, if anything was.
///
/// # Errors
/// 422 for a key that was used for something else.
pub(crate) async fn answered<T, const STATUS: u16>(
    visit: &Visit,
    key: Option<&Key>,
) -> ApiResult<Option<Kept<T, STATUS>>> {
    let Some(key) = key else { return Ok(None) };
    let db = visit.running().reader();
    let known = idempotency::find(db, key, clock::now(db).await?).await?;
    kept(known)
}

fn kept<T, const STATUS: u16>(known: Known) -> ApiResult<Option<Kept<T, STATUS>>> {
    match known {
        Known::Nothing => Ok(None),
        Known::Answered(answer) => Ok(Some(Kept::Again(answer))),
        Known::OfAnother => {
            let message = "was used for another request; use a new one for this";
            Err(ApiError::invalid_field(NAME, message))
        }
        Known::InProgress => {
            let sentence = "A request with this Idempotency-Key is being served at this moment";
            Err(ApiError::new(Code::Conflict, sentence))
        }
    }
}

/// Does `work` in a write transaction and keeps its answer, unless that was done before.
///
/// # Errors
/// What `work` returns; 409 while another request with the key is at it, 422 if the key was
/// used for something else.
pub(crate) async fn once<T, F, const STATUS: u16>(
    visit: &Visit,
    key: Option<Key>,
    work: F,
) -> ApiResult<Kept<T, STATUS>>
where
    T: Serialize + Send + 'static,
    F: for<'t> FnOnce(&'t Tx, Timestamp) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
{
    let done = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let Some(key) = key else {
                return Ok(Ok(work(tx, now).await?));
            };
            match idempotency::begin(tx, &key, now).await? {
                Known::Nothing => {}
                known => return Ok(Err(known)),
            }
            let value = work(tx, now).await?;
            let answer = Answer {
                status: STATUS,
                body: serde_json::to_string(&value).map_err(|_| StoreError::Changed("answer"))?,
            };
            idempotency::record(tx, &key, &answer, now).await?;
            Ok(Ok(value))
        })
    });
    match done.await? {
        Ok(value) => Ok(Kept::Now(value)),
        Err(known) => kept(known)?.ok_or_else(|| ApiError::internal("a key lost its answer")),
    }
}
