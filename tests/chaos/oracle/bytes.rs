//! What readers get, and what lies in the folder: whole, and upstream's.

use std::collections::BTreeSet;

use futures::{StreamExt, stream};
use sha2::{Digest, Sha256};
use weir_tests::stored;

use crate::{
    look::{Seen, caught, look},
    report::Row,
    stage::{APIS, Stage},
};

/// Readers at the same time.
const READERS: usize = 16;
/// The one version that every package has.
const VERSION: &str = "1.0.0";

/// Reads every packument from one of the APIs in turn.
pub async fn compare_packuments(row: &mut Row, stage: &Stage<'_>, names: &[String]) {
    let urls: Vec<_> = (0..APIS).map(|api| stage.url(api)).collect();
    let looks = stream::iter(names.iter().enumerate())
        .map(|(index, name)| look(&urls[index % APIS], name, &stage.upstream));
    let seen: Vec<_> = looks.buffered(READERS).collect().await;
    for (seen, name) in seen.iter().zip(names) {
        row.expect(matches!(seen, Seen::Whole), || format!("{name}: {seen:?}"));
    }
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
