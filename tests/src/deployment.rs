//! `weir-api` and `weir-worker` as processes of their own on one database, and one folder or
//! one each, with a stand-in as their upstream.
//!
//! A test finishes with [`Deployment::end`], which stops every process in order. What a
//! process held when it was killed is what such a test is about.

use std::{path::PathBuf, sync::Arc};

use weir_domain::WorkerId;
use weir_store::{DatabaseConfig, Db, NoListener};
use weir_testkit::{
    PackageSpec, StandIn, TestDatabase,
    client::{self, Reply},
    process::{Builder, WeirProcess, binary},
    until,
};

use crate::{
    Status, Task,
    system::{ADMIN_TOKEN, SOON},
};

/// Several processes, and what they stand on.
#[derive(Debug)]
pub struct Deployment {
    apis: Vec<WeirProcess>,
    workers: Vec<WeirProcess>,
    upstream: StandIn,
    db: Db,
    folder: tempfile::TempDir,
    database: TestDatabase,
    /// Settings of every process, by their variables.
    settings: Vec<(String, String)>,
    /// Whether each process has a data folder of its own, as on a host of its own.
    is_apart: bool,
}

impl Deployment {
    /// Starts so many APIs and workers; their upstream has these packages.
    pub async fn start(
        packages: impl IntoIterator<Item = PackageSpec>,
        processes: (usize, usize),
    ) -> Self {
        Self::on(TestDatabase::of_this_run().await, packages, processes).await
    }

    /// Starts them on this database.
    pub async fn on(
        database: TestDatabase,
        packages: impl IntoIterator<Item = PackageSpec>,
        counts: (usize, usize),
    ) -> Self {
        let deployment = Self::of(database, packages).await;
        deployment.with_processes(counts).await
    }

    /// Starts them with these settings, each with a data folder of its own.
    pub async fn start_apart(
        packages: impl IntoIterator<Item = PackageSpec>,
        counts: (usize, usize),
        settings: Vec<(String, String)>,
    ) -> Self {
        let mut deployment = Self::of(TestDatabase::of_this_run().await, packages).await;
        deployment.is_apart = true;
        deployment.settings = settings;
        deployment.with_processes(counts).await
    }

    async fn of(database: TestDatabase, packages: impl IntoIterator<Item = PackageSpec>) -> Self {
        let config = DatabaseConfig::new(database.url());
        let db = Db::open(&config, Arc::new(NoListener)).await;
        Self {
            apis: Vec::new(),
            workers: Vec::new(),
            upstream: StandIn::start(packages).await,
            db: db.expect("the database opens"),
            folder: tempfile::tempdir().expect("the temporary folder takes another one"),
            database,
            settings: Vec::new(),
            is_apart: false,
        }
    }

    async fn with_processes(mut self, (apis, workers): (usize, usize)) -> Self {
        for _ in 0..apis {
            self.start_api().await;
        }
        for _ in 0..workers {
            self.start_worker().await;
        }
        self
    }

    /// Sets a setting, by its variable, of the processes that are started from now on.
    pub fn set(&mut self, variable: &str, value: &str) {
        self.settings.push((variable.to_owned(), value.to_owned()));
    }

    /// Describes a process of this deployment.
    pub fn program(&self, name: &str) -> Builder {
        let program = WeirProcess::builder(binary(name)).data(&self.data(self.processes()));
        let settings = self.settings.iter();
        let program = settings.fold(program, |program, (name, value)| program.env(name, value));
        program
            .env("WEIR_DATABASE_URL", self.database.url())
            .env("WEIR_UPSTREAM", self.upstream.url())
            .env("WEIR_ADMIN_TOKEN", ADMIN_TOKEN)
            // So that a killed worker's tasks need not be waited for half a minute.
            .env("WEIR_LEASE_SECS", "10")
    }

    /// Starts one more API.
    pub async fn start_api(&mut self) {
        let api = self.program("weir-api").start().await;
        self.apis.push(api);
    }

    fn processes(&self) -> usize {
        self.apis.len() + self.workers.len()
    }

    /// Returns the data folder of a process, counted from 0 in the order of their starts.
    pub fn data(&self, process: usize) -> PathBuf {
        let name = if self.is_apart {
            format!("data-{process}")
        } else {
            "data".to_owned()
        };
        self.folder.path().join(name)
    }

    /// Starts one more worker and returns its number.
    pub async fn start_worker(&mut self) -> usize {
        let worker = self.program("weir-worker").spawn();
        until("the worker to start", SOON, async || {
            id_of(&worker).ok_or_else(|| worker.output())
        })
        .await;
        self.workers.push(worker);
        self.workers.len() - 1
    }

    /// Returns a worker's process.
    pub fn worker(&mut self, number: usize) -> &mut WeirProcess {
        &mut self.workers[number]
    }

    /// Returns an API's process.
    pub fn api(&mut self, number: usize) -> &mut WeirProcess {
        &mut self.apis[number]
    }

    /// Returns the number of the worker of this id.
    pub fn number_of(&self, id: WorkerId) -> Option<usize> {
        self.workers
            .iter()
            .position(|worker| id_of(worker) == Some(id))
    }

    /// Returns how many APIs there are.
    pub fn apis(&self) -> usize {
        self.apis.len()
    }

    /// Returns the database, for what is done behind every process's back.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Returns the upstream.
    pub fn upstream(&self) -> &StandIn {
        &self.upstream
    }

    /// Returns one API's URL, without a slash at the end.
    pub fn url(&self, api: usize) -> String {
        self.apis[api].url()
    }

    /// Begins a GET of one API.
    pub fn call(&self, api: usize, path: &str) -> client::Call {
        client::get(format!("{}{path}", self.url(api)))
    }

    /// Returns one API's answer to a GET as nobody.
    pub async fn get(&self, api: usize, path: &str) -> Reply {
        self.call(api, path).send().await.expect("the API answers")
    }

    /// Sends a POST to one API as the administrator; it must succeed.
    pub async fn post(&self, api: usize, path: &str, body: &serde_json::Value) -> Reply {
        let call = client::Call::new(http::Method::POST, format!("{}{path}", self.url(api)));
        let reply = call.bearer(ADMIN_TOKEN).json(body).send().await;
        let reply = reply.expect("the API answers");
        assert!(reply.is_success(), "{path}: {}", reply.text());
        reply
    }

    /// Asks one API for a package, as the administrator.
    pub async fn ask(&self, api: usize, name: &str) -> Task {
        let url = format!("{}/-/package/{name}/syncs", self.url(api));
        let reply = client::put(url).bearer(ADMIN_TOKEN).send().await;
        let reply = reply.expect("the API answers");
        assert_eq!(reply.status, 201, "{}", reply.text());
        Task {
            name: name.to_owned(),
            id: reply.json()["id"].as_str().expect("an id").to_owned(),
        }
    }

    /// Waits until a task and everything below it has succeeded, as one API sees it.
    pub async fn succeeded(&self, api: usize, task: &Task) -> Status {
        let path = format!("/syncs/{}", task.id);
        let status = until(format!("the end of {}", task.name), SOON, async || {
            let call = self.call(api, &path).bearer(ADMIN_TOKEN);
            let status = Status(call.send().await.expect("the API answers").json());
            if status.is_tree_final() {
                Ok(status)
            } else {
                Err(format!("{status:?}"))
            }
        })
        .await;
        assert_eq!(
            (status.state(), status.children("error")),
            ("success", 0),
            "{status:?}"
        );
        status
    }

    /// Stops everything that still runs, in order.
    pub async fn end(mut self) {
        self.upstream.ledger().assert_nothing_unexpected();
        for mut process in self.apis.drain(..).chain(self.workers.drain(..)) {
            if process.is_running() {
                process.terminate().await;
                let status = process.wait().await;
                assert!(status.success(), "{status}: {}", process.output());
            }
            assert!(
                !process.output().contains("panicked"),
                "{}",
                process.output()
            );
        }
    }
}

/// Reads a worker's id from the line with which it starts.
fn id_of(worker: &WeirProcess) -> Option<WorkerId> {
    let output = worker.output();
    let (_, rest) = output.split_once("\"worker.id\":\"")?;
    rest.split('"').next()?.parse().ok()
}
