//! What becomes of something that may be missing.

/// A part of a change.
#[derive(Debug, Clone, Default)]
pub(super) enum Change<T> {
    /// It stays.
    #[default]
    Kept,
    /// It goes.
    Gone,
    /// It is this one.
    New(T),
}

impl<T> Change<T> {
    /// Says whether anything was said of it.
    pub(super) fn is_said(&self) -> bool {
        !matches!(self, Self::Kept)
    }

    /// Returns what is there after the change.
    pub(super) fn over(self, former: Option<T>) -> Option<T> {
        match self {
            Self::Kept => former,
            Self::Gone => None,
            Self::New(new) => Some(new),
        }
    }

    /// Returns the same of something made from it.
    ///
    /// # Errors
    /// If that cannot be made.
    pub(super) fn try_map<U, E>(
        &self,
        make: impl FnOnce(&T) -> Result<U, E>,
    ) -> Result<Change<U>, E> {
        Ok(match self {
            Self::Kept => Change::Kept,
            Self::Gone => Change::Gone,
            Self::New(new) => Change::New(make(new)?),
        })
    }
}
