//! A client of weir's API, made from its document (`openapi/weir.v1.json`).
//!
//! Knows shapes, not policy: time limits, trust and the token are the `reqwest` client's that
//! it is given ([`Client::new_with_client`]). Answers are read leniently: what a server of another release lacks is `None`,
//! what it has more is ignored, words are texts. Whatever is not a success comes back as it
//! was answered ([`Error::UnexpectedResponse`]): who refuses may be a proxy.

#[rustfmt::skip]
#[expect(
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::str_to_string,
    clippy::unwrap_used,
    missing_docs,
    reason = "it is generated"
)]
mod generated;

pub use generated::{ByteStream, Client, Error, ResponseValue, types};
