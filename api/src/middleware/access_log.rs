//! One line for each request.
//!
//! Successful reads are `debug`: a busy mirror answers tens of thousands a second. Writes
//! and refusals are `info`, failures of ours `warn` (their cause is logged on its own). Never
//! the query: it may hold a ticket; nor what follows where a path may hold a token.

use std::{
    net::{IpAddr, SocketAddr},
    time::Instant,
};

use http::{Method, StatusCode};
use tracing::Level;
use weir_domain::text::printable;

use super::request_id::RequestId;

/// Longest path in a line, in characters.
const MAX_PATH_CHARS: usize = 300;

/// What a line says about the request.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) peer: SocketAddr,
    pub(crate) client: IpAddr,
    pub(crate) request_id: &'a RequestId,
    pub(crate) began: Instant,
}

impl Asked<'_> {
    /// Writes the line; `status` is how it ended.
    pub(crate) fn answered(&self, status: StatusCode) {
        let is_read = matches!(*self.method, Method::GET | Method::HEAD);
        if status.is_server_error() {
            self.write::<WARN>(status);
        } else if is_read && !status.is_client_error() {
            if tracing::enabled!(target: "weir_api::access", Level::DEBUG) {
                self.write::<DEBUG>(status);
            }
        } else {
            self.write::<INFO>(status);
        }
    }

    fn write<const LEVEL: u8>(&self, status: StatusCode) {
        macro_rules! line {
            ($level:expr) => {
                tracing::event!(
                    target: "weir_api::access",
                    $level,
                    method = %self.method,
                    path = printable(without_secret(self.path), MAX_PATH_CHARS),
                    status = status.as_u16(),
                    ms = self.began.elapsed().as_millis(),
                    peer = %self.peer,
                    client = %self.client,
                    request_id = self.request_id.as_str(),
                    "answered"
                )
            };
        }
        match LEVEL {
            DEBUG => line!(Level::DEBUG),
            INFO => line!(Level::INFO),
            _ => line!(Level::WARN),
        }
    }
}

/// Where paths go on with what may be the text of a token.
const BEFORE_SECRETS: [&str; 2] = ["/-/npm/v1/tokens/token/", "/-/user/token/"];

/// Returns a path as far as it holds no secret; it may begin with a public prefix.
fn without_secret(path: &str) -> &str {
    let end = |start: &&str| path.find(*start).map(|at| at + start.len());
    let ends = BEFORE_SECRETS.iter().filter_map(end);
    ends.min().map_or(path, |end| &path[..end])
}

const DEBUG: u8 = 0;
const INFO: u8 = 1;
const WARN: u8 = 2;

#[cfg(test)]
mod tests {
    use super::without_secret;

    #[test]
    fn no_line_has_a_token() {
        for (path, shown) in [
            ("/-/npm/v1/tokens/token/npm_abc", "/-/npm/v1/tokens/token/"),
            (
                "/npm/-/npm/v1/tokens/token/npm_abc",
                "/npm/-/npm/v1/tokens/token/",
            ),
            ("/-/user/token/npm_abc", "/-/user/token/"),
            ("/-/npm/v1/tokens", "/-/npm/v1/tokens"),
            ("/a", "/a"),
        ] {
            assert_eq!(without_secret(path), shown);
        }
    }
}
