//! The few variables that steer a test run; the product's own are `weir-config`'s.

/// Returns a variable's value if it is set and not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "these variables belong to the test run, which has no configuration"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
