//! A server that answers the documented routes by script and remembers what it was asked.
//!
//! Source: the contract of package syncs; a path it does not know is a 404 of our shape.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use futures::StreamExt;
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::{Request, Response, body::Frame, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// One request, as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Method, path and query, as in a script.
    pub route: String,
    pub token: Option<String>,
    pub body: Value,
}

/// What to answer to one method and path.
#[derive(Debug, Clone)]
pub enum Answer {
    Json(u16, Value),
    Text(String),
    /// This text, and then nothing for ever.
    Endless(String),
    /// This text, and then the connection breaks.
    Broken(String),
}

type Script = HashMap<String, Vec<Answer>>;

/// The stand-in; ends with its owner's runtime.
#[derive(Debug, Clone)]
pub struct StandIn {
    pub url: String,
    script: Arc<Mutex<Script>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

type Body = BoxBody<Bytes, std::io::Error>;

impl StandIn {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let stand_in = Self {
            url,
            script: Arc::default(),
            asked: Arc::default(),
        };
        let serving = stand_in.clone();
        let tasks = tokio_util::task::TaskTracker::new();
        let connections = tasks.clone();
        tasks.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = serving.clone();
                connections.spawn(async move {
                    let service = service_fn(move |request| {
                        let serving = serving.clone();
                        async move { Ok::<_, Infallible>(serving.answer(request).await) }
                    });
                    let http = hyper::server::conn::http1::Builder::new();
                    // A connection that breaks on purpose is an error here, and meant.
                    let _ = http.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        stand_in
    }

    /// Answers `route` (`GET /path?query`) with these in turn, the last one for ever. The
    /// order of the query's parts means nothing.
    pub fn on(&self, route: &str, answers: impl IntoIterator<Item = Answer>) -> &Self {
        let answers = answers.into_iter().collect();
        lock(&self.script).insert(in_order(route), answers);
        self
    }

    /// Answers `route` with this JSON.
    pub fn json(&self, route: &str, body: Value) -> &Self {
        self.on(route, [Answer::Json(200, body)])
    }

    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.asked).clone()
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let path = request.uri().path_and_query().expect("a path").to_string();
        let route = in_order(&format!("{} {path}", request.method()));
        let asked = Asked {
            route: route.clone(),
            token: request
                .headers()
                .get("authorization")
                .map(|value| value.to_str().expect("text").to_owned()),
            body: {
                let bytes = request.into_body().collect().await.expect("a body");
                serde_json::from_slice(&bytes.to_bytes()).unwrap_or(Value::Null)
            },
        };
        lock(&self.asked).push(asked);
        let mut script = lock(&self.script);
        let answer = match script.get_mut(&route) {
            Some(answers) if answers.len() > 1 => answers.remove(0),
            Some(answers) => answers[0].clone(),
            None => Answer::Json(
                404,
                json!({"error": "[NOT_FOUND] no such thing", "reason": "no such thing"}),
            ),
        };
        response(answer)
    }
}

/// Returns a route with the parts of its query in the order of the alphabet.
pub fn in_order(route: &str) -> String {
    let Some((path, query)) = route.split_once('?') else {
        return route.to_owned();
    };
    let mut parts: Vec<_> = query.split('&').collect();
    parts.sort_unstable();
    format!("{path}?{}", parts.join("&"))
}

/// A failed test must not hide behind a poisoned lock.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn response(answer: Answer) -> Response<Body> {
    let builder = Response::builder();
    let whole = |text: String| {
        Full::new(Bytes::from(text))
            .map_err(|never| match never {})
            .boxed()
    };
    let response = match answer {
        Answer::Json(status, body) => builder
            .status(status)
            .header("content-type", "application/json")
            .body(whole(body.to_string())),
        Answer::Text(text) => builder
            .header("content-type", "text/plain")
            .body(whole(text)),
        Answer::Endless(text) => {
            let said = futures::stream::iter([Ok(Frame::data(Bytes::from(text)))]);
            let stream = said.chain(futures::stream::pending());
            builder.body(BodyExt::boxed(StreamBody::new(stream)))
        }
        Answer::Broken(text) => {
            // What was said is sent only once there is nothing more to say for a moment.
            let breaking = async {
                tokio::task::yield_now().await;
                Err(std::io::Error::other("on purpose"))
            };
            let said = futures::stream::iter([Ok(Frame::data(Bytes::from(text)))]);
            let stream = said.chain(futures::stream::once(breaking));
            builder.body(BodyExt::boxed(StreamBody::new(stream)))
        }
    };
    response.expect("a fitting answer")
}
