//! The few variables that steer a test run; the product's own are `weir-config`'s.

use std::ffi::OsString;

/// Returns a variable's value if it is set and not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "these variables belong to the test run, which has no configuration"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Says whether the long forms of tests are asked for (`tests/run --long`).
pub fn is_long() -> bool {
    variable("WEIR_TEST_LONG").as_deref() == Some("1")
}

/// Returns the names of all variables that would change a process of ours behind a test's back.
pub(crate) fn steering_variables() -> impl Iterator<Item = OsString> {
    let names = std::env::vars_os().map(|(name, _)| name);
    names.filter(|name| {
        let name = name.to_string_lossy();
        name.starts_with("WEIR_") || name.starts_with("AWS_") || name == "RUST_LOG"
    })
}
