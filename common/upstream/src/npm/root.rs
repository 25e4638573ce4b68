//! Reading the root fields a mirror understands; odd historical shapes count as absent.

use std::{collections::BTreeMap, fmt};

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use weir_domain::{Timestamp, packument::PackumentOutline};

use super::{packument::Source, walk::Stop};
use crate::UpstreamError;

/// Deepest nesting of a root field that we pass on: what common parsers read.
const MAX_DEPTH: usize = 100;

/// Root fields of one document.
#[derive(Debug, Default)]
pub(super) struct RootFields {
    pub(super) outline: PackumentOutline,
    pub(super) has_unpublished: bool,
    bytes: u64,
}

impl RootFields {
    /// Takes one root field; a later one of the same key replaces the earlier.
    pub(super) fn take(
        &mut self,
        source: &Source,
        key: String,
        raw: Box<RawValue>,
    ) -> Result<(), Stop> {
        let outline = &mut self.outline;
        match key.as_str() {
            "name" => outline.name = text(&raw),
            "_rev" => outline.revision = text(&raw),
            "dist-tags" => outline.dist_tags = strings(source, &raw)?.texts,
            "time" => {
                let time = strings(source, &raw)?;
                self.has_unpublished = time.has_unpublished;
                outline.time = time.texts;
            }
            "error" if !matches!(raw.get(), "null" | "false" | "\"\"") => {
                let why = format!("it is an error message: {}", raw.get());
                return Err(Stop::Refused(UpstreamError::invalid(&source.place, why)));
            }
            own if PackumentOutline::OWN_FIELDS.contains(&own) => {}
            _ => self.keep(source, key, raw)?,
        }
        Ok(())
    }

    fn keep(&mut self, source: &Source, key: String, raw: Box<RawValue>) -> Result<(), Stop> {
        if key == "modified" && self.outline.modified.is_none() {
            self.outline.modified = text(&raw).and_then(|text| Timestamp::parse(&text));
        }
        if depth(raw.get()) > MAX_DEPTH {
            let why = format!("its field {key:?} is nested more than {MAX_DEPTH} deep");
            return Err(Stop::Refused(UpstreamError::invalid(&source.place, why)));
        }
        self.bytes += (key.len() + raw.get().len()) as u64;
        if self.bytes > source.sizes.root_bytes {
            return Err(too_large(
                source,
                "all root fields together",
                source.sizes.root_bytes,
            ));
        }
        check_count(source, self.outline.root.len(), "its number of root fields")?;
        let root = &mut self.outline.root;
        match root.iter_mut().find(|(known, _)| *known == key) {
            Some((_, earlier)) => *earlier = raw,
            None => root.push((key, raw)),
        }
        Ok(())
    }

    /// Completes the outline once every field has been seen.
    pub(super) fn finish(mut self) -> PackumentOutline {
        let modified = self.outline.time.get("modified");
        if let Some(modified) = modified.and_then(|text| Timestamp::parse(text)) {
            self.outline.modified = Some(modified);
        }
        self.outline.is_unpublished = self.has_unpublished
            && self.outline.versions.is_empty()
            && self.outline.unreadable.is_empty();
        self.outline
    }
}

/// Refuses a document with more entries of a kind than we keep.
pub(super) fn check_count(source: &Source, count: usize, what: &'static str) -> Result<(), Stop> {
    let limit = source.sizes.entries;
    if count < limit {
        return Ok(());
    }
    Err(too_large(source, what, limit as u64))
}

fn too_large(source: &Source, what: &'static str, limit: u64) -> Stop {
    Stop::Refused(UpstreamError::TooLarge {
        place: source.place.clone(),
        what,
        limit,
    })
}

fn text(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// The string entries of an object.
#[derive(Debug, Default)]
struct Strings {
    texts: BTreeMap<String, String>,
    /// Whether there is an entry `unpublished` other than null.
    has_unpublished: bool,
    is_cut: bool,
    limit: usize,
}

fn strings(source: &Source, raw: &RawValue) -> Result<Strings, Stop> {
    let seed = Strings {
        limit: source.sizes.entries,
        ..Strings::default()
    };
    let mut parser = serde_json::Deserializer::from_str(raw.get());
    // What is no object has no entries.
    let found = (&mut parser).deserialize_map(seed).unwrap_or_default();
    if found.is_cut {
        return Err(too_large(
            source,
            "its number of times or tags",
            source.sizes.entries as u64,
        ));
    }
    Ok(found)
}

impl<'de> Visitor<'de> for Strings {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let raw: &'de RawValue = map.next_value()?;
            if key == "unpublished" && raw.get() != "null" {
                self.has_unpublished = true;
            }
            if self.texts.len() >= self.limit {
                self.is_cut = true;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                break;
            }
            if let Some(value) = text(raw) {
                self.texts.insert(key, value);
            }
        }
        Ok(self)
    }
}

/// Returns how deep valid JSON text is nested.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut is_string, mut is_escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_string => is_escaped = true,
            b'"' => is_string = !is_string,
            b'[' | b'{' if !is_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !is_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_strings() {
        for (json, expected) in [
            ("1", 0),
            ("[]", 1),
            (r#"{"a":[1,{"b":"]]}\"[[["}],"c":[]}"#, 3),
            (r#""\\[""#, 0),
            (r#"["\\",[]]"#, 2),
        ] {
            assert_eq!(depth(json), expected, "{json}");
        }
    }
}
