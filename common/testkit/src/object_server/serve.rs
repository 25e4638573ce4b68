//! Accepting connections, and putting the script's faults before and behind the store.

use std::{io, sync::Arc};

use http::{Request, Response, header};
use http_body_util::BodyExt;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use s3s::service::S3Service;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Asked, BUCKET, ObjectFault, Shared,
    fault::{self, Body},
    lock,
};

/// Accepts connections until the server closes.
pub(super) async fn serve(
    listener: TcpListener,
    store: S3Service,
    shared: Arc<Shared>,
    closing: CancellationToken,
) {
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = closing.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        // A client that is gone before it is accepted is no concern of the test.
        let Ok((stream, _)) = accepted else { continue };
        let (store, shared, closing) = (store.clone(), shared.clone(), closing.clone());
        connections.spawn(async move {
            tokio::select! {
                () = closing.cancelled() => {}
                () = connection(stream, store, shared) => {}
            }
        });
    }
}

async fn connection(stream: TcpStream, store: S3Service, shared: Arc<Shared>) {
    stream.set_nodelay(true).ok();
    let service = service_fn(|request| {
        let (store, shared) = (store.clone(), Arc::clone(&shared));
        async move {
            let busy = Busy::enter(&shared);
            let answer = respond(request, &store, &shared).await;
            drop(busy);
            answer
        }
    });
    let server = auto::Builder::new(TokioExecutor::new());
    // Errors here are the script's own cuts, or clients that went away.
    server
        .serve_connection(TokioIo::new(stream), service)
        .await
        .ok();
}

/// Answers one request; an error cuts the connection.
async fn respond(
    request: Request<Incoming>,
    store: &S3Service,
    shared: &Shared,
) -> io::Result<Response<Body>> {
    let fault = shared.enter(asked(&request));
    let (head, mut body) = request.into_parts();
    match &fault {
        Some(ObjectFault::Hang) => std::future::pending().await,
        Some(ObjectFault::CutRequest(bytes)) => {
            take(&mut body, *bytes).await;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Some(ObjectFault::Forgetful) => {
            let path = head.uri.path().trim_start_matches('/');
            if let Some(key) = path.strip_prefix(BUCKET) {
                // It may not be there.
                std::fs::remove_file(shared.root.join(key.trim_start_matches('/'))).ok();
            }
        }
        _ => {}
    }
    if let Some(refusal) = fault.as_ref().and_then(ObjectFault::refusal) {
        // An unread body would end the connection after the answer.
        take(&mut body, usize::MAX).await;
        return Ok(refusal);
    }
    let request = Request::from_parts(head, s3s::Body::from(body));
    let answer = store.call(request).await.map_err(io::Error::other)?;
    let (head, body) = answer.into_parts();
    let body = match fault {
        Some(ObjectFault::NoAnswer) => return Err(io::ErrorKind::ConnectionReset.into()),
        Some(fault) => fault.spoil(body).await,
        None => fault::whole(body),
    };
    Ok(Response::from_parts(head, body))
}

fn asked(request: &Request<Incoming>) -> Asked {
    let target = request.uri().path_and_query();
    let range = request.headers().get(header::RANGE);
    Asked {
        method: request.method().to_string(),
        target: target.map(ToString::to_string).unwrap_or_default(),
        range: range
            .and_then(|range| range.to_str().ok())
            .unwrap_or_default()
            .to_owned(),
        creates: request.headers().contains_key(header::IF_NONE_MATCH),
    }
}

/// Reads at least so many bytes of a body, or all there are.
async fn take(body: &mut Incoming, bytes: usize) {
    let mut taken = 0;
    while taken < bytes {
        let Some(Ok(frame)) = body.frame().await else {
            return;
        };
        taken += frame.data_ref().map_or(0, bytes::Bytes::len);
    }
}

/// Counts a request while it is under way.
struct Busy<'s>(&'s Shared);

impl<'s> Busy<'s> {
    fn enter(shared: &'s Shared) -> Self {
        let mut busy = lock(&shared.busy);
        busy.now += 1;
        busy.most = busy.most.max(busy.now);
        Self(shared)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        lock(&self.0.busy).now -= 1;
    }
}
