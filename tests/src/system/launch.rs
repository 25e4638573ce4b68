//! Describing and starting a system.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use weir_testkit::{
    PackageSpec,
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
    workers: usize,
}

/// What it takes to start the server again.
#[derive(Debug)]
pub(super) struct Launch {
    data: PathBuf,
    /// Holds the data folder and what lies beside it.
    _folder: tempfile::TempDir,
    settings: Vec<(String, String)>,
    /// Workers as processes of their own; none if the server works itself.
    workers: usize,
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

    /// Runs the halves apart: one `weir-api` and this many `weir-worker`.
    #[must_use]
    pub fn workers(mut self, count: usize) -> Self {
        self.workers = count;
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
        // A test's own settings win.
        settings.extend(self.settings);
        let mut launch = Launch {
            data: folder.path().join("data"),
            _folder: folder,
            settings,
            workers: 0,
        };
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut process = launch.server(anywhere).start().await;
        if self.workers > 0 {
            // Its first start has made the schema, the administrator and the registry.
            process.terminate().await;
            process.wait().await;
            launch.workers = self.workers;
            process = launch.server(anywhere).start().await;
        }
        System {
            address: process.address(),
            process: Some(process),
            workers: launch.workers(),
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

    /// Returns the description of the server's process.
    pub(super) fn server(&self, listen: SocketAddr) -> process::Builder {
        let server = match self.workers {
            0 => WeirProcess::builder(binary("weir")).arg("serve"),
            _ => WeirProcess::builder(binary("weir-api")),
        };
        self.set(server.listen(listen))
    }

    /// Starts the workers, if they are processes of their own.
    pub(super) fn workers(&self) -> Vec<WeirProcess> {
        let worker = || self.set(WeirProcess::builder(binary("weir-worker")));
        (0..self.workers).map(|_| worker().spawn()).collect()
    }

    fn set(&self, process: process::Builder) -> process::Builder {
        let process = process.data(&self.data);
        let process = process.env("WEIR_ADMIN_TOKEN", ADMIN_TOKEN);
        let settings = self.settings.iter();
        settings.fold(process, |process, (name, value)| process.env(name, value))
    }
}
