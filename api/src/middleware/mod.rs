//! What happens to every request and answer, one thing a file.
//!
//! The order is written down once, in [`crate::front`].

pub(crate) mod access_log;
pub(crate) mod body_limit;
pub(crate) mod cors;
pub(crate) mod request_id;
