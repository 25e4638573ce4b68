//! The layers laid over each other: one text and one origin for each setting.
//!
//! Defaults are texts like any other and go through the same reading, so a default that
//! its own setting would refuse cannot exist.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
    time::Duration,
};

use crate::{
    ConfigError, Origin,
    kind::Kind,
    setting::{Fallback, Setting},
    sources::Given,
};

/// The text that counts for each setting.
#[derive(Debug)]
pub(crate) struct Effective {
    values: BTreeMap<&'static str, Given>,
    /// Keys that were read; a setting nobody reads is a lie in the table.
    read: RefCell<BTreeSet<&'static str>>,
}

impl Effective {
    /// Lays `given`, weakest first, over the defaults.
    pub(crate) fn over_defaults(given: Vec<Given>) -> Self {
        let defaults = Setting::all().filter_map(|setting| match setting.fallback {
            Fallback::Text(text) => Some(Given {
                setting,
                text: text.to_owned(),
                origin: Origin::Default,
            }),
            Fallback::Computed(_) | Fallback::Unset(_) => None,
        });
        let all = defaults.chain(given);
        Self {
            values: all.map(|value| (value.setting.key, value)).collect(),
            read: RefCell::default(),
        }
    }

    /// Gives a computed default to a setting that nobody set.
    pub(crate) fn fill(&mut self, key: &'static str, text: impl FnOnce() -> String) {
        let setting = Setting::find(key).expect("computed defaults name settings of the table");
        self.values.entry(key).or_insert_with(|| Given {
            setting,
            text: text(),
            origin: Origin::Default,
        });
    }

    /// Returns text and origin of a setting, if it has a value.
    pub(crate) fn value(&self, key: &str) -> Option<&Given> {
        self.values.get(key)
    }

    /// Returns who decided a setting.
    pub(crate) fn origin(&self, key: &str) -> Origin {
        self.value(key)
            .map_or(Origin::Default, |given| given.origin.clone())
    }

    /// Reads a setting that may be unset.
    pub(crate) fn find<T>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        self.read.borrow_mut().insert(key);
        let Some(given) = self.value(key) else {
            return Ok(None);
        };
        let refused = || ConfigError::refused(given.setting, &given.text, &given.origin);
        parse(given.text.trim()).map(Some).ok_or_else(refused)
    }

    /// Reads a setting that always has a value.
    pub(crate) fn get<T>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        let value = self.find(key, parse)?;
        Ok(value.expect("settings read this way have a default"))
    }

    /// Reads one word of a closed list.
    pub(crate) fn word<T: FromStr>(&self, key: &'static str) -> Result<T, ConfigError> {
        self.get(key, |text| text.parse().ok())
    }

    /// Reads a number within the range of its row.
    pub(crate) fn number(&self, key: &'static str) -> Result<u64, ConfigError> {
        let (least, most) = match Setting::find(key).map(|setting| setting.kind) {
            Some(Kind::Number(least, most) | Kind::Seconds(least, most)) => (least, most),
            _ => (0, u64::MAX),
        };
        let in_range = |number: &u64| (least..=most).contains(number);
        self.get(key, |text| text.parse().ok().filter(in_range))
    }

    /// Reads a duration given in seconds.
    pub(crate) fn seconds(&self, key: &'static str) -> Result<Duration, ConfigError> {
        self.number(key).map(Duration::from_secs)
    }

    /// Returns the keys read so far.
    #[cfg(test)]
    pub(crate) fn keys_read(&self) -> BTreeSet<&'static str> {
        self.read.borrow().clone()
    }
}
