//! The answers of this resource, as the document describes them.
//!
//! Their bodies are bytes made elsewhere, so their schemas are written by hand: what a
//! client may rely on, and that upstream may have added anything.

use std::{borrow::Cow, collections::BTreeMap};

use poem::{IntoResponse, Response};
use poem_openapi::{
    ApiResponse,
    registry::{
        MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
    },
    types::{ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde::Serialize;
use serde_json::{Value, json};
use weir_domain::Version;
use weir_render::Form;

macro_rules! raw_answer {
    ($(#[$doc:meta])* $name:ident, $meta:expr, $register:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name(pub(super) Response);

        impl IntoResponse for $name {
            fn into_response(self) -> Response {
                self.0
            }
        }

        impl ApiResponse for $name {
            fn meta() -> MetaResponses {
                let meta: fn() -> Vec<MetaResponse> = $meta;
                MetaResponses { responses: meta() }
            }

            fn register(registry: &mut Registry) {
                let register: fn(&mut Registry) = $register;
                register(registry);
            }
        }
    };
}

raw_answer!(
    /// A packument in either form.
    PackumentAnswer,
    || vec![
        packument_found(),
        unchanged()
    ],
    |registry| {
        registry.create_schema::<PackumentAnswer, _>("Packument".to_owned(), |_| packument());
    }
);
raw_answer!(
    /// One version's manifest in either form.
    ManifestAnswer,
    || vec![
        found("The manifest", "Manifest", &Form::ALL.map(Form::media_type)),
        unchanged()
    ],
    |registry| {
        registry.create_schema::<ManifestAnswer, _>("Manifest".to_owned(), |_| manifest());
    }
);
raw_answer!(
    /// A tarball, or a part of it.
    TarballAnswer,
    || {
        let body = || MetaMediaType {
            content_type: "application/octet-stream",
            schema: inline(MetaSchema::new_with_format("string", "binary")),
        };
        let response = |status, description| MetaResponse {
            content: vec![body()],
            headers: vec![header("etag", "A strong entity tag")],
            ..plain(status, description)
        };
        vec![
            response(200, "The tarball"),
            response(206, "The part that was asked for"),
            MetaResponse {
                headers: vec![header("location", "Where it can be read for five minutes")],
                ..plain(302, "It is read from the bucket (`redirect_tarballs`)")
            },
            unchanged(),
        ]
    },
    |_| {}
);

fn plain(status: u16, description: &'static str) -> MetaResponse {
    MetaResponse {
        description,
        status: Some(status),
        status_range: None,
        content: vec![],
        headers: vec![],
    }
}

fn unchanged() -> MetaResponse {
    plain(304, "The caller has it already")
}

fn found(description: &'static str, schema: &str, media_types: &[&'static str]) -> MetaResponse {
    let content = media_types.iter().map(|content_type| MetaMediaType {
        content_type,
        schema: MetaSchemaRef::Reference(schema.to_owned()),
    });
    MetaResponse {
        content: content.collect(),
        headers: vec![header(
            "etag",
            "A weak entity tag, the same in every encoding",
        )],
        ..plain(200, description)
    }
}

fn packument_found() -> MetaResponse {
    let mut found = found(
        "The packument",
        "Packument",
        &Form::ALL.map(Form::media_type),
    );
    found.headers.extend([
        header("last-modified", "When what is shown last changed"),
        header(
            "warning",
            "`110`: upstream has not confirmed it for a while",
        ),
    ]);
    found
}

fn header(name: &str, description: &str) -> MetaHeader {
    MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required: false,
        deprecated: false,
        schema: inline(MetaSchema::new("string")),
    }
}

fn inline(schema: MetaSchema) -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(schema))
}

fn text() -> MetaSchemaRef {
    inline(MetaSchema::new("string"))
}

/// Whatever upstream wrote.
fn anything() -> MetaSchemaRef {
    inline(MetaSchema::ANY)
}

fn map_of(values: MetaSchemaRef) -> MetaSchemaRef {
    inline(MetaSchema {
        additional_properties: Some(Box::new(values)),
        ..MetaSchema::new("object")
    })
}

fn packument() -> MetaSchema {
    MetaSchema {
        description: Some("A package with all its versions; upstream may have added any field"),
        required: vec!["name", "dist-tags", "versions"],
        properties: vec![
            ("name", text()),
            ("dist-tags", map_of(text())),
            ("versions", map_of(inline(manifest()))),
            ("time", map_of(text())),
            (
                "modified",
                inline(MetaSchema::new_with_format("string", "date-time")),
            ),
        ],
        additional_properties: Some(Box::new(anything())),
        example: Some(json!({
            "name": "left-pad",
            "dist-tags": {"latest": "1.3.0"},
            "versions": {"1.3.0": example_manifest()},
            "time": {"1.3.0": "2018-04-09T01:10:45.796Z"},
        })),
        ..MetaSchema::new("object")
    }
}

fn manifest() -> MetaSchema {
    let dist = MetaSchema {
        required: vec!["tarball"],
        properties: vec![
            ("tarball", text()),
            ("shasum", text()),
            ("integrity", text()),
        ],
        additional_properties: Some(Box::new(anything())),
        ..MetaSchema::new("object")
    };
    MetaSchema {
        description: Some("One version; upstream may have added any field"),
        required: vec!["name", "version", "dist"],
        properties: vec![
            ("name", text()),
            ("version", text()),
            ("dist", inline(dist)),
        ],
        additional_properties: Some(Box::new(anything())),
        example: Some(example_manifest()),
        ..MetaSchema::new("object")
    }
}

fn example_manifest() -> Value {
    json!({
        "name": "left-pad",
        "version": "1.3.0",
        "dist": {
            "tarball": "http://localhost:7373/left-pad/-/left-pad-1.3.0.tgz",
            "shasum": "5b8a3a7765dfe001261dde915589e782f8c94d1e",
        },
    })
}

/// Tag to version.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub(crate) struct DistTags(pub(super) BTreeMap<String, Version>);

impl Type for DistTags {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "DistTags".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Reference(Self::name().into_owned())
    }

    fn register(registry: &mut Registry) {
        registry.create_schema::<Self, _>(Self::name().into_owned(), |_| MetaSchema {
            additional_properties: Some(Box::new(text())),
            example: Some(json!({"latest": "1.3.0"})),
            ..MetaSchema::new("object")
        });
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::empty())
    }
}

impl ToJSON for DistTags {
    fn to_json(&self) -> Option<Value> {
        serde_json::to_value(self).ok()
    }
}

impl ParseFromJSON for DistTags {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Ok(Self(
            serde_json::from_value(value.unwrap_or_default()).unwrap_or_default(),
        ))
    }
}
