//! A tarball whose length nobody announces: its reader waits for the whole.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::oneshot,
};
use tokio_util::task::TaskTracker;
use weir_store::packages::Head;
use weir_testkit::StandIn;

use crate::setup::{Shelf, read, sized};

/// Answers one request in chunks: half of the body, and the rest after the signal.
async fn serve(listener: TcpListener, body: Vec<u8>, go_on: oneshot::Receiver<()>) {
    let (mut client, _) = listener.accept().await.expect("a client");
    let mut request = [0; 4096];
    let read = client.read(&mut request).await.expect("a request");
    assert!(request[..read].starts_with(b"GET "));
    let (half, rest) = body.split_at(body.len() / 2);
    let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    client.write_all(head).await.expect("sent");
    for (part, wait) in [(half, Some(go_on)), (rest, None)] {
        let size = format!("{:x}\r\n", part.len());
        client.write_all(size.as_bytes()).await.expect("sent");
        client.write_all(part).await.expect("sent");
        client.write_all(b"\r\n").await.expect("sent");
        if let Some(wait) = wait {
            wait.await.expect("the test lets it go on");
        }
    }
    client.write_all(b"0\r\n\r\n").await.expect("sent");
}

#[tokio::test]
async fn without_an_announced_length_the_reader_waits_for_the_whole() {
    let upstream = StandIn::start([sized(400_000)]).await;
    let tarball = upstream.tarball_of("a", "1.0.0");
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let (go_on, wait) = oneshot::channel();
    let server = TaskTracker::new();
    server.spawn(serve(listener, tarball.bytes.to_vec(), wait));

    let shelf = Shelf::at(upstream, &format!("http://{address}/")).await;
    let manifest = format!(
        r#"{{"name":"a","version":"1.0.0","dist":{{"integrity":"{}","tarball":"http://{address}/a.tgz"}}}}"#,
        tarball.integrity
    );
    let manifests = vec![("1.0.0".to_owned(), manifest)];
    shelf.show_these("a", manifests, Head::default()).await;
    let flight = shelf.flight("a", "1.0.0").await;
    let early = std::time::Duration::from_millis(300);
    let early = tokio::time::timeout(early, flight.stream()).await;
    assert!(
        early.is_err(),
        "half of it is here, but not a byte is given"
    );
    go_on.send(()).expect("the server waits");
    let (length, bytes, error) = read(flight).await;
    assert_eq!((length, error), (tarball.bytes.len() as u64, None));
    assert!(bytes == tarball.bytes);
}
