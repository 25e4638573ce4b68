//! What surrounds the routes, over routes made to misbehave.

use std::sync::Arc;

use poem::{EndpointExt, endpoint::make};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weir_blob::Blobs;
use weir_content::Content;
use weir_domain::SystemClock;
use weir_queue::Hub;
use weir_store::{DatabaseConfig, Db, NoListener, tasks::FairQueue};
use weir_testkit::{TestDatabase, client::get};
use weir_upstream::{UpstreamConfig, Upstreams};

use super::*;
use crate::{App, Settings, base::Bases, serve};

/// Panics, or fails as the path says.
async fn misbehave(request: poem::Request) -> poem::Result<poem::Response> {
    match request.uri().path() {
        "/panic" => panic!("the secret is 42"),
        "/teapot" => Err(poem::Error::from_status(StatusCode::IM_A_TEAPOT)),
        "/broken" => Err(poem::Error::from_string("secret", StatusCode::BAD_GATEWAY)),
        _ => Ok(poem::Response::builder().body("well")),
    }
}

#[tokio::test]
async fn whatever_a_route_ends_with_has_our_shape_and_the_process_lives_on() {
    weir_runtime::install_crypto();
    let database = TestDatabase::of_this_run().await;
    let folder = tempfile::tempdir().expect("a folder");
    let db = Db::open(&DatabaseConfig::new(database.url()), Arc::new(NoListener)).await;
    let upstreams = UpstreamConfig::new(folder.path().join("spool"));
    let upstreams = Upstreams::new(upstreams, Arc::new(SystemClock)).expect("clients");
    let blobs = Blobs::open(folder.path()).expect("a folder for blobs");
    let app = App {
        content: Content::new(db.expect("a database"), blobs, upstreams),
        hub: Hub::new(),
        fair: Arc::new(FairQueue::default()),
        clock: Arc::new(SystemClock),
        metrics: weir_runtime::Metrics::default(),
        settings: Settings::default(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let shutdown = CancellationToken::new();
    let running = Running::new(app, Bases::new(&[], address), shutdown.clone());
    let front = Arc::new(Front::new(running, make(misbehave).boxed()));
    let serving = serve::serve(
        listener,
        front,
        (serve::Limits::default(), Vec::new(), Arc::default()),
        shutdown.clone(),
    );
    let asking = async {
        for (path, status, code) in [
            ("/panic", 500, "INTERNAL_SERVER_ERROR"),
            ("/teapot", 400, "BAD_REQUEST"),
            ("/broken", 500, "INTERNAL_SERVER_ERROR"),
        ] {
            let reply = get(format!("http://{address}{path}"))
                .send()
                .await
                .expect("answered");
            assert_eq!(reply.status, status, "{path}");
            let body = reply.json();
            let error = body["error"].as_str().expect("a text");
            assert!(error.starts_with(&format!("[{code}] ")), "{path}: {error}");
            let shows_nothing = !reply.text().contains("secret");
            assert!(shows_nothing, "{path}: {}", reply.text());
            if status >= 500 {
                assert!(
                    error.contains(reply.header("x-request-id")),
                    "{path}: {error}"
                );
            }
        }
        let well = get(format!("http://{address}/well"))
            .send()
            .await
            .expect("answered");
        assert_eq!((well.status, well.text()), (200, "well"));
        shutdown.cancel();
    };
    let (served, ()) = tokio::join!(serving, asking);
    served.expect("served");
}
