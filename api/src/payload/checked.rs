//! A JSON request body whose every field was checked before the handler sees it.
//!
//! Malformed JSON is 400; a well-formed body with refused values is 422 (400 in the
//! catalogue) and names all of them. Unknown fields are ignored. An absent body, with or
//! without a content type, is the empty object.

use std::ops::Deref;

use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry},
};
use serde_json::{Map, Value};
use weir_domain::Digest;

use super::{Fields, Violations, fields::Described, read_body};
use crate::error::{ApiError, Code};

const JSON: &str = "application/json";

/// A type that a request body can be read as.
pub(crate) trait CheckedBody: Sized + Send {
    /// Its name in the document.
    const NAME: &'static str;

    /// Whether a content type that is not JSON's is refused; else nobody looks at it.
    const IS_TYPED: bool = true;

    /// Declares and reads the fields.
    fn read(fields: &mut Fields<'_>) -> Self;

    /// Returns a body that would be accepted.
    fn example() -> Value;
}

/// A checked request body, and what tells it from others whatever its spelling.
#[derive(Debug)]
pub(crate) struct Checked<T>(pub(crate) T, pub(crate) Digest);

impl<T> Deref for Checked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: CheckedBody> Checked<T> {
    /// Reads a body from the bytes of a request.
    ///
    /// # Errors
    /// 400 if it is not JSON, 422 with every violation if it is refused.
    fn from_bytes(bytes: &[u8]) -> Result<Self, ApiError> {
        let value = match bytes.trim_ascii() {
            b"" => Value::Object(Map::new()),
            text => serde_json::from_slice(text).map_err(|error| {
                ApiError::new(Code::BadRequest, format!("The body is not JSON: {error}"))
            })?,
        };
        let Value::Object(object) = value else {
            return Err(ApiError::invalid_field("body", "must be a JSON object"));
        };
        let mut violations = Violations::default();
        let body = T::read(&mut Fields::reading(&object, &mut violations));
        // Keys come in order, whatever the order they came in.
        let spelt = serde_json::to_vec(&object).map_err(ApiError::internal)?;
        violations.none_or(Self(body, Digest::of(&spelt)))
    }
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let (kind, subtype) = essence.split_once('/').unwrap_or_default();
    kind.eq_ignore_ascii_case("application")
        && (subtype.eq_ignore_ascii_case("json") || subtype.to_ascii_lowercase().ends_with("+json"))
}

impl<'a, T: CheckedBody> ApiExtractor<'a> for Checked<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_schema::<Self, _>(T::NAME.to_owned(), |_| {
            let Described {
                properties,
                required,
            } = Fields::describe(T::read);
            MetaSchema {
                properties,
                required,
                example: Some(T::example()),
                ..MetaSchema::new("object")
            }
        });
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: JSON,
                schema: MetaSchemaRef::Reference(T::NAME.to_owned()),
            }],
            required: false,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let bytes = read_body(body.take()?).await?;
        match request.content_type() {
            Some(other) if T::IS_TYPED && !bytes.is_empty() && !is_json(other) => {
                Err(ApiError::new(
                    Code::UnsupportedMediaType,
                    format!(
                        "The body must be {JSON}, not {}",
                        weir_domain::text::printable(other, 100)
                    ),
                )
                .into())
            }
            _ => Ok(Self::from_bytes(&bytes)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq)]
    struct Note {
        text: Option<String>,
        is_loud: bool,
    }

    impl CheckedBody for Note {
        const NAME: &'static str = "Note";

        fn read(fields: &mut Fields<'_>) -> Self {
            Self {
                text: fields.text("text", "What it says", 3),
                is_loud: fields.flag("loud", "How it says it"),
            }
        }

        fn example() -> Value {
            json!({"text": "hey"})
        }
    }

    fn read(body: &str) -> Result<Note, String> {
        Checked::<Note>::from_bytes(body.as_bytes())
            .map(|checked| checked.0)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_absent_body_is_an_empty_object() {
        let empty = Note {
            text: None,
            is_loud: false,
        };
        for body in ["", " \n", "{}", r#"{"text":null,"unknown":[1]}"#] {
            assert_eq!(read(body).as_ref(), Ok(&empty), "{body:?}");
        }
    }

    #[test]
    fn the_same_body_is_known_however_it_is_spelt() {
        let digest = |body: &str| {
            let checked = Checked::<Note>::from_bytes(body.as_bytes());
            checked.map(|checked| checked.1).expect(body)
        };
        let same = digest(r#"{"text":"a","loud":true,"more":{"x":1,"y":2}}"#);
        assert_eq!(
            digest(r#" {"more":{"y":2,"x":1}, "loud":true,"text":"\u0061"}"#),
            same
        );
        assert_eq!(digest(""), digest("{}"));
        for other in [
            "{}",
            r#"{"text":"b"}"#,
            r#"{"text":"a"}"#,
            r#"{"text":"a","loud":true}"#,
        ] {
            assert_ne!(digest(other), same, "{other}");
        }
    }

    #[test]
    fn malformed_is_not_the_same_as_refused() {
        for body in ["{", "{]", "nul", "\u{0}", "{\"text\":\"a\"} x"] {
            let error = read(body).expect_err(body);
            assert!(error.starts_with("[BAD_REQUEST]"), "{body:?}: {error}");
        }
        for body in ["[]", "\"text\"", "17", "null"] {
            let error = read(body).expect_err(body);
            assert_eq!(error, "[INVALID_PARAM] body: must be a JSON object");
        }
    }

    #[test]
    fn every_violation_is_named() {
        let error = read(r#"{"text":"four","loud":"yes"}"#).expect_err("refused");
        assert_eq!(
            error,
            "[INVALID_PARAM] text: must have at most 3 characters; loud: must be true or false"
        );
    }

    #[test]
    fn characters_count_and_not_bytes() {
        assert!(read(r#"{"text":"äöü"}"#).is_ok());
    }

    #[test]
    fn the_document_has_the_bounds_that_are_checked() {
        let mut registry = Registry::new();
        Checked::<Note>::register(&mut registry);
        let schema = serde_json::to_value(&registry.schemas["Note"]).expect("JSON");
        assert_eq!(schema["properties"]["text"]["maxLength"], 3);
        assert_eq!(schema["properties"]["loud"]["type"], "boolean");
    }

    #[test]
    fn json_has_several_content_types() {
        for yes in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/vnd.a+json",
        ] {
            assert!(is_json(yes), "{yes}");
        }
        for no in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "json",
            "",
        ] {
            assert!(!is_json(no), "{no}");
        }
    }
}
