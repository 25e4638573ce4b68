//! What is wrong with a request, field by field.

/// Fields and what is wrong with each, in the order met.
#[derive(Debug, Default)]
pub(crate) struct Violations(Vec<(String, String)>);

impl Violations {
    /// Notes that `field` is refused.
    pub(crate) fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push((field.into(), message.into()));
    }

    /// Returns `value` if nothing is wrong.
    ///
    /// # Errors
    /// One error that names every violation.
    pub(crate) fn none_or<T>(self, value: T) -> crate::error::ApiResult<T> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(crate::error::ApiError::invalid(self))
        }
    }

    /// Returns field and message, one pair a violation.
    pub(crate) fn into_list(self) -> Vec<(String, String)> {
        self.0
    }
}
