//! A running process for one test, and the rows it serves.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use weir_api::{App, Settings};
use weir_blob::Blobs;
use weir_domain::{
    PackageName, Registry, RegistryId, SystemClock, TaskId, TarballPolicy, Timestamp, WorkerId,
    task::{Level, LogLine},
    token::TokenSecret,
};
use weir_queue::Hub;
use weir_store::{
    DatabaseConfig, Db, clock, registries,
    task_logs::Chunk,
    task_runs::{self, Fence},
    tasks::{self, ClaimLimits, Outcome},
    tokens::{self, NewToken},
    users,
};
use weir_testkit::{
    TestDatabase,
    client::{Call, Reply, get, put},
};

/// The administrator's token in every test.
pub const ADMIN: &str = "npm_admin-token-of-the-tests-0123456789";
/// A user's token in every test.
pub const ALICE: &str = "npm_alice-token-of-the-tests-0123456789";

/// A process that serves, with everything it stands on; stops when dropped.
pub struct Server {
    pub address: SocketAddr,
    pub db: Db,
    pub blobs: Blobs,
    pub hub: Hub,
    pub registry: Registry,
    shutdown: CancellationToken,
    _serving: JoinHandle<std::io::Result<()>>,
    _database: TestDatabase,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl Server {
    /// Starts with default settings.
    pub async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    /// Starts with these settings.
    pub async fn with(settings: Settings) -> Self {
        let database = TestDatabase::sqlite().await;
        let folder = tempfile::tempdir().expect("a folder");
        let hub = Hub::new();
        let config = DatabaseConfig::new(database.url());
        let db = Db::open(&config, Arc::new(hub.clone())).await.expect("a database");
        let blobs = Blobs::open(folder.path()).expect("a folder for blobs");
        let registry = seed(&db).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let shutdown = CancellationToken::new();
        let app = App {
            db: db.clone(),
            blobs: blobs.clone(),
            hub: hub.clone(),
            clock: Arc::new(SystemClock),
            settings,
        };
        #[expect(clippy::disallowed_methods, reason = "a test has no process to belong to")]
        let serving = tokio::spawn(weir_api::run(app, listener, shutdown.clone()));
        Self {
            address,
            db,
            blobs,
            hub,
            registry,
            shutdown,
            _serving: serving,
            _database: database,
            _folder: folder,
        }
    }

    /// Returns the address of a path, by the name `127.0.0.1`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Begins a GET.
    pub fn get(&self, path: &str) -> Call {
        get(self.url(path))
    }

    /// Begins a PUT.
    pub fn put(&self, path: &str) -> Call {
        put(self.url(path))
    }

    /// Sends a GET.
    pub async fn fetch(&self, path: &str) -> Reply {
        self.get(path).send().await.expect("answered")
    }

    /// Asks for a sync as a user and returns the task.
    pub async fn submit(&self, name: &str) -> TaskId {
        let path = format!("/-/package/{name}/syncs");
        let reply = self.put(&path).bearer(ALICE).send().await.expect("answered");
        assert_eq!(reply.status, 201, "{}", reply.text());
        reply.json()["id"].as_str().expect("an id").parse().expect("a task id")
    }

    /// Claims the one ready task, as a worker would.
    pub async fn claim(&self) -> Fence {
        let owner = WorkerId::new();
        let claimed = self.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                tasks::claim(tx, owner, &ClaimLimits::default(), now).await
            })
        });
        let claimed = claimed.await.expect("claimed");
        let claimed = claimed.first().expect("a task was ready");
        Fence {
            task: claimed.task.id,
            generation: claimed.task.generation,
            owner,
        }
    }

    /// Appends lines to the log of a running task; each `text` becomes one.
    pub async fn log(&self, fence: Fence, after: &Chunk, texts: &[&str]) -> Chunk {
        let mut chunk = after.following();
        for text in texts {
            chunk.push(&LogLine::new(Timestamp(0), Level::Info, text));
        }
        let appended = chunk.clone();
        let beat = self.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let lease = (now, Duration::from_secs(30));
                task_runs::heartbeat(tx, &fence, Some(&appended), None, lease).await
            })
        });
        beat.await.expect("appended");
        chunk
    }

    /// Ends a running task.
    pub async fn finish(&self, fence: Fence, outcome: Outcome) {
        let finish = self.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                tasks::finish(tx, &fence, &outcome, now).await
            })
        });
        finish.await.expect("finished");
    }

    /// Makes a user with a token of this kind.
    pub async fn token(&self, name: &'static str, text: &'static str, new: NewToken<'static>) {
        let made = self.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let user = match users::find_by_name(&**tx, name).await? {
                    Some(user) => user,
                    None => users::insert(tx, name, now).await?,
                };
                tokens::insert(tx, user.id, &TokenSecret::from_text(text), new, now).await
            })
        });
        made.await.expect("a token");
    }
}

async fn seed(db: &Db) -> Registry {
    let wanted = Registry {
        id: RegistryId::new(),
        slug: registries::DEFAULT_SLUG.to_owned(),
        name: "Default".to_owned(),
        url: "https://registry.example/".parse().expect("a URL"),
        tarballs: TarballPolicy::Tagged,
        is_internal: false,
        allows_undigested: false,
    };
    let seeded = db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let admin = users::seed_admin(tx, "admin", now).await?;
            tokens::seed_admin(tx, admin.id, &TokenSecret::from_text(ADMIN), now).await?;
            let alice = users::insert(tx, "alice", now).await?;
            let secret = TokenSecret::from_text(ALICE);
            tokens::insert(tx, alice.id, &secret, NewToken::default(), now).await?;
            Ok(registries::seed(tx, &wanted, now).await?.0)
        })
    });
    seeded.await.expect("seeded")
}

/// Reads a package name that must be one.
pub fn name(text: &str) -> PackageName {
    PackageName::parse(text).expect("a name")
}
