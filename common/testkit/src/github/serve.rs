//! Connections of the stand-in GitHub.

use std::{collections::BTreeMap, io, sync::Arc};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;

use super::{Asked, GithubFault, Shared, answer::Answer};

pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>, tasks: TaskTracker) {
    loop {
        let accepted = tokio::select! {
            () = shared.closing.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        // A client that is gone before it is accepted is no concern of the test.
        let Ok((stream, _)) = accepted else { continue };
        let shared = shared.clone();
        tasks.spawn(async move {
            let closing = shared.closing.clone();
            tokio::select! {
                () = closing.cancelled() => {}
                () = connection(stream, shared) => {}
            }
        });
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(|request| respond(request, shared.clone()));
    let server = auto::Builder::new(TokioExecutor::new());
    let connection = server.serve_connection(TokioIo::new(stream), service);
    // Errors here are the script's own cuts, or clients that went away.
    connection.await.ok();
}

/// Answers one request; an error cuts the connection.
async fn respond(
    request: Request<Incoming>,
    shared: Arc<Shared>,
) -> io::Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let path = head.uri.path();
    let path = path.strip_prefix(&shared.prefix).unwrap_or("");
    let query = head.uri.query().unwrap_or_default().as_bytes();
    let pairs = |text| url::form_urlencoded::parse(text).into_owned();
    let fields: BTreeMap<String, String> = pairs(query).chain(pairs(&body)).collect();
    let asked = Asked {
        what: format!("{} {path}", head.method),
        fields,
        headers: head.headers.clone(),
    };
    let accept = head.headers.get("accept");
    let mut accepts_json = accept.is_some_and(|value| value.as_bytes() == b"application/json");
    let fault = {
        let mut state = shared.state();
        state.asked.push(asked.clone());
        let faults = state.faults.get_mut(&asked.what);
        faults.and_then(std::collections::VecDeque::pop_front)
    };
    let answer = match fault {
        Some(GithubFault::Dropped) => return Err(io::ErrorKind::ConnectionReset.into()),
        Some(GithubFault::Hang) => std::future::pending().await,
        Some(GithubFault::Error(word)) => Answer::error(word),
        Some(GithubFault::Json(text)) => Answer::text(text),
        Some(GithubFault::Status(status, headers)) => Answer::status(status).with_headers(headers),
        Some(GithubFault::Form) => {
            accepts_json = false;
            right(&shared, &asked)
        }
        None => right(&shared, &asked),
    };
    Ok(answer.into_response(accepts_json))
}

fn right(shared: &Shared, asked: &Asked) -> Answer {
    let mut state = shared.state();
    match asked.what.as_str() {
        "GET /login/oauth/authorize" => state.authorize(asked),
        "POST /login/oauth/access_token" => state.access_token(asked),
        "POST /login/device/code" => state.device_code(asked),
        other => match other.strip_prefix("GET /api/v3") {
            Some(path) => state.api(path, asked),
            None => Answer::status(404),
        },
    }
}
