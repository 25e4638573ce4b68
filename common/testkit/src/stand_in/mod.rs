//! The stand-in: an npm registry on loopback that serves made packages and does as told.
//!
//! It speaks HTTP/1.1 (and, when asked, TLS and HTTP/2) through hyper, keeps a ledger of
//! everything asked of it, and can be scripted per path to fail in the ways registries and
//! networks fail. It lives in the caller's tokio runtime and ends with it.
//!
//! Source: the npm registry API documents; shapes compared with tests/fixtures.

mod answer;
mod catalogue;
mod changes;
pub mod command;
mod connection;
mod edition;
mod endpoint;
mod fault;
mod hold;
mod ledger;
mod script;
mod start;
mod tls;
mod wanted;
pub(crate) mod wire;

use std::{fmt, net::SocketAddr, sync::Mutex, time::Duration};

use std::sync::Arc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use endpoint::Endpoint;
pub use fault::Fault;
pub(crate) use hold::Gate;
pub use hold::Hold;
pub use ledger::{Entry, Ledger};
pub use start::Builder;
pub use tls::TestCa;
pub use wanted::Wanted;

use catalogue::Catalogue;
use script::Script;

/// How long [`StandIn::stop`] lets answers under way finish.
const GRACE: Duration = Duration::from_millis(500);

/// What every connection of one stand-in shares.
#[derive(Debug)]
struct Shared {
    /// Scheme, address and prefix, without a slash at the end.
    origin: String,
    /// Path in front of everything, as `/npm`, or empty.
    prefix: String,
    /// How much later every answer begins.
    latency: Duration,
    /// What `authorization` must say, if anything.
    credential: Option<String>,
    catalogue: Catalogue,
    script: Script,
    ledger: Ledger,
    audited: Mutex<Vec<serde_json::Value>>,
    /// No further connection or request; answers under way finish.
    closing: CancellationToken,
    /// Connections end where they are.
    aborting: CancellationToken,
}

/// A running stand-in; dropping it cuts every connection.
pub struct StandIn {
    shared: Arc<Shared>,
    address: SocketAddr,
    ca: Option<TestCa>,
    tasks: TaskTracker,
}

impl fmt::Debug for StandIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StandIn({})", self.shared.origin)
    }
}

impl StandIn {
    /// Begins the description of a stand-in.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Starts a stand-in over http on a free port of loopback.
    pub async fn start(packages: impl IntoIterator<Item = crate::PackageSpec>) -> Self {
        Self::builder().packages(packages).start().await
    }

    /// Returns the registry's URL: scheme, address, prefix; no slash at the end.
    pub fn url(&self) -> &str {
        &self.shared.origin
    }

    /// Returns where it listens, for a successor on the same port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the throw-away authority that signed its certificate, if it speaks TLS.
    pub fn ca(&self) -> Option<&TestCa> {
        self.ca.as_ref()
    }

    /// Returns what was asked so far.
    pub fn ledger(&self) -> &Ledger {
        &self.shared.ledger
    }

    /// Returns the packument of `name`, to be scripted or waited for.
    pub fn packument(&self, name: &str) -> Endpoint<'_> {
        Endpoint::new(&self.shared, script::Target::Packument(name.to_owned()))
    }

    /// Returns the tarball of one version, to be scripted or waited for.
    pub fn tarball(&self, name: &str, version: &str) -> Endpoint<'_> {
        let target = script::Target::Tarball(name.to_owned(), version.to_owned());
        Endpoint::new(&self.shared, target)
    }

    /// Returns a document beside the packages, to be scripted or waited for.
    pub fn document(&self, path: &str) -> Endpoint<'_> {
        Endpoint::new(&self.shared, script::Target::Document(path.to_owned()))
    }

    /// Returns security audits, to be scripted or waited for; they find nothing by themselves.
    pub fn audits(&self) -> Endpoint<'_> {
        Endpoint::new(&self.shared, script::Target::Audit)
    }

    /// Returns what was audited, in the order of the requests.
    pub fn audited(&self) -> Vec<serde_json::Value> {
        self.shared.audited.lock().expect("no panic").clone()
    }

    /// Returns all packuments without a script of their own.
    pub fn any_packument(&self) -> Endpoint<'_> {
        Endpoint::new(&self.shared, script::Target::AnyPackument)
    }

    /// Returns all tarballs without a script of their own.
    pub fn any_tarball(&self) -> Endpoint<'_> {
        Endpoint::new(&self.shared, script::Target::AnyTarball)
    }

    /// Stops listening, lets answers under way finish for half a second, then cuts them.
    pub async fn stop(self) {
        self.shared.closing.cancel();
        self.tasks.close();
        if tokio::time::timeout(GRACE, self.tasks.wait())
            .await
            .is_err()
        {
            self.shared.aborting.cancel();
            self.tasks.wait().await;
        }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.shared.closing.cancel();
        self.shared.aborting.cancel();
    }
}
