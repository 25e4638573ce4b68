//! What an event shows of its sender, and its body as it was sent.

use std::fmt;

use bytes::Bytes;
use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{
        MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, MetaSecurityScheme, Registry,
    },
};
use ring::hmac;
use serde_json::json;

use crate::payload::read_body;

const SCHEME: &str = "event";
const HEADER: &str = "X-JFrog-Event-Auth";
/// What some senders put in front of a signature.
const PREFIX: &str = "sha256=";

/// What the sender shows: the secret, or a signature made with it.
pub(super) struct EventAuth(Option<String>);

impl fmt::Debug for EventAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventAuth(…)")
    }
}

impl EventAuth {
    /// Says whether the sender has this secret; takes as long whatever is shown.
    pub(super) fn proves(&self, secret: &[u8], body: &[u8]) -> bool {
        let Some(shown) = &self.0 else { return false };
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        // Digests of both are compared, so that time says nothing of the secret.
        let own = hmac::sign(&key, secret);
        let is_secret = hmac::verify(&key, shown.as_bytes(), own.as_ref()).is_ok();
        let hex = shown.strip_prefix(PREFIX).unwrap_or(shown);
        let signature = from_hex(hex).unwrap_or_default();
        let is_signed = hmac::verify(&key, body, &signature).is_ok();
        is_secret | is_signed
    }
}

/// Reads lower-case hexadecimal digits.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    hex::decode(text).ok().filter(|_| is_lower)
}

impl<'a> ApiExtractor<'a> for EventAuth {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let description = "The secret of a source of the catalogue, or the lower-case hexadecimal \
                           HMAC-SHA256 of the body made with it";
        let scheme = MetaSecurityScheme {
            ty: "apiKey",
            description: Some(description),
            name: Some(HEADER),
            key_in: Some("header"),
            scheme: None,
            bearer_format: None,
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme(SCHEME, scheme);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SCHEME]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let shown = request.headers().get(HEADER);
        let shown = shown.and_then(|value| value.to_str().ok());
        Ok(Self(shown.map(str::to_owned)))
    }
}

/// An event, byte by byte as it was signed.
#[derive(Debug)]
pub(super) struct EventBody(pub(super) Bytes);

impl<'a> ApiExtractor<'a> for EventBody {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_schema::<Self, _>("CatalogueEvent".to_owned(), |_| {
            let text = || MetaSchemaRef::Inline(Box::new(MetaSchema::new("string")));
            let data = MetaSchema {
                properties: vec![("repo_key", text()), ("path", text()), ("name", text())],
                ..MetaSchema::new("object")
            };
            let data = MetaSchemaRef::Inline(Box::new(data));
            MetaSchema {
                properties: vec![
                    ("domain", text()),
                    ("event_type", text()),
                    ("data", data),
                ],
                example: Some(json!({
                    "domain": "artifact",
                    "event_type": "deployed",
                    "data": {
                        "repo_key": "conan-local",
                        "path": "caisong123/sht30/0.0.5/_/4a2d0ade6cafa410b7711d4fbc226dd6/export/conanmanifest.txt",
                        "name": "conanmanifest.txt",
                    },
                })),
                ..MetaSchema::new("object")
            }
        });
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: "application/json",
                schema: MetaSchemaRef::Reference("CatalogueEvent".to_owned()),
            }],
            required: true,
        })
    }

    async fn from_request(
        _: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self(read_body(body.take()?).await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"Jefe";
    const BODY: &[u8] = b"what do ya want for nothing?";
    /// RFC 4231, test case 2.
    const SIGNATURE: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

    #[test]
    fn the_secret_or_a_signature_proves_the_sender_and_nothing_else_does() {
        let proves = |shown: &str| EventAuth(Some(shown.to_owned())).proves(SECRET, BODY);
        assert!(proves("Jefe") && proves(SIGNATURE));
        assert!(proves(&format!("sha256={SIGNATURE}")));
        for wrong in [
            "",
            "jefe",
            "Jefe ",
            "sha256=Jefe",
            "sha256=",
            &SIGNATURE[2..],
            &SIGNATURE.to_ascii_uppercase(),
            &SIGNATURE.replace('5', "6"),
        ] {
            assert!(!proves(wrong), "{wrong}");
        }
        assert!(!EventAuth(None).proves(SECRET, BODY));
        let other = EventAuth(Some(SIGNATURE.to_owned()));
        assert!(!other.proves(SECRET, b"another body") && !other.proves(b"Joe", BODY));
    }
}
