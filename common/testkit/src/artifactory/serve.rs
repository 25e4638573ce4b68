//! Connections, and which part of the server a request is for.

use std::{io, sync::Arc};

use http::{Method, Request, Response};
use http_body_util::BodyExt;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

use super::{
    ArtifactoryFault, Asked, Shared,
    answer::Answer,
    aql,
    call::Call,
    conan, files, npm,
    shelf::Shelf,
    storage,
    wire::{self, Body},
};

/// What every answer says of its server. Source: the headers that clients recognise it by.
const SIGNATURE: [(&str, &str); 3] = [
    ("x-jfrog-version", "Artifactory/7.98.9 79809900"),
    (
        "x-artifactory-id",
        "3a7e1f0c2b9d4e58:-1c2d3e4f:18a0b1c2d3e:-8000",
    ),
    ("x-artifactory-node-id", "artifactory-0"),
];

/// Accepts connections until the server closes.
pub(super) async fn serve(
    listener: TcpListener,
    shared: Arc<Shared>,
    tls: Option<TlsAcceptor>,
    tasks: TaskTracker,
) {
    loop {
        let accepted = tokio::select! {
            () = shared.closing.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        // A client that is gone before it is accepted is no concern of the test.
        let Ok((stream, _)) = accepted else { continue };
        let (shared, tls) = (shared.clone(), tls.clone());
        tasks.spawn(async move {
            let closing = shared.closing.clone();
            tokio::select! {
                () = closing.cancelled() => {}
                () = connection(stream, shared, tls) => {}
            }
        });
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>, tls: Option<TlsAcceptor>) {
    stream.set_nodelay(true).ok();
    match tls {
        None => requests(stream, shared).await,
        Some(tls) => {
            // A client that refuses the certificate shows in its own error.
            if let Ok(stream) = tls.accept(stream).await {
                requests(stream, shared).await;
            }
        }
    }
}

async fn requests(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    shared: Arc<Shared>,
) {
    let service = service_fn(|request| respond(request, shared.clone()));
    let server = auto::Builder::new(TokioExecutor::new());
    let connection = server.serve_connection(TokioIo::new(stream), service);
    // Errors here are the script's own cuts, or clients that went away.
    connection.await.ok();
}

/// Answers one request; an error cuts the connection.
async fn respond(request: Request<Incoming>, shared: Arc<Shared>) -> io::Result<Response<Body>> {
    let (head, body) = request.into_parts();
    // An unread body would end the connection after the answer.
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let target = head
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    // Nothing of it is outside its context path.
    let inside = target.strip_prefix(&shared.context);
    let inside = inside.filter(|rest| rest.starts_with('/'));
    let target = inside.unwrap_or(target);
    let what = format!("{} {target}", head.method);
    shared.enter(Asked {
        what: what.clone(),
        headers: head.headers.clone(),
        body: body.clone(),
        is_unexpected: false,
    });
    for gate in shared.script.gates(&what) {
        gate.pass().await;
    }
    let fault = shared.script.take(&what);
    match fault {
        ArtifactoryFault::Dropped => return Err(io::ErrorKind::ConnectionReset.into()),
        ArtifactoryFault::Hang => std::future::pending().await,
        _ => {}
    }
    let mut answer = if let Some(answer) = wire::instead(&fault, target) {
        answer
    } else {
        let path = target.split('?').next().unwrap_or_default();
        let call = Call::read(&head, path, body, &shared.url());
        let answer = inside.and_then(|_| right(&shared, &call));
        answer.unwrap_or_else(|| {
            shared.unexpected(&what);
            Answer::not_found()
        })
    };
    let signature = SIGNATURE.map(|(name, value)| (name.to_owned(), value.to_owned()));
    answer.headers.extend(signature);
    Ok(wire::response(answer, &fault))
}

/// Returns the right answer; nothing if there is no such place.
fn right(shared: &Shared, call: &Call) -> Option<Answer> {
    let mut shelf = shared.shelf();
    let words: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    // It answers to everybody: that says nothing about credentials.
    if words[..] == ["api", "system", "ping"] && call.is_read() {
        return Some(Answer::text("OK"));
    }
    let asker = match shelf.asker(&call.headers) {
        Ok(asker) => asker,
        Err(refusal) => return Some(refusal),
    };
    Some(match words[..] {
        ["api", "system", "version"] if call.is_read() => version(&shelf),
        ["api", "repositories"] if call.is_read() => storage::repositories(&shelf, call, &asker),
        ["api", "storage", ..] if call.is_read() => {
            storage::answer(&shelf, &call.segments[2..], call, &asker)
        }
        ["api", "search", "aql"] if call.method == Method::POST => {
            aql::answer(&shelf, call, &asker)
        }
        ["api", "conan", key, ..] => {
            return conan::answer(&mut shelf, key, &call.segments[3..], call, &asker);
        }
        ["api", "npm", key, ref rest @ ..] if call.is_read() => {
            return npm::answer(&shelf, key, rest, call, &asker);
        }
        ["api", ..] => return None,
        [key, _, ..] if shelf.repositories.contains_key(key) => {
            return direct(&mut shelf, key, &call.segments[1..].join("/"), call, &asker);
        }
        _ => return None,
    })
}

fn version(shelf: &Shelf) -> Answer {
    let addons: &[&str] = if shelf.is_open_source {
        &[]
    } else {
        &["aql", "properties", "smart-repo", "webhooks"]
    };
    Answer::json(&serde_json::json!({
        "version": "7.98.9", "revision": "79809900", "addons": addons,
        "license": if shelf.is_open_source { "OSS" } else { "Enterprise" },
    }))
}

/// A file by its path in its repository. Source: Retrieve, Deploy and Delete Artifact.
fn direct(
    shelf: &mut Shelf,
    key: &str,
    path: &str,
    call: &Call,
    asker: &super::access::Asker,
) -> Option<Answer> {
    if call.is_read() {
        if let Err(refusal) = shelf.check_read(asker) {
            return Some(refusal);
        }
        if shelf.oddities.shows_nothing {
            return Some(Answer::error(403, "Forbidden"));
        }
        let item = shelf.repositories.get_mut(key)?.items.get_mut(path);
        let Some(item) = item else {
            return Some(Answer::error(404, "File not found."));
        };
        item.downloads += u64::from(call.method == Method::GET);
        let name = path.rsplit('/').next().unwrap_or(path);
        return Some(files::serve(item, name, &call.headers));
    }
    let is_put = match call.method.as_str() {
        "PUT" => true,
        "DELETE" => false,
        _ => return None,
    };
    if is_put {
        let put = conan::put(shelf, key, path, call, asker);
        let is_done = put.status == 201;
        return Some(if is_done {
            storage::created(shelf, key, path, call)
        } else {
            put
        });
    }
    if let Err(refusal) = shelf.check_write(asker) {
        return Some(refusal);
    }
    Some(match shelf.remove(key, path) {
        0 => Answer::error(404, &format!("Could not locate artifact '{key}:{path}'.")),
        _ => Answer::empty(204),
    })
}
