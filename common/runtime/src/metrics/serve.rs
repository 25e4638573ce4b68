//! The page on a listener of its own, for processes that serve nothing else and for networks
//! that only a scraper reaches: `/-/metrics`, and `/-/health`.
//!
//! Nobody is asked who they are here. A connection is one request, which has ten seconds.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use http_body_util::Full;
use hyper::{Method, Request, Response, StatusCode, body::Bytes, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::Metrics;
use crate::Tasks;

/// The content type of a page.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Longest time of a connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections at the same time; further ones wait.
const AT_ONCE: usize = 8;

/// Shows the page on `address`, if there is one, as long as the process lives.
///
/// # Errors
/// If the address cannot be listened on; one line that names the setting.
pub async fn listen(
    address: Option<SocketAddr>,
    metrics: &Metrics,
    tasks: &Tasks,
) -> io::Result<()> {
    let Some(address) = address else {
        return Ok(());
    };
    let listener = TcpListener::bind(address).await.map_err(|error| {
        io::Error::new(error.kind(), format!("metrics_listen = {address}: {error}"))
    })?;
    tracing::info!(address = %listener.local_addr()?, "shows figures");
    let serving = serve(listener, metrics.clone(), tasks.shutdown().token());
    tasks.spawn("metrics", serving);
    Ok(())
}

/// Answers until `shutdown`.
///
/// # Cancel safety
/// Dropping it ends the answers that are under way.
pub async fn serve(listener: TcpListener, metrics: Metrics, shutdown: CancellationToken) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let connections = TaskTracker::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let accepted = tokio::select! {
            () = shutdown.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // Out of descriptors, mostly: without a pause this would spin.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let metrics = metrics.clone();
        connections.spawn(async move {
            // Whoever is cut off can ask again.
            drop(timeout(PATIENCE, answer(stream, metrics)).await);
            drop(place);
        });
    }
}

async fn answer(stream: TcpStream, metrics: Metrics) -> Result<(), hyper::Error> {
    let service = service_fn(|request: Request<hyper::body::Incoming>| {
        let metrics = metrics.clone();
        async move {
            Ok::<_, Infallible>(respond(request.method(), request.uri().path(), &metrics).await)
        }
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.keep_alive(false);
    builder
        .serve_connection(TokioIo::new(stream), service)
        .await
}

async fn respond(method: &Method, path: &str, metrics: &Metrics) -> Response<Full<Bytes>> {
    let (status, kind, text) = match path {
        _ if *method != Method::GET => {
            (StatusCode::METHOD_NOT_ALLOWED, "text/plain", String::new())
        }
        "/-/metrics" | "/metrics" => (StatusCode::OK, CONTENT_TYPE, metrics.page().await),
        "/-/health" => (
            StatusCode::OK,
            "application/json",
            "{\"ok\":true}".to_owned(),
        ),
        _ => (StatusCode::NOT_FOUND, "text/plain", String::new()),
    };
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    let kind = hyper::header::HeaderValue::from_static(kind);
    response
        .headers_mut()
        .insert(hyper::header::CONTENT_TYPE, kind);
    response
}
