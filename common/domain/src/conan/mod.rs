//! What Conan's files and versions say, read without running anything of Conan's.
//!
//! Pure functions over text that anybody may have written: whatever it is, the answer is a value
//! or an error, never a panic.
//!
//! Protocol: Conan 2.

mod data;
mod info;
mod manifest;
mod order;
mod recipe;
mod requirement;

pub use data::{Sources, read_sources};
pub use info::info_requirements;
pub use manifest::{InvalidManifest, Manifest, SOURCES_FOLDER, package_id};
pub use order::{compare_versions, is_prerelease};
pub use recipe::{Recipe, read_recipe};
pub use requirement::parse_requirement;
