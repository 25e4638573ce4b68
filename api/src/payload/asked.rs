//! Query parameters, checked together.
//!
//! The framework refuses at the first parameter it cannot read. An [`Asked`] parameter is
//! always accepted by it and gives up its value, or its violation, to the handler; so one
//! answer names all that is wrong. The bounds are in the type, hence in the document too.

use std::{borrow::Cow, str::FromStr};

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseFromParameter, ParseResult, Type},
};
use serde_json::Value;
use weir_domain::{
    Timestamp,
    task::{ErrorCode, TaskKind, TaskState},
};

use super::Violations;

/// A kind of value that a query parameter can have.
pub(crate) trait Askable: Sized + Send + Sync {
    /// Returns how the document describes it.
    fn schema() -> MetaSchema;

    /// Reads it.
    ///
    /// # Errors
    /// What the text must be, as the rest of a sentence that begins with the field.
    fn read(text: &str) -> Result<Self, String>;
}

/// An optional query parameter, not yet judged.
#[derive(Debug)]
pub(crate) struct Asked<T>(Result<Option<T>, String>);

impl<T> Default for Asked<T> {
    fn default() -> Self {
        Self(Ok(None))
    }
}

impl<T> Asked<T> {
    /// Returns the value, or notes why it is refused.
    pub(crate) fn take(self, field: &str, violations: &mut Violations) -> Option<T> {
        self.0.unwrap_or_else(|message| {
            violations.add(field, message);
            None
        })
    }
}

impl<T: Askable> Type for Asked<T> {
    const IS_REQUIRED: bool = false;

    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "asked".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(T::schema()))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        None
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::empty())
    }
}

impl<T: Askable> ParseFromParameter for Asked<T> {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        Ok(Self(T::read(value).map(Some)))
    }

    fn parse_from_parameters<I: IntoIterator<Item = A>, A: AsRef<str>>(
        values: I,
    ) -> ParseResult<Self> {
        let value = values.into_iter().next();
        Ok(Self(value.map(|text| T::read(text.as_ref())).transpose()))
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number<const MIN: u64, const MAX: u64>(pub(crate) u64);

impl<const MIN: u64, const MAX: u64> Askable for Number<MIN, MAX> {
    fn schema() -> MetaSchema {
        #[expect(
            clippy::cast_precision_loss,
            reason = "bounds are small, or `no bound`"
        )]
        let bound = |value: u64| Some(value as f64);
        MetaSchema {
            minimum: bound(MIN),
            maximum: bound(MAX).filter(|_| MAX < u64::MAX),
            ..MetaSchema::new_with_format("integer", "uint64")
        }
    }

    fn read(text: &str) -> Result<Self, String> {
        let is_digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse().ok().filter(|_| is_digits);
        match number {
            Some(number) if (MIN..=MAX).contains(&number) => Ok(Self(number)),
            _ if MAX == u64::MAX => Err(format!("must be a whole number from {MIN}")),
            _ => Err(format!("must be a whole number from {MIN} to {MAX}")),
        }
    }
}

/// A number from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fraction;

impl Askable for Fraction {
    fn schema() -> MetaSchema {
        MetaSchema {
            minimum: Some(0.0),
            maximum: Some(1.0),
            ..MetaSchema::new_with_format("number", "double")
        }
    }

    fn read(text: &str) -> Result<Self, String> {
        let number = text.parse::<f64>().ok();
        let is_within = number.is_some_and(|number| (0.0..=1.0).contains(&number));
        let refused = || "must be a number from 0 to 1".to_owned();
        is_within.then_some(Self).ok_or_else(refused)
    }
}

/// `true` or `false`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Switch(pub(crate) bool);

impl Askable for Switch {
    fn schema() -> MetaSchema {
        MetaSchema::new("boolean")
    }

    fn read(text: &str) -> Result<Self, String> {
        text.parse()
            .map(Self)
            .map_err(|_| "must be true or false".to_owned())
    }
}

/// `true`, or anything else for "no", as older tools are used to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LooseSwitch(pub(crate) bool);

impl Askable for LooseSwitch {
    fn schema() -> MetaSchema {
        Switch::schema()
    }

    fn read(text: &str) -> Result<Self, String> {
        Ok(Self(text == "true"))
    }
}

/// A text of at most `MAX` characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text<const MAX: usize>(pub(crate) String);

impl<const MAX: usize> Askable for Text<MAX> {
    fn schema() -> MetaSchema {
        MetaSchema {
            max_length: Some(MAX),
            ..MetaSchema::new("string")
        }
    }

    fn read(text: &str) -> Result<Self, String> {
        if text.chars().count() > MAX {
            return Err(format!("must have at most {MAX} characters"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl Askable for Timestamp {
    fn schema() -> MetaSchema {
        MetaSchema::new_with_format("string", "date-time")
    }

    fn read(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| "must be an RFC 3339 instant".to_owned())
    }
}

impl Askable for TaskState {
    fn schema() -> MetaSchema {
        one_of(Self::ALL.iter().map(|state| state.as_str()))
    }

    fn read(text: &str) -> Result<Self, String> {
        read_one_of(text, Self::ALL.iter().map(|state| state.as_str()))
    }
}

impl Askable for ErrorCode {
    fn schema() -> MetaSchema {
        one_of(Self::ALL.iter().map(|code| code.as_str()))
    }

    fn read(text: &str) -> Result<Self, String> {
        read_one_of(text, Self::ALL.iter().map(|code| code.as_str()))
    }
}

impl Askable for TaskKind {
    fn schema() -> MetaSchema {
        one_of(Self::ALL.iter().map(|kind| kind.as_str()))
    }

    fn read(text: &str) -> Result<Self, String> {
        read_one_of(text, Self::ALL.iter().map(|kind| kind.as_str()))
    }
}

fn one_of(words: impl Iterator<Item = &'static str>) -> MetaSchema {
    MetaSchema {
        enum_items: words.map(Value::from).collect(),
        ..MetaSchema::new("string")
    }
}

fn read_one_of<T: FromStr>(
    text: &str,
    words: impl Iterator<Item = &'static str>,
) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("must be one of {}", words.collect::<Vec<_>>().join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged<T: Askable>(text: &str) -> Result<T, String> {
        let Ok(asked) = Asked::<T>::parse_from_parameters([text]) else {
            panic!("never refused");
        };
        let mut violations = Violations::default();
        let value = asked.take("field", &mut violations);
        match violations.into_list().pop() {
            Some((_, message)) => Err(message),
            None => Ok(value.expect("given")),
        }
    }

    #[test]
    fn numbers_are_plain_and_within_their_bounds() {
        assert_eq!(judged::<Number<1, 100>>("100"), Ok(Number(100)));
        for text in [
            "0",
            "101",
            "",
            "-1",
            "+1",
            "1.5",
            " 1",
            "1e2",
            "99999999999999999999999",
        ] {
            let error = judged::<Number<1, 100>>(text).expect_err(text);
            assert_eq!(error, "must be a whole number from 1 to 100");
        }
        assert!(judged::<Number<0, { u64::MAX }>>("18446744073709551615").is_ok());
    }

    #[test]
    fn words_say_what_they_may_be() {
        assert_eq!(judged::<TaskState>("error"), Ok(TaskState::Error));
        assert_eq!(
            judged::<TaskState>("failed"),
            Err("must be one of waiting, processing, success, error".to_owned())
        );
        assert_eq!(judged::<Switch>("true"), Ok(Switch(true)));
        assert!(judged::<Switch>("1").is_err());
        assert_eq!(judged::<LooseSwitch>("true"), Ok(LooseSwitch(true)));
        for text in ["", "1", "false", "perhaps"] {
            assert_eq!(
                judged::<LooseSwitch>(text),
                Ok(LooseSwitch(false)),
                "{text}"
            );
        }
        assert!(judged::<Timestamp>("2026-01-01T00:00:00Z").is_ok());
        assert!(judged::<Timestamp>("yesterday").is_err());
        assert!(judged::<Text<3>>("äöü").is_ok() && judged::<Text<3>>("abcd").is_err());
    }

    #[test]
    fn fractions_are_within_their_bounds() {
        for text in ["0", "1", "0.65", "1e-3"] {
            assert_eq!(judged::<Fraction>(text), Ok(Fraction), "{text}");
        }
        for text in ["", "-0.1", "1.01", "NaN", "inf", "much"] {
            assert!(judged::<Fraction>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_absent_parameter_is_nothing_wrong() {
        let none: [&str; 0] = [];
        let Ok(asked) = Asked::<Switch>::parse_from_parameters(none) else {
            panic!("never refused");
        };
        let mut violations = Violations::default();
        assert_eq!(asked.take("x", &mut violations), None);
        assert!(violations.into_list().is_empty());
    }
}
