//! What Conan's files and versions say, read without running anything of Conan's.
//!
//! Pure functions over text that anybody may have written: whatever it is, the answer is a value
//! or an error, never a panic.
//!
//! Protocol: Conan 2.

mod order;

pub use order::{compare_versions, is_prerelease};
