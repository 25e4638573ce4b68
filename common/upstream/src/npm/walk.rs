//! One pass over a packument: each root field and each version is seen once, and dropped.
//!
//! A serde visitor that never holds more than one value's text. Shapes are taken as they
//! come: `versions` may be null or an array in old documents, and then has no versions.

use std::{fmt, io::BufRead};

use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{error::Category, value::RawValue};

use super::{
    document::{ValueMark, open, read_error},
    packument::Source,
};
use crate::UpstreamError;

/// What takes the parts of a document.
pub(super) trait Reader {
    /// Takes a root field other than `versions`.
    fn field(&mut self, key: String, raw: Box<RawValue>) -> Result<(), Stop>;

    /// Takes one entry of `versions`.
    fn version(&mut self, key: String, raw: Box<RawValue>) -> Result<(), Stop>;
}

/// Why a pass ends before the document does.
#[derive(Debug)]
pub(super) enum Stop {
    /// Everything wanted has been seen.
    Enough,
    /// The document is refused.
    Refused(UpstreamError),
}

/// Walks through the document once.
pub(super) fn walk(source: &Source, reader: &mut dyn Reader) -> Result<(), UpstreamError> {
    let (input, mark) = open(source)?;
    let mut walk = Walk {
        reader,
        mark,
        stop: None,
        has_versions: false,
    };
    let outcome = parse(input, &mut walk);
    match (walk.stop, outcome) {
        (Some(Stop::Refused(error)), _) => Err(error),
        (Some(Stop::Enough), _) | (None, Ok(())) => Ok(()),
        (None, Err(error)) => Err(parse_error(source, error)),
    }
}

fn parse(input: impl BufRead, walk: &mut Walk<'_>) -> serde_json::Result<()> {
    let mut deserializer = serde_json::Deserializer::from_reader(input);
    Root(walk).deserialize(&mut deserializer)?;
    deserializer.end()
}

fn parse_error(source: &Source, error: serde_json::Error) -> UpstreamError {
    match error.classify() {
        Category::Io => read_error(source, &error.into()),
        Category::Eof => UpstreamError::Interrupted {
            place: source.place.clone(),
            received_bytes: source.spool.len(),
            why: "its JSON ends in the middle".to_owned(),
        },
        Category::Syntax | Category::Data => {
            UpstreamError::invalid(&source.place, format!("it is not a packument: {error}"))
        }
    }
}

struct Walk<'r> {
    reader: &'r mut dyn Reader,
    mark: ValueMark,
    stop: Option<Stop>,
    has_versions: bool,
}

impl Walk<'_> {
    /// Ends the parse; the reason is kept beside the parser's own error.
    fn stop<E: de::Error>(&mut self, stop: Stop) -> E {
        self.stop = Some(stop);
        E::custom("stopped")
    }
}

struct Root<'w, 'r>(&'w mut Walk<'r>);

impl<'de> DeserializeSeed<'de> for Root<'_, '_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Root<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let walk = self.0;
        walk.mark.reset();
        while let Some(key) = map.next_key::<String>()? {
            walk.mark.reset();
            if key == "versions" {
                if std::mem::replace(&mut walk.has_versions, true) {
                    return Err(de::Error::custom("`versions` is there twice"));
                }
                map.next_value_seed(Versions(walk))?;
            } else {
                let raw = map.next_value()?;
                if let Err(stop) = walk.reader.field(key, raw) {
                    return Err(walk.stop(stop));
                }
            }
            walk.mark.reset();
        }
        Ok(())
    }
}

struct Versions<'w, 'r>(&'w mut Walk<'r>);

impl<'de> DeserializeSeed<'de> for Versions<'_, '_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Versions<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of versions")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let walk = self.0;
        walk.mark.reset();
        while let Some(key) = map.next_key::<String>()? {
            let raw = map.next_value()?;
            if let Err(stop) = walk.reader.version(key, raw) {
                return Err(walk.stop(stop));
            }
            walk.mark.reset();
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {
            self.0.mark.reset();
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}
