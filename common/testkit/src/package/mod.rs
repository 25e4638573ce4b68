//! Packages made of nothing: described by a builder, rendered on demand.
//!
//! A [`PackageSpec`] is plain data. Tarballs are packed the first time somebody needs their
//! digest and kept; two equal descriptions give equal bytes on every machine.

mod document;
mod fields;
mod spec;
mod tarball;
mod version;

pub(crate) use document::{Issue, abbreviate};
pub use fields::Fields;
pub use spec::PackageSpec;
pub use tarball::Tarball;
pub use version::VersionSpec;
