//! `weir serve` as a process with a stand-in as its upstream, as one test needs it.
//!
//! A test finishes with [`System::end`], which fails it if a task is not over, if the
//! stand-in was asked for something it does not know, or if the server does not stop
//! cleanly. Leaving a test without `end` fails it too.

mod ask;
mod launch;
mod read;

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use http::Method;
use serde_json::json;
use weir_store::{DatabaseConfig, Db, NoListener};
use weir_testkit::{StandIn, client, process::WeirProcess};

pub use launch::{ADMIN_TOKEN, Builder};
pub use read::{ABBREVIATED, Served, decoded};

/// How long one thing may take that should take a moment: generous, for busy machines.
pub const SOON: Duration = Duration::from_secs(60);

/// A server and its upstream.
#[derive(Debug)]
pub struct System {
    process: Option<WeirProcess>,
    upstream: Option<StandIn>,
    launch: launch::Launch,
    address: SocketAddr,
    has_ended: bool,
}

impl System {
    /// Begins the description of a system.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Starts a system whose upstream has these packages.
    pub async fn start(packages: impl IntoIterator<Item = weir_testkit::PackageSpec>) -> Self {
        Self::builder().packages(packages).start().await
    }

    /// Returns the upstream.
    pub fn upstream(&self) -> &StandIn {
        self.upstream.as_ref().expect("the upstream is stopped")
    }

    /// Returns the server's process.
    pub fn process(&mut self) -> &mut WeirProcess {
        self.process.as_mut().expect("the server is stopped")
    }

    /// Returns where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the server's URL, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the data folder.
    pub fn data(&self) -> &Path {
        self.launch.data()
    }

    /// Opens the server's database beside it.
    pub async fn database(&self) -> Db {
        let config = DatabaseConfig::new(self.launch.database_url());
        let db = Db::open(&config, Arc::new(NoListener)).await;
        db.expect("the database opens")
    }

    /// Gives a user a password; makes the user if need be.
    pub async fn password(&self, user: &str, password: &str) {
        let given = json!({"name": user, "password": password});
        let ask = async |method, path: &str| {
            let call = client::Call::new(method, format!("{}{path}", self.url()));
            let call = call.bearer(ADMIN_TOKEN).json(&given);
            call.send().await.expect("answered").status
        };
        let path = format!("/-/admin/users/{user}");
        if ask(Method::PATCH, &path).await == 404 {
            assert_eq!(ask(Method::POST, "/-/admin/users").await, 201);
        }
    }

    /// Stops the upstream; nobody listens there any more. Checks what it was asked.
    pub async fn stop_upstream(&mut self) {
        let upstream = self
            .upstream
            .take()
            .expect("the upstream is stopped already");
        upstream.ledger().assert_nothing_unexpected();
        upstream.stop().await;
    }

    /// Takes a successor for the upstream that was stopped.
    pub fn upstream_is(&mut self, upstream: StandIn) {
        self.upstream = Some(upstream);
    }

    /// Asks the server to stop and waits until it has; it must say success.
    pub async fn stop_server(&mut self) {
        let mut process = self.process.take().expect("the server is stopped already");
        process.terminate().await;
        let status = process.wait().await;
        assert_clean(&process.output());
        assert!(status.success(), "{status}: {}", process.output());
    }

    /// Kills the server.
    pub async fn kill_server(&mut self) {
        let mut process = self.process.take().expect("the server is stopped already");
        process.kill9().await;
        assert_clean(&process.output());
    }

    /// Sets a setting, by its variable, of the server that is started next.
    pub fn set(&mut self, variable: &str, value: &str) {
        self.launch.set(variable, value);
    }

    /// Starts the server again, on its port and its data.
    pub async fn start_server(&mut self) {
        assert!(self.process.is_none(), "the server runs");
        self.process = Some(self.launch.server(self.address).start().await);
    }

    /// Starts the server again and waits for nothing.
    pub fn spawn_server(&mut self) {
        assert!(self.process.is_none(), "the server runs");
        let listen = self.address.to_string();
        let server = self.launch.server(self.address);
        self.process = Some(server.env("WEIR_LISTEN", listen).spawn());
    }

    /// Ends the test: nothing unfinished, nothing unexpected, a clean stop.
    pub async fn end(mut self) {
        self.has_ended = true;
        let list = self.get_as_admin("/syncs?limit=100").await.json();
        let (waiting, processing) = (&list["counts"]["waiting"], &list["counts"]["processing"]);
        assert_eq!(
            (waiting, processing),
            (&0.into(), &0.into()),
            "tasks are left: {list:#}"
        );
        if let Some(upstream) = &self.upstream {
            upstream.ledger().assert_nothing_unexpected();
        }
        self.stop_server().await;
        assert_eq!(
            crate::stored::temporaries(self.data()),
            Vec::<std::path::PathBuf>::new()
        );
    }

    /// Ends the test with tasks left that nobody means to end; the server did not break.
    pub async fn abandon(mut self) {
        self.has_ended = true;
        self.kill_server().await;
    }

    /// Begins a GET as nobody.
    pub fn call(&self, path: &str) -> client::Call {
        client::get(format!("{}{path}", self.url()))
    }
}

impl Drop for System {
    fn drop(&mut self) {
        let is_over = self.has_ended || std::thread::panicking();
        assert!(is_over, "the test left its system without System::end");
    }
}

/// Fails the test if the server said that something of it broke.
#[track_caller]
fn assert_clean(output: &str) {
    for word in ["panicked", "RUST_BACKTRACE"] {
        assert!(!output.contains(word), "the server broke: {output}");
    }
}
