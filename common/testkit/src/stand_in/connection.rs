//! Accepting connections and answering the requests that come over them.

use std::{io, sync::Arc};

use http::{Request, Response};
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
    Fault, Shared, Wanted,
    answer::answer,
    ledger::Line,
    wire::{self, Body},
};

/// Accepts connections until the stand-in closes.
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
            let aborting = shared.aborting.clone();
            tokio::select! {
                () = aborting.cancelled() => {}
                () = connection(stream, shared, tls) => {}
            }
        });
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>, tls: Option<TlsAcceptor>) {
    // Small answers must not wait for a full segment; if it cannot be set they do wait.
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
    let closing = shared.closing.clone();
    let service = service_fn(|request| respond(request, shared.clone()));
    let server = auto::Builder::new(TokioExecutor::new());
    let connection = server.serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // Errors here are the script's own cuts, or clients that went away.
        _ = connection.as_mut() => return,
        () = closing.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    connection.await.ok();
}

/// Answers one request; an error cuts the connection.
async fn respond(request: Request<Incoming>, shared: Arc<Shared>) -> io::Result<Response<Body>> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let wanted = match path.strip_prefix(shared.prefix.as_str()) {
        Some(path) => Wanted::read(&head.method, path),
        None => Wanted::Unknown,
    };
    let line = shared.ledger.enter(&head, &wanted);
    // An unread body would end the connection after the answer.
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    if wanted == Wanted::Audit {
        let audited = serde_json::from_slice(&body).unwrap_or_default();
        shared.audited.lock().expect("no panic").push(audited);
    }

    if !shared.latency.is_zero() {
        tokio::time::sleep(shared.latency).await;
    }
    for gate in shared.script.gates(&wanted) {
        gate.pass().await;
    }
    let fault = shared.script.take(&wanted);
    match fault {
        Fault::Dropped => return Err(io::ErrorKind::ConnectionReset.into()),
        Fault::Hang => std::future::pending().await,
        _ => {}
    }
    let work = {
        let (shared, line, fault) = (shared.clone(), line.clone(), fault.clone());
        move || answer(&shared, &wanted, &head.headers, &fault, &line)
    };
    let answer = tokio::task::spawn_blocking(work)
        .await
        .map_err(|failure| fail(failure, &line))?;
    Ok(wire::response(answer, &fault, line))
}

/// A panic in the stand-in must not look like a scripted cut.
fn fail(failure: tokio::task::JoinError, line: &Line) -> io::Error {
    line.unexpected();
    io::Error::other(failure)
}
