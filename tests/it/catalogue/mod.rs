//! The catalogue from end to end: Conan's own client and server, and the Artifactory of the test kit.

mod accepted;
mod attested;
mod files;
mod followed;
mod killed;
mod processes;
mod several;
pub mod source;
mod webhooks;
