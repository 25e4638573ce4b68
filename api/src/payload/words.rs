//! Domain values as the wire spells them, with their place in the document.
//!
//! The document's traits cannot be implemented for the domain's types here (neither is
//! ours), so each gets a thin wrapper that serialises the same.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;
use weir_domain::Timestamp;

macro_rules! word {
    ($(#[$doc:meta])* $name:ident($inner:ty), $format:literal, $parse:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        #[serde(transparent)]
        pub(crate) struct $name(pub(crate) $inner);

        impl Type for $name {
            const IS_REQUIRED: bool = true;

            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> Cow<'static, str> {
                concat!("string_", $format).into()
            }

            fn schema_ref() -> MetaSchemaRef {
                let schema = MetaSchema::new_with_format("string", $format);
                MetaSchemaRef::Inline(Box::new(schema))
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        impl ToJSON for $name {
            fn to_json(&self) -> Option<Value> {
                serde_json::to_value(self).ok()
            }
        }

        impl ParseFromJSON for $name {
            fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
                let text = value.as_ref().and_then(Value::as_str);
                let parse: fn(&str) -> Option<$inner> = $parse;
                text.and_then(parse)
                    .map(Self)
                    .ok_or_else(|| ParseError::custom(concat!("not a ", $format)))
            }
        }
    };
}

word!(
    /// An instant: RFC 3339, UTC, milliseconds, `Z`.
    Instant(Timestamp), "date-time", Timestamp::parse
);
word!(
    /// An identifier: a UUID in lower-case text.
    Id(Uuid), "uuid", |text| Uuid::try_parse(text).ok()
);
