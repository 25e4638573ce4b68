//! The variables that steer a test run; the product's own are `weir-config`'s.

pub use weir_testkit::is_long;

/// Returns a variable's value if it is set and not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "these variables belong to the test run, which has no configuration"
)]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns the seed of this run's random choices: the one given, else a new one. It is
/// shown when a test fails, and always in the output of a test that passes.
pub fn seed() -> u64 {
    let given = variable("WEIR_TEST_SEED").map(|text| text.parse().expect("a seed is a number"));
    let seed = given.unwrap_or_else(rand::random);
    #[expect(
        clippy::print_stdout,
        reason = "the test's own output is the only place"
    )]
    {
        println!("WEIR_TEST_SEED={seed}");
    }
    seed
}
