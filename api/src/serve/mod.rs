//! The accept loop: from a listening socket to requests.
//!
//! poem's own server knows no header timeout, no HTTP/1 timer, no connection cap and no
//! `TCP_NODELAY`, so this module owns the sockets and hands each request to a function.
//! Time limits live in [`socket`], the caps in [`Seats`]; nothing here knows a route.
//!
//! When the shutdown token is cancelled those who have just connected are answered once, no
//! further connection is accepted, idle ones are closed, busy ones end with their request, and
//! after [`Limits::drain`] the rest is cut.

mod outgoing;
mod socket;
mod wires;

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    outgoing::Counted,
    socket::{InFlight, WatchedSocket},
    wires::OneMore,
};
pub(crate) use self::{outgoing::Outgoing, wires::Wires};
use crate::limits::{Seats, network};

/// How long a connection that has asked for nothing yet may still do so when serving ends.
const LAST_CALL: Duration = Duration::from_millis(500);
/// Most connections that wait to be accepted when serving ends: the listener's own bound.
const MAX_WAITING: usize = 1_024;

/// What one process grants to its connections.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Longest time from the first byte of a request's head to its last.
    pub header_read: Duration,
    /// Longest silence between two requests; longer than any client reuses a connection.
    pub keep_alive: Duration,
    /// Longest time a client may leave sent bytes unread.
    pub write_stall: Duration,
    /// Largest head of a request, in bytes.
    pub header_bytes: usize,
    /// Most connections of the process.
    pub connections: usize,
    /// Most connections of one address that is no proxy's.
    pub connections_per_address: usize,
    /// Longest time busy connections are waited for at shutdown.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_read: Duration::from_secs(10),
            keep_alive: Duration::from_secs(75),
            write_stall: Duration::from_secs(120),
            header_bytes: 32 * 1024,
            connections: 10_000,
            connections_per_address: 4_096,
            drain: Duration::from_secs(20),
        }
    }
}

/// The two ends of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends {
    /// Our side.
    pub(crate) local: SocketAddr,
    /// The client's side, as the socket says.
    pub(crate) peer: SocketAddr,
}

/// Something that answers requests.
pub(crate) trait Answer: Send + Sync + 'static {
    /// Answers one request; never fails, never panics.
    fn answer(
        &self,
        request: Request<Incoming>,
        ends: Ends,
    ) -> impl Future<Output = Response<Outgoing>> + Send;
}

/// Serves until `shutdown` is cancelled and the last connection is gone or cut.
///
/// # Errors
/// Only if the listener does not know its own address.
pub(crate) async fn serve(
    listener: TcpListener,
    answer: Arc<impl Answer>,
    (limits, proxies, wires): (Limits, Vec<IpNet>, Arc<Wires>),
    shutdown: CancellationToken,
) -> std::io::Result<()> {
    let local = listener.local_addr()?;
    let connections = TaskTracker::new();
    let cut = CancellationToken::new();
    let seats = Seats::new(limits.connections, limits.connections_per_address);
    let server = Arc::new(Server {
        builder: builder(&limits),
        limits,
        wires: Arc::clone(&wires),
        answer,
        shutdown: shutdown.clone(),
        cut: cut.clone(),
    });
    let take = |stream: TcpStream, peer: SocketAddr| {
        let address = peer.ip().to_canonical();
        // A proxy has everybody's connections.
        let is_proxy = proxies.iter().any(|proxy| proxy.contains(&address));
        let Ok(seat) = seats.take((!is_proxy).then(|| network(address))) else {
            wires::add(&wires.refused, 1);
            return tracing::debug!(%peer, "a connection over the cap was closed");
        };
        let open = OneMore::of(Open(Arc::clone(&wires)));
        let server = Arc::clone(&server);
        connections.spawn(async move {
            server.connection(stream, Ends { local, peer }).await;
            drop((seat, open));
        });
    };
    loop {
        let accepted = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => take(stream, peer),
            Err(error) => {
                // Out of descriptors, mostly: without a pause this would spin.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    for (stream, peer) in waiting(listener) {
        take(stream, peer);
    }
    connections.close();
    if tokio::time::timeout(server.limits.drain, connections.wait())
        .await
        .is_err()
    {
        tracing::warn!(left = connections.len(), "connections were cut at shutdown");
        cut.cancel();
        connections.wait().await;
    }
    Ok(())
}

/// Stops listening; returns those whom the system has connected already.
fn waiting(listener: TcpListener) -> Vec<(TcpStream, SocketAddr)> {
    let Ok(listener) = listener.into_std() else {
        return Vec::new();
    };
    let next = || {
        let (stream, peer) = listener.accept().ok()?;
        stream.set_nonblocking(true).ok()?;
        Some((TcpStream::from_std(stream).ok()?, peer))
    };
    std::iter::from_fn(next).take(MAX_WAITING).collect()
}

fn builder(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // hyper's own header timeout also runs while a connection idles, which would cut
    // keep-alive short; the socket keeps both times. `pipeline_flush` stays off: it would
    // copy every body once more.
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(limits.header_bytes.max(8 * 1024))
        .half_close(false);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(200)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX));
    builder
}

/// The count of open connections.
struct Open(Arc<Wires>);

impl AsRef<AtomicU64> for Open {
    fn as_ref(&self) -> &AtomicU64 {
        &self.0.open
    }
}

struct Server<A> {
    builder: auto::Builder<TokioExecutor>,
    limits: Limits,
    wires: Arc<Wires>,
    answer: Arc<A>,
    shutdown: CancellationToken,
    cut: CancellationToken,
}

impl<A: Answer> Server<A> {
    async fn connection(&self, stream: TcpStream, ends: Ends) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, peer = %ends.peer, "TCP_NODELAY was refused");
        }
        let socket = WatchedSocket::new(stream, &self.limits, Arc::clone(&self.wires));
        let in_flight = socket.in_flight();
        let service = service_fn(|request| {
            let answer = Arc::clone(&self.answer);
            let ticket = in_flight.begin();
            async move {
                let response = answer.answer(request, ends).await;
                Ok::<_, Infallible>(response.map(|body| Counted::new(body, ticket)))
            }
        });
        let connection = self.builder.serve_connection(TokioIo::new(socket), service);
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.last_call(&in_flight) => {
                connection.as_mut().graceful_shutdown();
                tokio::select! {
                    ended = connection.as_mut() => ended,
                    () = self.cut.cancelled() => Ok(()),
                }
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, peer = %ends.peer, "a connection ended early");
        }
    }

    /// Waits for the end of serving, and a moment longer if nothing was asked for yet: the
    /// request is on its way, and hyper would cut it.
    async fn last_call(&self, in_flight: &InFlight) {
        self.shutdown.cancelled().await;
        if in_flight.begun() == 0 {
            tokio::select! {
                () = tokio::time::sleep(LAST_CALL) => {}
                () = self.cut.cancelled() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
