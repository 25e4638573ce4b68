//! A small HTTP/1.1 client for tests: one connection a call (or a [`Connection`] for many),
//! nothing followed, nothing hidden.
//!
//! Answers are as they came: status, headers, the bytes as encoded. Paths go out exactly as
//! written, so that odd spellings reach the server.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, bail};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::stand_in::TestCa;

/// How long a whole call may take.
const CALL_DEADLINE: Duration = Duration::from_mins(1);

/// A request under construction.
#[derive(Debug)]
pub struct Call {
    url: String,
    request: http::request::Builder,
    body: Bytes,
    ca: Option<TestCa>,
}

/// An answer with its whole body.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came, not decoded.
    pub body: Bytes,
}

/// Begins a GET.
pub fn get(url: impl Into<String>) -> Call {
    Call::new(Method::GET, url)
}

/// Begins a PUT.
pub fn put(url: impl Into<String>) -> Call {
    Call::new(Method::PUT, url)
}

impl Call {
    /// Begins a call.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            request: Request::builder().method(method),
            body: Bytes::new(),
            ca: None,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Adds a bearer token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets a JSON body and its content type.
    #[must_use]
    pub fn json(self, body: &serde_json::Value) -> Self {
        self.header("content-type", "application/json")
            .body(body.to_string())
    }

    /// Trusts this authority.
    #[must_use]
    pub fn trust(mut self, ca: &TestCa) -> Self {
        self.ca = Some(ca.clone());
        self
    }

    /// Sends it and reads the whole answer.
    pub async fn send(self) -> anyhow::Result<Reply> {
        let what = self.url.clone();
        let whole = async { whole(self.open().await?).await };
        let reply: anyhow::Result<Reply> = tokio::time::timeout(CALL_DEADLINE, whole)
            .await
            .with_context(|| format!("{what}: no whole answer in {CALL_DEADLINE:?}"))?;
        reply.with_context(|| what)
    }

    /// Sends it and returns as soon as the headers are there; the body streams.
    pub async fn open(self) -> anyhow::Result<Response<Incoming>> {
        let (scheme, rest) = self.url.split_once("://").context("a URL has a scheme")?;
        let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
        let target = Some(&rest[authority.len()..]).filter(|target| !target.is_empty());
        let target: Uri = target.unwrap_or("/").parse().context("the URL's path")?;
        let mut request = self.request.uri(target).body(Full::new(self.body))?;
        if !request.headers().contains_key("host") {
            request.headers_mut().insert("host", authority.parse()?);
        }
        let default_port = if scheme == "https" { ":443" } else { ":80" };
        let has_port = authority
            .rsplit(']')
            .next()
            .is_some_and(|tail| tail.contains(':'));
        let address = format!("{authority}{}", if has_port { "" } else { default_port });
        let stream = TcpStream::connect(&address).await.context("connecting")?;
        match (scheme, self.ca) {
            ("http", _) => exchange(stream, request).await,
            ("https", Some(ca)) => {
                let host = address.rsplit_once(':').map_or(authority, |(host, _)| host);
                let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())?;
                let stream = TlsConnector::from(trusting(&ca)?)
                    .connect(name, stream)
                    .await?;
                exchange(stream, request).await
            }
            _ => bail!("{scheme} needs an authority to trust, or is no scheme of ours"),
        }
    }
}

/// A connection that is kept, for those who ask very often.
#[derive(Debug)]
pub struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    authority: String,
}

impl Connection {
    /// Connects to `host:port`.
    pub async fn open(authority: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(authority).await.context("connecting")?;
        stream.set_nodelay(true)?;
        Ok(Self {
            sender: handshake(stream).await?,
            authority: authority.to_owned(),
        })
    }

    /// Sends a GET and reads the whole answer.
    pub async fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> anyhow::Result<Reply> {
        let mut request = Request::get(path).header("host", &self.authority);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.sender.ready().await?;
        let answer = self.sender.send_request(request.body(Full::default())?);
        whole(answer.await?).await
    }
}

async fn whole(answer: Response<Incoming>) -> anyhow::Result<Reply> {
    let (head, body) = answer.into_parts();
    let body = body.collect().await.context("reading the body")?.to_bytes();
    Ok(Reply {
        status: head.status.as_u16(),
        headers: head.headers,
        body,
    })
}

impl Reply {
    /// Returns a header's text; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Returns the body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is UTF-8")
    }

    /// Returns the body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {:?}", self.body))
    }

    /// Says whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        StatusCode::from_u16(self.status).is_ok_and(|status| status.is_success())
    }
}

fn trusting(ca: &TestCa) -> anyhow::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots.add(ca.der().clone())?;
    let config = ClientConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> anyhow::Result<Response<Incoming>>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let mut sender = handshake(stream).await?;
    sender
        .send_request(request)
        .await
        .context("sending the request")
}

async fn handshake<S>(stream: S) -> anyhow::Result<http1::SendRequest<Full<Bytes>>>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // The connection ends with its last answer; its errors show where the body is read.
    tokio_util::task::TaskTracker::new().spawn(async {
        connection.await.ok();
    });
    Ok(sender)
}
