//! The yardstick of syncs: fetches every tarball of some packages on 64 connections, writes
//! each to a file of its own and syncs the file and its folder. It verifies and records nothing.

use std::{
    fs::File,
    io::Write,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context, ensure};
use bytes::Bytes;
use futures::future::try_join_all;
use serde_json::Value;
use weir_testkit::client::{Connection, Reply};

/// Requests under way; as many as a worker's.
const AT_ONCE: usize = 64;

/// Downloads all versions of all packages of the registry at `origin`; returns how many.
pub async fn download(origin: &str, names: &[String], into: &Path) -> anyhow::Result<usize> {
    let authority = origin.trim_start_matches("http://");
    let documents = names.iter().map(|name| format!("/{name}")).collect();
    let tarballs = fetch_all(authority, documents, async |_, reply| {
        let packument: Value = serde_json::from_slice(&reply.body)?;
        let versions = packument["versions"].as_object().context("versions")?;
        let url = |manifest: &Value| manifest["dist"]["tarball"].as_str().map(str::to_owned);
        let urls = versions.values().filter_map(url);
        let path = |url: String| url.trim_start_matches(origin).to_owned();
        Ok(urls.map(path).collect::<Vec<_>>())
    });
    let tarballs = tarballs.await?.concat();
    let count = tarballs.len();
    fetch_all(authority, tarballs, async |n, reply| {
        let file = into.join(n.to_string());
        tokio::task::spawn_blocking(move || write_synced(&file, &reply.body)).await?
    })
    .await?;
    Ok(count)
}

async fn fetch_all<T>(
    authority: &str,
    paths: Vec<String>,
    keep: impl AsyncFn(usize, Reply) -> anyhow::Result<T>,
) -> anyhow::Result<Vec<T>> {
    let next = AtomicUsize::new(0);
    let lanes = (0..AT_ONCE).map(async |_| {
        let mut connection = Connection::open(authority).await?;
        let mut kept = Vec::new();
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = paths.get(n) else {
                return anyhow::Ok(kept);
            };
            let reply = connection.get(path, &[]).await?;
            ensure!(reply.status == 200, "{path}: {}", reply.status);
            kept.push(keep(n, reply).await?);
        }
    });
    Ok(try_join_all(lanes).await?.into_iter().flatten().collect())
}

fn write_synced(path: &Path, bytes: &Bytes) -> anyhow::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let folder = path.parent().context("a file lies in a folder")?;
    Ok(File::open(folder)?.sync_all()?)
}
