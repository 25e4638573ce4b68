//! A running process for one test, and the rows it serves.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use weir_api::{App, Settings};
use weir_blob::Blobs;
use weir_content::Content;
use weir_domain::{
    PackageName, Registry, RegistryId, SyncMode, SystemClock, TarballPolicy, TaskId, Timestamp,
    TokenId, WorkerId,
    task::{Level, LogLine},
    token::TokenSecret,
};
use weir_queue::{Cadence, Hub};
use weir_store::{
    DatabaseConfig, Db, clock, registries,
    task_logs::Chunk,
    task_runs::{self, Fence},
    tasks::{self, ClaimLimits, FairQueue, Outcome},
    tokens::{self, NewToken},
    users,
};
use weir_testkit::{
    TestDatabase,
    client::{Call, Reply, get, put},
};
use weir_upstream::{UpstreamConfig, Upstreams};

/// The administrator's token in every test.
pub const ADMIN: &str = "npm_admin-token-of-the-tests-0123456789";
/// A user's token in every test.
pub const ALICE: &str = "npm_alice-token-of-the-tests-0123456789";

/// A process that serves, with everything it stands on; stops when dropped.
pub struct Server {
    pub address: SocketAddr,
    pub content: Content,
    pub hub: Hub,
    pub registry: Registry,
    shutdown: CancellationToken,
    serving: JoinHandle<std::io::Result<()>>,
    database: Arc<TestDatabase>,
    folder: Arc<tempfile::TempDir>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl Server {
    /// Starts with the settings of [`plain`].
    pub async fn start() -> Self {
        Self::with(plain()).await
    }

    /// Starts with these settings.
    pub async fn with(settings: Settings) -> Self {
        let database = TestDatabase::of_this_run().await;
        let hub = Hub::new();
        let config = DatabaseConfig::new(database.url());
        let db = Db::open(&config, Arc::new(hub.clone()))
            .await
            .expect("a database");
        let registry = seed(&db).await;
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        Self::over((Arc::new(database), folder), (hub, db), registry, settings).await
    }

    /// Starts another process on the same database and blobs.
    pub async fn another(&self) -> Self {
        self.another_with(plain()).await
    }

    /// Starts another process on the same database and blobs, with these settings.
    pub async fn another_with(&self, settings: Settings) -> Self {
        let hub = Hub::with_cadence(Cadence::UNTOLD);
        let config = DatabaseConfig::new(self.database.url());
        let db = Db::open(&config, Arc::new(hub.clone()))
            .await
            .expect("the same database");
        let ground = (Arc::clone(&self.database), Arc::clone(&self.folder));
        Self::over(ground, (hub, db), self.registry.clone(), settings).await
    }

    async fn over(
        (database, folder): (Arc<TestDatabase>, Arc<tempfile::TempDir>),
        (hub, db): (Hub, Db),
        registry: Registry,
        settings: Settings,
    ) -> Self {
        let blobs = Blobs::open(folder.path()).expect("a folder for blobs");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let shutdown = CancellationToken::new();
        weir_runtime::install_crypto();
        let upstreams = UpstreamConfig::new(folder.path().join("spool"));
        let upstreams = Upstreams::new(upstreams, Arc::new(SystemClock)).expect("clients");
        let sealer = Arc::clone(&settings.sealer);
        let content = Content::new(db, blobs, upstreams).opening_with(sealer);
        let app = App {
            content: content.clone(),
            hub: hub.clone(),
            fair: Arc::new(FairQueue::default()),
            clock: Arc::new(SystemClock),
            metrics: weir_runtime::Metrics::default(),
            settings,
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "a test has no process to belong to"
        )]
        let serving = tokio::spawn(weir_api::run(app, listener, shutdown.clone()));
        Self {
            address,
            content,
            hub,
            registry,
            shutdown,
            serving,
            database,
            folder,
        }
    }

    /// Waits until it serves no more; says why, if it should have.
    pub async fn serving_ended(&mut self) -> std::io::Result<()> {
        let ended = tokio::time::timeout(Duration::from_secs(20), &mut self.serving).await;
        ended.expect("it ends in time").expect("no panic")
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

    /// Sends a GET to another name of this server.
    pub async fn ask(&self, host: &str, path: &str) -> Reply {
        let head = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        self.raw(head.as_bytes()).await
    }

    /// Sends bytes as they are and reads one answer.
    pub async fn raw(&self, bytes: &[u8]) -> Reply {
        let mut stream = TcpStream::connect(self.address).await.expect("listening");
        stream.write_all(bytes).await.expect("sent");
        let mut answer = Vec::new();
        let reading = stream.read_to_end(&mut answer);
        let read = tokio::time::timeout(Duration::from_secs(20), reading).await;
        read.expect("answered in time").expect("readable");
        let end = answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .expect("a head");
        let head = std::str::from_utf8(&answer[..end]).expect("text");
        let mut lines = head.lines();
        let status = lines
            .next()
            .and_then(|line| line.get(9..12))
            .expect("a status line");
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| {
                (
                    name.parse().expect("a name"),
                    value.parse().expect("a value"),
                )
            });
        Reply {
            status: status.parse().expect("a status"),
            headers: headers.collect::<http::HeaderMap>(),
            body: Bytes::copy_from_slice(&answer[end + 4..]),
        }
    }

    /// Asks for a sync as a user and returns the task.
    pub async fn submit(&self, name: &str) -> TaskId {
        let path = format!("/-/package/{name}/syncs");
        let reply = self
            .put(&path)
            .bearer(ALICE)
            .send()
            .await
            .expect("answered");
        assert_eq!(reply.status, 201, "{}", reply.text());
        reply.json()["id"]
            .as_str()
            .expect("an id")
            .parse()
            .expect("a task id")
    }

    /// Claims the one ready task, as a worker would.
    pub async fn claim(&self) -> Fence {
        self.try_claim().await.expect("a task was ready")
    }

    /// Claims the best ready task, if there is one.
    pub async fn try_claim(&self) -> Option<Fence> {
        let owner = WorkerId::new();
        let limits = ClaimLimits {
            lease: Duration::from_secs(30),
            min_priority: None,
            accepts_suspects: false,
            closed_lanes: Vec::new(),
        };
        let claimed = self.content.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                tasks::claim(tx, owner, &limits, now).await
            })
        });
        claimed.await.expect("claimed").map(|claimed| claimed.fence)
    }

    /// Appends lines to the log of a running task; each `text` becomes one.
    pub async fn log(&self, fence: Fence, after: &Chunk, texts: &[&str]) -> Chunk {
        let mut chunk = after.following();
        for text in texts {
            chunk.push(&LogLine::new(Timestamp(0), Level::Info, text));
        }
        let appended = chunk.clone();
        let beat = self.content.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let lease = (now, Duration::from_secs(30));
                task_runs::heartbeat(tx, &fence, Some(&appended), None, lease).await
            })
        });
        beat.await.expect("appended");
        chunk
    }

    /// Renews the lease of a running task and says nothing.
    pub async fn beat(&self, fence: Fence) {
        let beat = self.content.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let lease = (now, Duration::from_secs(30));
                task_runs::heartbeat(tx, &fence, None, None, lease).await
            })
        });
        beat.await.expect("renewed");
    }

    /// Appends a last line and ends the task, in one transaction.
    pub async fn log_and_finish(&self, fence: Fence, after: &Chunk, text: &str) {
        let mut chunk = after.following();
        chunk.push(&LogLine::new(Timestamp(0), Level::Info, text));
        let ended = self.content.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let lease = (now, Duration::from_secs(30));
                task_runs::heartbeat(tx, &fence, Some(&chunk), None, lease).await?;
                let task = tasks::lock_task(tx, fence.task).await?;
                tasks::finish(tx, (&task, &fence), &Outcome::default(), now).await
            })
        });
        ended.await.expect("ended");
    }

    /// Ends a running task.
    pub async fn finish(&self, fence: Fence, outcome: Outcome) {
        let finish = self.content.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let task = tasks::lock_task(tx, fence.task).await?;
                tasks::finish(tx, (&task, &fence), &outcome, now).await
            })
        });
        finish.await.expect("finished");
    }

    /// Stops taking requests.
    pub fn stop(&self) {
        self.shutdown.cancel();
    }

    /// Returns the folder of its blobs.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Returns the files of all blobs.
    pub fn blob_files(&self) -> Vec<std::path::PathBuf> {
        let (mut found, mut folders) = (Vec::new(), vec![self.folder.path().join("blobs")]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let list = if path.is_dir() {
                    &mut folders
                } else {
                    &mut found
                };
                list.push(path);
            }
        }
        found
    }

    /// Returns where the database is.
    pub fn database_url(&self) -> &str {
        self.database.url()
    }

    /// Makes another registry.
    pub async fn second_registry(&self, slug: &str) -> Registry {
        self.registry_at(slug, self.registry.url.as_str()).await
    }

    /// Makes a registry at this URL, which may be on loopback.
    pub async fn registry_at(&self, slug: &str, url: &str) -> Registry {
        let registry = Registry {
            id: RegistryId::new(),
            slug: slug.to_owned(),
            name: slug.to_owned(),
            url: format!("{}/", url.trim_end_matches('/'))
                .parse()
                .expect("a URL"),
            is_internal: true,
            ..self.registry.clone()
        };
        let seeded = self.content.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                registries::seed(tx, &registry, now).await
            })
        });
        seeded.await.expect("seeded").0
    }

    /// Runs a statement that no function of the store offers.
    pub async fn meddle(&self, statement: &'static str) {
        let done = self.content.db.write(move |tx| {
            Box::pin(async move {
                weir_store::ConnectionTrait::execute_unprepared(&**tx, statement).await?;
                Ok(())
            })
        });
        done.await.expect("the statement runs");
    }

    /// Makes a user with a token of this kind.
    pub async fn token(
        &self,
        name: &'static str,
        text: &'static str,
        new: NewToken<'static>,
    ) -> TokenId {
        self.token_in(&self.content.db, name, text, new).await
    }

    /// Gives a user a password, if they have none; makes the user if need be.
    pub async fn password(&self, name: &str, password: &str) {
        let account = users::password::find(self.content.db.read(), name).await;
        if account
            .expect("readable")
            .is_some_and(|account| account.hash.is_some())
        {
            return;
        }
        let given = json!({"name": name, "password": password});
        let ask = async |method, path: &str| {
            let call = Call::new(method, self.url(path)).bearer(ADMIN).json(&given);
            call.send().await.expect("answered").status
        };
        let path = format!("/-/admin/users/{name}");
        if ask(Method::PATCH, &path).await == 404 {
            assert_eq!(ask(Method::POST, "/-/admin/users").await, 201);
        }
    }

    /// Makes a user with a token of this kind, through another connection.
    pub async fn token_in(
        &self,
        db: &Db,
        name: &'static str,
        text: &'static str,
        new: NewToken<'static>,
    ) -> TokenId {
        let made = db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let user = match users::find_by_name(&**tx, name).await? {
                    Some(user) => user,
                    None => users::insert(tx, name, now).await?,
                };
                tokens::insert(tx, user.id, &TokenSecret::from_text(text), new, now).await
            })
        });
        made.await.expect("a token")
    }
}

/// Returns default settings, but for reads that would wait for a worker: there is none.
pub fn plain() -> Settings {
    Settings {
        sync_mode: SyncMode::Exist,
        ..Settings::default()
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
        kind: weir_domain::RegistryKind::Npm,
        user_prefix: None,
        change_stream: None,
        removals: weir_domain::RemovalPolicy::Keep,
        downloads: None,
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
