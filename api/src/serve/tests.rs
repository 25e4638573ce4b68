//! The accept loop over real sockets, with limits short enough to wait for.

use std::{future::Future, sync::Arc, time::Duration};

use bytes::Bytes;
use hyper::{Request, Response, body::Incoming};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinHandle,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{Answer, Ends, Limits, Outgoing, serve};

const PATIENCE: Duration = Duration::from_secs(10);

/// Answers `/slow` only when a permit is given, anything else at once.
struct Door(Arc<Semaphore>);

impl Answer for Door {
    fn answer(
        &self,
        request: Request<Incoming>,
        _ends: Ends,
    ) -> impl Future<Output = Response<Outgoing>> + Send {
        let gate = Arc::clone(&self.0);
        async move {
            if request.uri().path() == "/slow" {
                gate.acquire().await.expect("never closed").forget();
            }
            Response::new(Outgoing::from(Bytes::from_static(b"ok")))
        }
    }
}

struct Running {
    address: std::net::SocketAddr,
    gate: Arc<Semaphore>,
    shutdown: CancellationToken,
    ended: JoinHandle<std::io::Result<()>>,
}

async fn start(limits: Limits) -> Running {
    start_behind(Vec::new(), limits).await
}

async fn start_behind(proxies: Vec<ipnet::IpNet>, limits: Limits) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let gate = Arc::new(Semaphore::new(0));
    let shutdown = CancellationToken::new();
    let door = Arc::new(Door(Arc::clone(&gate)));
    #[expect(
        clippy::disallowed_methods,
        reason = "a test has no process to belong to"
    )]
    let ended = tokio::spawn(serve(
        listener,
        door,
        (limits, proxies, Arc::default()),
        shutdown.clone(),
    ));
    Running {
        address,
        gate,
        shutdown,
        ended,
    }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("listening")
    }
}

async fn get(stream: &mut TcpStream, path: &str) -> String {
    let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("open");
    read_answer(stream).await
}

async fn read_answer(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    while !text.ends_with(b"ok") {
        let mut piece = [0; 512];
        let count = timeout(PATIENCE, stream.read(&mut piece))
            .await
            .expect("in time");
        let count = count.expect("readable");
        assert!(
            count > 0,
            "closed after {:?}",
            String::from_utf8_lossy(&text)
        );
        text.extend_from_slice(&piece[..count]);
    }
    String::from_utf8(text).expect("text")
}

/// Returns how long it took until the server closed the connection.
async fn closed_after(stream: &mut TcpStream) -> Duration {
    let start = Instant::now();
    let mut rest = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut rest))
        .await
        .expect("closed in time");
    start.elapsed()
}

fn quick() -> Limits {
    Limits {
        header_read: Duration::from_millis(150),
        keep_alive: Duration::from_millis(900),
        ..Limits::default()
    }
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_although_bytes_trickle() {
    let server = start(quick()).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\n").await.expect("open");
    let (mut reading, mut writing) = stream.split();
    let trickle = async {
        let mut beat = tokio::time::interval(Duration::from_millis(20));
        loop {
            beat.tick().await;
            if writing.write_all(b"a: b\r\n").await.is_err() {
                break;
            }
        }
    };
    let mut rest = Vec::new();
    tokio::select! {
        () = trickle => {}
        ended = timeout(PATIENCE, reading.read_to_end(&mut rest)) => { let _ = ended.expect("cut in time"); }
    }
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_cut_after_the_header_time() {
    let server = start(quick()).await;
    let mut stream = server.connect().await;
    let took = closed_after(&mut stream).await;
    assert!(took < Duration::from_millis(800), "{took:?}");
}

#[tokio::test]
async fn an_idle_connection_outlives_the_header_time_and_ends_at_its_own() {
    let server = start(quick()).await;
    let mut stream = server.connect().await;
    for _ in 0..3 {
        assert!(get(&mut stream, "/").await.starts_with("HTTP/1.1 200"));
    }
    let took = closed_after(&mut stream).await;
    assert!(
        took > Duration::from_millis(600) && took < Duration::from_secs(5),
        "{took:?}"
    );
}

#[tokio::test]
async fn an_answer_may_take_longer_than_every_silence() {
    let server = start(Limits {
        keep_alive: Duration::from_millis(50),
        header_read: Duration::from_millis(50),
        ..Limits::default()
    })
    .await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .expect("open");
    let mut byte = [0; 1];
    let early = timeout(Duration::from_millis(300), stream.read(&mut byte)).await;
    assert!(early.is_err(), "neither answered nor cut: {early:?}");
    server.gate.add_permits(1);
    assert!(read_answer(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_head_over_the_limit_is_refused() {
    let server = start(Limits::default()).await;
    let mut stream = server.connect().await;
    let long = format!(
        "GET / HTTP/1.1\r\nhost: x\r\nx-a: {}\r\n\r\n",
        "a".repeat(40 * 1024)
    );
    let _ = stream.write_all(long.as_bytes()).await;
    let mut rest = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut rest))
        .await
        .expect("closed");
    let text = String::from_utf8_lossy(&rest);
    assert!(
        text.is_empty() || text.starts_with("HTTP/1.1 431"),
        "{text}"
    );
}

#[tokio::test]
async fn connections_over_the_cap_are_closed_and_others_go_on() {
    let server = start(Limits {
        connections_per_address: 1,
        ..Limits::default()
    })
    .await;
    let mut first = server.connect().await;
    get(&mut first, "/").await;
    let mut second = server.connect().await;
    assert!(closed_after(&mut second).await < Duration::from_secs(5));
    get(&mut first, "/").await;
    drop(first);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mut third = server.connect().await;
        let asked = third.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        let mut byte = [0; 1];
        if asked.is_ok() && matches!(third.read(&mut byte).await, Ok(1)) {
            break;
        }
        assert!(Instant::now() < deadline, "the place was not freed");
    }
}

#[tokio::test]
async fn a_proxy_may_have_all_connections() {
    let proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    let limits = Limits {
        connections: 3,
        connections_per_address: 1,
        ..Limits::default()
    };
    let server = start_behind(proxies, limits).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = server.connect().await;
        get(&mut stream, "/").await;
        held.push(stream);
    }
    let mut fourth = server.connect().await;
    assert!(closed_after(&mut fourth).await < Duration::from_secs(5));
}

#[tokio::test]
async fn shutdown_lets_a_running_request_end_and_closes_idle_connections() {
    let server = start(Limits::default()).await;
    let mut busy = server.connect().await;
    let mut idle = server.connect().await;
    get(&mut idle, "/").await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .expect("open");
    // The idle connection's answer shows that the server has seen the earlier bytes too.
    get(&mut idle, "/").await;
    server.shutdown.cancel();
    assert!(closed_after(&mut idle).await < Duration::from_secs(5));
    server.gate.add_permits(1);
    assert!(read_answer(&mut busy).await.starts_with("HTTP/1.1 200"));
    timeout(PATIENCE, server.ended)
        .await
        .expect("in time")
        .expect("joined")
        .expect("served");
}

#[tokio::test]
async fn shutdown_cuts_what_does_not_end_in_time() {
    let server = start(Limits {
        drain: Duration::from_millis(100),
        ..Limits::default()
    })
    .await;
    let mut busy = server.connect().await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .expect("open");
    let mut idle = server.connect().await;
    get(&mut idle, "/").await;
    server.shutdown.cancel();
    timeout(PATIENCE, server.ended)
        .await
        .expect("in time")
        .expect("joined")
        .expect("served");
}

#[tokio::test]
async fn whoever_connected_before_the_shutdown_is_answered_once() {
    let server = start(Limits::default()).await;
    let mut accepted = vec![server.connect().await];
    let mut seen = server.connect().await;
    // Accepted in order: the first is, too, once the second is answered.
    get(&mut seen, "/").await;
    // Nothing of the server runs until the next await: these wait to be accepted.
    for _ in 0..20 {
        let stream = std::net::TcpStream::connect(server.address).expect("listening");
        stream.set_nonblocking(true).expect("a socket");
        accepted.push(TcpStream::from_std(stream).expect("a runtime"));
    }
    server.shutdown.cancel();
    tokio::task::yield_now().await;
    for stream in &mut accepted {
        let head = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
        stream.write_all(head).await.expect("open");
    }
    for stream in &mut accepted {
        assert!(read_answer(stream).await.starts_with("HTTP/1.1 200"));
    }
    assert!(closed_after(&mut seen).await < Duration::from_secs(5));
    timeout(PATIENCE, server.ended)
        .await
        .expect("in time")
        .expect("joined")
        .expect("served");
}
