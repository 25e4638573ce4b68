//! A fresh server for one measurement, beside an upstream that stays.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::ensure;
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use weir_testkit::{
    client,
    process::{WeirProcess, binary},
};
use weir_tests::system::ADMIN_TOKEN;

use crate::gauge::Gauge;

/// Wishes sent at a time.
const AT_ONCE: usize = 16;
/// Between two looks at what is left; a look costs the server less than a millisecond.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A server with nothing in it.
pub struct Mirror {
    process: WeirProcess,
    folder: tempfile::TempDir,
}

impl Mirror {
    /// Starts one, with these settings.
    pub async fn start(upstream: &str, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let server = WeirProcess::builder(binary("weir")).arg("serve");
        let server = server.data(folder.path());
        let server = settings
            .iter()
            .fold(server, |server, (name, value)| server.env(name, value));
        let server = server.env("WEIR_UPSTREAM", upstream);
        Ok(Self {
            process: server.env("WEIR_ADMIN_TOKEN", ADMIN_TOKEN).start().await,
            folder,
        })
    }

    /// Returns where it listens.
    pub fn url(&self) -> String {
        self.process.url()
    }

    /// Returns its process.
    pub fn gauge(&self) -> Gauge {
        Gauge(self.process.pid())
    }

    /// Returns its data folder.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// Asks for packages, without their dependencies, and waits until all of them are there;
    /// returns how long that took.
    pub async fn sync(&self, names: &[String]) -> anyhow::Result<Duration> {
        let began = Instant::now();
        let asked = stream::iter(names).map(|name| async move {
            let call = client::put(format!("{}/-/package/{name}/syncs", self.url()));
            let call = call.bearer(ADMIN_TOKEN);
            let reply = call
                .json(&json!({ "skipDependencies": true }))
                .send()
                .await?;
            ensure!(reply.status == 201, "{name}: {}", reply.text());
            Ok(())
        });
        asked.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        loop {
            let counts = self.counts().await?;
            if counts["waiting"] == 0 && counts["processing"] == 0 {
                ensure!(counts["error"] == 0, "some failed: {counts}");
                return Ok(began.elapsed());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn counts(&self) -> anyhow::Result<Value> {
        let call = client::get(format!("{}/syncs?limit=1", self.url()));
        let list = call.bearer(ADMIN_TOKEN).send().await?;
        Ok(list.json()["counts"].take())
    }

    /// Stops it; returns its folder, for who does not want that removed at once.
    pub async fn end(mut self) -> anyhow::Result<tempfile::TempDir> {
        self.process.terminate().await;
        let status = self.process.wait().await;
        ensure!(status.success(), "{status}: {}", self.process.output());
        Ok(self.folder)
    }
}
