//! What readers get, and what lies in the folder: whole, and upstream's.

use std::{collections::BTreeSet, sync::Arc};

use futures::{StreamExt, stream};
use sha2::{Digest, Sha256};
use weir_testkit::{StandIn, client};
use weir_tests::{packument::assert_mirrors, stored};

use super::caught;
use crate::{
    report::Row,
    stage::{APIS, PUBLIC_URL, Stage},
};

/// Readers at the same time.
const READERS: usize = 16;
/// The one version that every package has.
const VERSION: &str = "1.0.0";

/// Reads every packument from one of the APIs in turn.
pub async fn compare_packuments(row: &mut Row, stage: &Stage<'_>, names: &[String]) {
    let urls: Vec<_> = (0..APIS).map(|api| stage.url(api)).collect();
    let reading = stream::iter(names.iter().enumerate()).map(|(index, name)| {
        let url = format!("{}/{name}", urls[index % APIS]);
        compare_packument(url, name, &stage.upstream)
    });
    let complaints: Vec<_> = reading.buffer_unordered(READERS).collect().await;
    row.broken.extend(complaints.into_iter().flatten());
}

async fn compare_packument(url: String, name: &str, upstream: &Arc<StandIn>) -> Option<String> {
    let host = PUBLIC_URL.trim_start_matches("http://");
    let reply = match client::get(url.clone()).header("host", host).send().await {
        Ok(reply) if reply.status == 200 => reply,
        other => return Some(format!("{url} is not served: {other:?}")),
    };
    let theirs = upstream.packument_of(name);
    caught(|| assert_mirrors(&reply.json(), &theirs, PUBLIC_URL)).err()
}

/// Reads every blob again; no tarball is missing, nothing is left half done.
pub fn compare_folder(row: &mut Row, stage: &Stage<'_>, names: &[String]) {
    let mut held = BTreeSet::new();
    let read = caught(|| held = stored::blobs(&stage.data()));
    row.broken.extend(read.err());
    for name in names {
        let bytes = stage.upstream.tarball_of(name, VERSION).bytes;
        let digest = hex::encode(Sha256::digest(&bytes));
        row.expect(held.contains(&digest), || {
            format!("{name}@{VERSION} is not held")
        });
    }
    let left = stored::temporaries(&stage.data());
    row.expect(left.is_empty(), || {
        format!("temporary files are left: {left:?}")
    });
}
