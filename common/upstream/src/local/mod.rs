//! The command line's client of our own server: JSON in and out, and a log to follow.
//!
//! No address guard and no limiter: the server is named by the person at the terminal. The
//! errors are written for that person.

mod lines;

use std::{path::PathBuf, time::Duration};

use http::{Method, StatusCode, header::ACCEPT};
use serde::{Serialize, de::DeserializeOwned};
use url::Url;
use weir_domain::{text::printable, token::TokenSecret};

use crate::{
    InvalidConfig,
    client::{bare, tls},
    error::root_cause,
};

pub use lines::LineStream;

/// A server on the same machine answers at once or is not there.
const CONNECT: Duration = Duration::from_secs(3);

/// Longer than any request that the server itself holds back (25 s).
const ANSWER: Duration = Duration::from_secs(40);

/// Largest JSON answer that is read.
const MAX_JSON_BYTES: usize = 64 << 20;

/// Which server, and as whom.
#[derive(Debug, Clone)]
pub struct LocalServer {
    /// Its address, path prefix included.
    pub url: Url,
    /// Sent as a bearer token.
    pub token: Option<TokenSecret>,
    /// PEM file of further trusted roots.
    pub ca_file: Option<PathBuf>,
}

/// A plain client of one server of ours.
#[derive(Debug, Clone)]
pub struct LocalClient {
    http: reqwest::Client,
    server: LocalServer,
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

/// Builds the command line's client.
///
/// # Errors
/// The CA file cannot be used.
pub fn local_client(server: LocalServer) -> Result<LocalClient, InvalidConfig> {
    let http = bare(tls(server.ca_file.as_deref())?)
        .user_agent(concat!("weir/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .tcp_keepalive(Duration::from_secs(15))
        .build()
        .map_err(|error| InvalidConfig::Client(error.to_string()))?;
    Ok(LocalClient { http, server })
}

impl LocalClient {
    /// Gets JSON; `path` begins with a slash and may have a query.
    ///
    /// # Errors
    /// [`LocalError`].
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, LocalError> {
        self.json(Method::GET, path, None::<&()>).await
    }

    /// Puts JSON and reads JSON.
    ///
    /// # Errors
    /// [`LocalError`].
    pub async fn put<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, LocalError> {
        self.json(Method::PUT, path, Some(body)).await
    }

    /// Posts JSON and reads JSON.
    ///
    /// # Errors
    /// [`LocalError`].
    pub async fn post<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, LocalError> {
        self.json(Method::POST, path, Some(body)).await
    }

    /// Deletes and reads JSON.
    ///
    /// # Errors
    /// [`LocalError`].
    pub async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, LocalError> {
        self.json(Method::DELETE, path, None::<&()>).await
    }

    /// Opens a text answer to be read by lines as they come, for as long as it lasts.
    ///
    /// # Errors
    /// [`LocalError`]; reading a line has errors of its own.
    pub async fn lines(&self, path: &str) -> Result<LineStream, LocalError> {
        let request = self.request::<()>(Method::GET, path, None);
        let response = self.send(request.header(ACCEPT, "text/plain")).await?;
        let response = self.accept(response).await?;
        Ok(LineStream::new(response, self.shown()))
    }

    async fn json<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<T, LocalError> {
        let request = self.request(method, path, body);
        let response = self
            .send(request.header(ACCEPT, "application/json"))
            .await?;
        let response = self.accept(response).await?;
        let bytes = self.bytes(response).await?;
        serde_json::from_slice(&bytes).map_err(|error| LocalError::Foreign {
            server: self.shown(),
            why: error.to_string(),
        })
    }

    fn request<B: Serialize>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.server.url.as_str().trim_end_matches('/'));
        let mut request = self.http.request(method, url);
        if let Some(token) = &self.server.token {
            request = request.bearer_auth(token.reveal());
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        request
    }

    async fn send(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<reqwest::Response, LocalError> {
        match tokio::time::timeout(ANSWER, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(LocalError::Unreachable {
                server: self.shown(),
                why: root_cause(&error),
            }),
            Err(_) => Err(LocalError::TimedOut {
                server: self.shown(),
                limit: ANSWER,
            }),
        }
    }

    async fn accept(&self, response: reqwest::Response) -> Result<reqwest::Response, LocalError> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = self.bytes(response).await.unwrap_or_default();
        Err(LocalError::Refused {
            server: self.shown(),
            status: status.as_u16(),
            message: sentence(&body).unwrap_or_else(|| reason(status)),
        })
    }

    async fn bytes(&self, mut response: reqwest::Response) -> Result<Vec<u8>, LocalError> {
        let mut all = Vec::new();
        loop {
            let piece = tokio::time::timeout(ANSWER, response.chunk()).await;
            match piece {
                Ok(Ok(None)) => return Ok(all),
                Ok(Ok(Some(piece))) if all.len() + piece.len() <= MAX_JSON_BYTES => {
                    all.extend_from_slice(&piece);
                }
                Ok(Ok(Some(_))) => {
                    return Err(LocalError::Foreign {
                        server: self.shown(),
                        why: "its answer has no end".to_owned(),
                    });
                }
                Ok(Err(error)) => {
                    return Err(LocalError::Interrupted {
                        server: self.shown(),
                        why: root_cause(&error),
                    });
                }
                Err(_) => {
                    return Err(LocalError::TimedOut {
                        server: self.shown(),
                        limit: ANSWER,
                    });
                }
            }
        }
    }

    /// Returns the server's address without credentials.
    fn shown(&self) -> String {
        let url = &self.server.url;
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
