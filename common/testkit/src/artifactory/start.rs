//! Describing and starting a server.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Artifactory, PASSWORD, REPOSITORY, Script, Shared, TOKEN, USER, serve,
    shelf::{Account, Shelf},
};
use crate::stand_in::TestCa;

/// The description of a server; [`Artifactory::builder`] begins one.
#[derive(Debug)]
pub struct Builder {
    context: String,
    listener: Option<TcpListener>,
    ca: Option<TestCa>,
    shelf: Shelf,
}

impl Default for Builder {
    fn default() -> Self {
        let mut shelf = Shelf::new();
        shelf.add_repository(REPOSITORY, "Conan");
        let secrets = [PASSWORD, TOKEN].map(str::to_owned).to_vec();
        let account = Account {
            secrets,
            may_write: true,
        };
        shelf.accounts.insert(USER.to_owned(), account);
        Self {
            context: "/artifactory".to_owned(),
            listener: None,
            ca: None,
            shelf,
        }
    }
}

impl Builder {
    /// Puts everything under this path: `/artifactory` usually, or nothing.
    #[must_use]
    pub fn context(mut self, path: &str) -> Self {
        path.clone_into(&mut self.context);
        self
    }

    /// Adds a repository of a type: `Conan`, `Npm`, `Generic`.
    #[must_use]
    pub fn repository(mut self, key: &str, package_type: &str) -> Self {
        self.shelf.add_repository(key, package_type);
        self
    }

    /// Adds somebody who may read.
    #[must_use]
    pub fn reader(mut self, name: &str, secret: &str) -> Self {
        let account = Account {
            secrets: vec![secret.to_owned()],
            may_write: false,
        };
        self.shelf.accounts.insert(name.to_owned(), account);
        self
    }

    /// Lets nobody read without credentials.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.shelf.reads_anonymously = false;
        self
    }

    /// Is the open-source edition: no sorting in queries, no file list.
    #[must_use]
    pub fn open_source(mut self) -> Self {
        self.shelf.is_open_source = true;
        self
    }

    /// Speaks TLS with a certificate of a new throw-away authority.
    #[must_use]
    pub fn https(mut self) -> Self {
        self.ca = Some(TestCa::new());
        self
    }

    /// Listens here instead of on a free port of loopback.
    #[must_use]
    pub fn listener(mut self, listener: TcpListener) -> Self {
        self.listener = Some(listener);
        self
    }

    /// Starts it.
    pub async fn start(self) -> Artifactory {
        let listener = match self.listener {
            Some(listener) => listener,
            None => TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
                .await
                .expect("loopback has a free port"),
        };
        let address = listener.local_addr().expect("it is bound");
        let scheme = if self.ca.is_some() { "https" } else { "http" };
        let shared = Arc::new(Shared {
            origin: format!("{scheme}://{address}"),
            context: self.context,
            shelf: Mutex::new(self.shelf),
            script: Script::default(),
            asked: Mutex::default(),
            closing: CancellationToken::new(),
        });
        let tls = self.ca.as_ref().map(|ca| ca.acceptor(false));
        let tasks = TaskTracker::new();
        tasks.spawn(serve::serve(listener, shared.clone(), tls, tasks.clone()));
        Artifactory {
            shared,
            address,
            ca: self.ca,
            tasks,
        }
    }
}
