//! How the command line reaches our own server: connections, the token, time limits, and what
//! to say when that fails. What is asked and answered is the generated client's.
//!
//! No address guard and no limiter: the server is named by the person at the terminal. The
//! errors are written for that person.

mod lines;
mod login;

use std::{path::PathBuf, time::Duration};

use bytes::Bytes;
use futures::Stream;
use http::{HeaderMap, HeaderValue, StatusCode, header::AUTHORIZATION};
use url::Url;
use weir_domain::{text::printable, token::TokenSecret};

use crate::{
    InvalidConfig,
    client::{bare, tls},
    error::root_cause,
};

pub use lines::LineStream;
pub use login::LoginStep;

/// A server on the same machine answers at once or is not there.
const CONNECT: Duration = Duration::from_secs(3);

/// Longer than any request that the server itself holds back (25 s).
const ANSWER: Duration = Duration::from_secs(40);

/// Longest refusal that is read.
const MAX_REFUSAL_BYTES: usize = 64 << 10;

/// Which server, and as whom.
#[derive(Debug, Clone)]
pub struct LocalServer {
    /// Its address, path prefix included.
    pub url: Url,
    /// Sent as a bearer token.
    pub token: Option<TokenSecret>,
    /// Sent as the one-time password of whoever has a second factor.
    pub one_time_password: Option<String>,
    /// PEM file of further trusted roots.
    pub ca_file: Option<PathBuf>,
}

/// The way to one server of ours.
#[derive(Debug, Clone)]
pub struct LocalClient {
    http: reqwest::Client,
    url: Url,
}

/// Why the server did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// No connection.
    #[error("nothing answers at {server} ({why})")]
    Unreachable {
        /// Its address.
        server: String,
        /// The innermost cause.
        why: String,
    },
    /// It took too long.
    #[error("{server} did not answer within {} s", limit.as_secs())]
    TimedOut {
        /// Its address.
        server: String,
        /// The limit.
        limit: Duration,
    },
    /// It said no.
    #[error("{server} says: {message} ({status})")]
    Refused {
        /// Its address.
        server: String,
        /// The status.
        status: u16,
        /// Its own sentence, or the status' name.
        message: String,
    },
    /// It said something that is not ours.
    #[error("{server} does not answer like weir: {why}")]
    Foreign {
        /// Its address.
        server: String,
        /// What was odd.
        why: String,
    },
    /// The answer broke off.
    #[error("{server} broke off its answer ({why})")]
    Interrupted {
        /// Its address.
        server: String,
        /// The innermost cause.
        why: String,
    },
}

/// Builds the command line's way to a server.
///
/// # Errors
/// The CA file or the token cannot be used.
pub fn local_client(server: LocalServer) -> Result<LocalClient, InvalidConfig> {
    let mut headers = HeaderMap::new();
    if let Some(token) = &server.token {
        let mut value = HeaderValue::try_from(format!("Bearer {}", token.reveal()))
            .map_err(|_| InvalidConfig::Client("the token is no token".to_owned()))?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    if let Some(code) = &server.one_time_password {
        let mut value = HeaderValue::try_from(code.as_str())
            .map_err(|_| InvalidConfig::Client("the one-time password is none".to_owned()))?;
        value.set_sensitive(true);
        headers.insert("npm-otp", value);
    }
    let http = bare(tls(server.ca_file.as_deref())?)
        .user_agent(concat!("weir/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .connect_timeout(CONNECT)
        .tcp_keepalive(Duration::from_secs(15))
        .build()
        .map_err(|error| InvalidConfig::Client(error.to_string()))?;
    let url = server.url;
    Ok(LocalClient { http, url })
}

impl LocalClient {
    /// Returns the connections, which show the token; they wait for an answer without limit.
    pub fn http(&self) -> reqwest::Client {
        self.http.clone()
    }

    /// Returns what paths are put behind.
    pub fn base(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// Waits for an answer as long as any may take.
    ///
    /// # Errors
    /// [`LocalError::TimedOut`].
    pub async fn in_time<T>(&self, answer: impl Future<Output = T>) -> Result<T, LocalError> {
        let answered = tokio::time::timeout(ANSWER, answer).await;
        answered.map_err(|_| LocalError::TimedOut {
            server: self.shown(),
            limit: ANSWER,
        })
    }

    /// Reads a text answer by lines as they come, for as long as it lasts.
    pub fn lines(
        &self,
        text: impl Stream<Item = reqwest::Result<Bytes>> + Send + 'static,
    ) -> LineStream {
        LineStream::new(text, self.shown())
    }

    /// Says that there was no answer.
    pub fn unreachable(&self, error: &reqwest::Error) -> LocalError {
        LocalError::Unreachable {
            server: self.shown(),
            why: root_cause(error),
        }
    }

    /// Says that the answer broke off.
    pub fn interrupted(&self, error: &reqwest::Error) -> LocalError {
        LocalError::Interrupted {
            server: self.shown(),
            why: root_cause(error),
        }
    }

    /// Says that the answer is none of ours.
    pub fn foreign(&self, why: &impl ToString) -> LocalError {
        LocalError::Foreign {
            server: self.shown(),
            why: printable(&why.to_string(), 200),
        }
    }

    /// Says what the server refused with.
    pub async fn refused(&self, mut answer: reqwest::Response) -> LocalError {
        let status = answer.status();
        let body = self.in_time(async {
            let mut body = Vec::new();
            while let Ok(Some(piece)) = answer.chunk().await {
                body.extend_from_slice(&piece);
                if body.len() > MAX_REFUSAL_BYTES {
                    break;
                }
            }
            body
        });
        let body = body.await.unwrap_or_default();
        LocalError::Refused {
            server: self.shown(),
            status: status.as_u16(),
            message: sentence(&body).unwrap_or_else(|| reason(status)),
        }
    }

    /// Returns the server's address without credentials.
    fn shown(&self) -> String {
        let url = &self.url;
        let port = url
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        let host = url.host_str().unwrap_or_default();
        let path = url.path().trim_end_matches('/');
        printable(&format!("{}://{host}{port}{path}", url.scheme()), 200)
    }
}

/// Returns the sentence of an error body, without its bracketed code.
fn sentence(body: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    let text = value
        .get("reason")
        .or_else(|| value.get("error"))?
        .as_str()?;
    let text = match text
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "))
    {
        Some((_, sentence)) => sentence,
        None => text,
    };
    Some(printable(text, 500))
}

fn reason(status: StatusCode) -> String {
    status
        .canonical_reason()
        .unwrap_or("no reason given")
        .to_owned()
}
