//! Describing and starting a system.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use weir_testkit::{
    PackageSpec, TestDatabase,
    database::Engine,
    process::{self, WeirProcess, binary},
    stand_in,
};

use super::System;

/// The administrator's token of every system.
pub const ADMIN_TOKEN: &str = "npm_administrator_of_a_test_system_0001";

/// The description of a system.
#[derive(Debug, Default)]
pub struct Builder {
    upstream: stand_in::Builder,
    settings: Vec<(String, String)>,
}

/// What it takes to start the server again.
#[derive(Debug)]
pub(super) struct Launch {
    data: PathBuf,
    /// Holds the data folder and what lies beside it.
    _folder: tempfile::TempDir,
    settings: Vec<(String, String)>,
    /// The database, where it is not a file of the data folder.
    database: Option<TestDatabase>,
}

impl Builder {
    /// Adds packages to the upstream.
    #[must_use]
    pub fn packages(self, packages: impl IntoIterator<Item = PackageSpec>) -> Self {
        self.upstream(|upstream| upstream.packages(packages))
    }

    /// Describes the upstream further.
    #[must_use]
    pub fn upstream(
        mut self,
        describe: impl FnOnce(stand_in::Builder) -> stand_in::Builder,
    ) -> Self {
        self.upstream = describe(self.upstream);
        self
    }

    /// Sets a setting by its variable.
    #[must_use]
    pub fn setting(mut self, variable: &str, value: &str) -> Self {
        self.settings.push((variable.to_owned(), value.to_owned()));
        self
    }

    /// Starts upstream and server.
    pub async fn start(self) -> System {
        let upstream = self.upstream.start().await;
        let mut settings = vec![("WEIR_UPSTREAM".to_owned(), upstream.url().to_owned())];
        let folder = tempfile::tempdir().expect("the temporary folder takes another one");
        if let Some(ca) = upstream.ca() {
            let file = folder.path().join("ca.pem");
            ca.write(&file).expect("the authority can be written");
            settings.push(("WEIR_CA_FILE".to_owned(), file.display().to_string()));
        }
        let database = match Engine::of_this_run() {
            Engine::Sqlite => None,
            Engine::Postgres => Some(TestDatabase::postgres().await),
        };
        if let Some(database) = &database {
            let variable = "WEIR_DATABASE_URL".to_owned();
            settings.push((variable, database.url().to_owned()));
        }
        // A test's own settings win.
        settings.extend(self.settings);
        let launch = Launch {
            data: folder.path().join("data"),
            _folder: folder,
            settings,
            database,
        };
        let process = launch
            .server(SocketAddr::from(([127, 0, 0, 1], 0)))
            .start()
            .await;
        System {
            address: process.address(),
            process: Some(process),
            upstream: Some(upstream),
            launch,
            has_ended: false,
        }
    }
}

impl Launch {
    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    pub(super) fn set(&mut self, variable: &str, value: &str) {
        self.settings.push((variable.to_owned(), value.to_owned()));
    }

    /// Returns what opens the database beside the server.
    pub(super) fn database_url(&self) -> String {
        match &self.database {
            Some(database) => database.url().to_owned(),
            None => format!("sqlite://{}", self.data.join("weir.sqlite").display()),
        }
    }

    /// Returns the description of the server's process.
    pub(super) fn server(&self, listen: SocketAddr) -> process::Builder {
        let server = WeirProcess::builder(binary("weir"))
            .arg("serve")
            .listen(listen);
        let server = server.data(&self.data).env("WEIR_ADMIN_TOKEN", ADMIN_TOKEN);
        let settings = self.settings.iter();
        settings.fold(server, |server, (name, value)| server.env(name, value))
    }
}
