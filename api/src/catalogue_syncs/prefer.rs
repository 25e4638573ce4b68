//! `Prefer`: whether the caller would rather wait, or be told at once that it takes a while.
//!
//! A preference is no demand: what is not understood is passed over.
//! Source: RFC 7240.

use std::time::Duration;

use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaParamIn, MetaSchema, MetaSchemaRef},
};

/// Longest time that an answer waits: clients give up after thirty seconds.
const LONGEST: Duration = Duration::from_secs(25);

/// What the caller prefers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Preference {
    /// Wait for the end so long.
    pub(super) wait: Option<Duration>,
    /// Say 202 while it is not over.
    pub(super) is_async: bool,
}

impl Preference {
    fn read<'t>(values: impl Iterator<Item = &'t str>) -> Self {
        let mut preference = Self::default();
        for word in values.flat_map(|value| value.split([',', ';'])) {
            let word = word.trim();
            if word.eq_ignore_ascii_case("respond-async") {
                preference.is_async = true;
            }
            if let Some((name, seconds)) = word.split_once('=')
                && name.trim().eq_ignore_ascii_case("wait")
                && let Ok(seconds) = seconds.trim().trim_matches('"').parse()
            {
                preference.wait = Some(Duration::from_secs(seconds).min(LONGEST));
            }
        }
        preference
    }

    /// Returns what was heeded, for `preference-applied`.
    pub(super) fn applied(self) -> Option<String> {
        let wait = self.wait.map(|wait| format!("wait={}", wait.as_secs()));
        let is_async = self.is_async.then(|| "respond-async".to_owned());
        let applied: Vec<_> = is_async.into_iter().chain(wait).collect();
        (!applied.is_empty()).then(|| applied.join(", "))
    }
}

impl<'a> ApiExtractor<'a> for Preference {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];

    type ParamType = ();
    type ParamRawType = ();

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(MetaSchemaRef::Inline(Box::new(MetaSchema {
            example: Some("wait=20".into()),
            ..MetaSchema::new("string")
        })))
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let values = request.headers().get_all("prefer").iter();
        Ok(Self::read(values.filter_map(|value| value.to_str().ok())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_read_and_nonsense_is_passed_over() {
        let secs = |secs| Some(Duration::from_secs(secs));
        for (value, wait, is_async) in [
            ("respond-async", None, true),
            ("Respond-Async, wait=10", secs(10), true),
            ("wait=10; foo", secs(10), false),
            ("wait=\"3\"", secs(3), false),
            ("wait=3600", secs(25), false),
            ("wait=-1, wait", None, false),
            ("return=minimal", None, false),
            ("", None, false),
        ] {
            let read = Preference::read([value].into_iter());
            assert_eq!(read, Preference { wait, is_async }, "{value}");
        }
        let both = Preference::read(["wait=2", "respond-async"].into_iter());
        assert_eq!(both.applied().as_deref(), Some("respond-async, wait=2"));
        assert_eq!(Preference::default().applied(), None);
    }
}
