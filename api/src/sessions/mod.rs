//! Sessions: who is signed in to the site, by the cookie of their browser.
//!
//! The cookie holds a random text, the database its digest, and no process a copy: an ended
//! session ends everywhere at once. A browser sends its cookies whoever wrote the page that
//! makes it ask, so whatever changes something must also show what only our own pages can
//! read: [`csrf`] of the cookie, as a field of a form or in `x-csrf-token`. Signing in always
//! makes a new session; what a browser brought is never adopted.

mod begin;
mod cookie;
mod end;
mod find;
mod opaque;

pub(crate) use self::{
    begin::{Way, begin},
    cookie::Cookie,
    end::{end, end_other},
    find::find,
    opaque::{Opaque, csrf, is_same},
};

/// Where scripts show that they are ours.
pub(crate) const CSRF_HEADER: &str = "x-csrf-token";

/// Longest name of a browser or program that is kept, in characters.
const AGENT_CHARS: usize = 300;

/// Returns what whoever asks calls their browser or program, made harmless.
pub(crate) fn user_agent(headers: &http::HeaderMap) -> String {
    let value = headers.get(http::header::USER_AGENT);
    let text = value.map(|value| String::from_utf8_lossy(value.as_bytes()));
    weir_domain::text::printable(text.as_deref().unwrap_or_default(), AGENT_CHARS)
}
