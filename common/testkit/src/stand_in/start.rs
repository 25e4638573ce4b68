//! Describing and starting a stand-in.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Catalogue, Ledger, Script, Shared, StandIn, TestCa, connection};
use crate::{fixtures, package::PackageSpec};

/// The description of a stand-in; [`StandIn::builder`] begins one.
#[derive(Debug, Default)]
pub struct Builder {
    packages: Vec<PackageSpec>,
    fixtures: Vec<PathBuf>,
    listener: Option<TcpListener>,
    prefix: String,
    ca: Option<TestCa>,
    offers_http2: bool,
    latency: Duration,
    credential: Option<String>,
}

impl Builder {
    /// Adds a package.
    #[must_use]
    pub fn package(mut self, package: PackageSpec) -> Self {
        self.packages.push(package);
        self
    }

    /// Adds packages.
    #[must_use]
    pub fn packages(mut self, packages: impl IntoIterator<Item = PackageSpec>) -> Self {
        self.packages.extend(packages);
        self
    }

    /// Adds the real packuments of a folder, such as [`fixtures::folder`].
    #[must_use]
    pub fn fixtures(mut self, folder: impl Into<PathBuf>) -> Self {
        self.fixtures.push(folder.into());
        self
    }

    /// Listens here instead of on a free port of loopback.
    #[must_use]
    pub fn listener(mut self, listener: TcpListener) -> Self {
        self.listener = Some(listener);
        self
    }

    /// Puts everything under a path, as `/npm`.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        prefix.clone_into(&mut self.prefix);
        self
    }

    /// Speaks TLS with a certificate of a new throw-away authority.
    #[must_use]
    pub fn https(self) -> Self {
        self.https_with(TestCa::new())
    }

    /// Speaks TLS with a certificate of this authority.
    #[must_use]
    pub fn https_with(mut self, ca: TestCa) -> Self {
        self.ca = Some(ca);
        self
    }

    /// Offers HTTP/2 in the TLS handshake.
    #[must_use]
    pub fn http2(mut self) -> Self {
        self.offers_http2 = true;
        self
    }

    /// Lets every answer begin so much later, as one from far away.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Answers 401 to whoever does not show exactly this in `authorization`.
    #[must_use]
    pub fn behind(mut self, credential: &str) -> Self {
        self.credential = Some(credential.to_owned());
        self
    }

    /// Starts it.
    pub async fn start(self) -> StandIn {
        let listener = match self.listener {
            Some(listener) => listener,
            None => TcpListener::bind(("127.0.0.1", 0))
                .await
                .expect("loopback has a free port"),
        };
        let address = listener
            .local_addr()
            .expect("a bound listener has an address");
        let scheme = if self.ca.is_some() { "https" } else { "http" };
        let origin = format!("{scheme}://{address}{}", self.prefix);
        let shared = shared(origin, self.prefix, (self.latency, self.credential));
        for package in self.packages {
            shared.catalogue.put(package);
        }
        for (name, packument) in self
            .fixtures
            .iter()
            .flat_map(|folder| fixtures::read(folder))
        {
            shared.catalogue.keep(&name, &packument);
        }
        let tls = self.ca.as_ref().map(|ca| ca.acceptor(self.offers_http2));
        let tasks = TaskTracker::new();
        tasks.spawn(connection::serve(
            listener,
            shared.clone(),
            tls,
            tasks.clone(),
        ));
        StandIn {
            shared,
            address,
            ca: self.ca,
            tasks,
        }
    }

    /// Starts it again where an earlier one has stopped.
    pub async fn start_at(self, address: SocketAddr) -> StandIn {
        let listener = TcpListener::bind(address)
            .await
            .expect("the earlier one is stopped");
        self.listener(listener).start().await
    }
}

fn shared(
    origin: String,
    prefix: String,
    (latency, credential): (Duration, Option<String>),
) -> Arc<Shared> {
    Arc::new(Shared {
        catalogue: Catalogue::new(&origin),
        origin,
        prefix,
        latency,
        credential,
        script: Script::default(),
        ledger: Ledger::new(),
        audited: Mutex::default(),
        closing: CancellationToken::new(),
        aborting: CancellationToken::new(),
    })
}
