//! Settings for processes whose blobs are in a bucket, and looking into it.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};
use weir_testkit::{
    ObjectServer,
    object_server::{ACCESS_KEY_ID, SECRET_ACCESS_KEY},
};

/// Returns the variables with which a process keeps its blobs below `prefix`.
///
/// A proxy that nobody is behind is among them: it must not be used.
pub fn settings(server: &ObjectServer, prefix: &str) -> Vec<(String, String)> {
    let pairs = [
        ("WEIR_BLOB_URL", server.url(prefix)),
        ("WEIR_BLOB_ACCESS_KEY_ID", ACCESS_KEY_ID.to_owned()),
        ("WEIR_BLOB_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY.to_owned()),
        ("HTTP_PROXY", "http://127.0.0.1:9".to_owned()),
        ("http_proxy", "http://127.0.0.1:9".to_owned()),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value)).to_vec()
}

/// Reads every blob of a bucket and returns their digests; fails the test if one is not
/// what its name says, or if parts of an upload were left.
pub fn blobs(server: &ObjectServer, prefix: &str) -> BTreeSet<String> {
    assert_eq!(server.unfinished(), 0, "parts of uploads are left");
    let keys = server.keys().into_iter();
    let keys = keys.filter(|key| key.starts_with(&format!("{prefix}/blobs/")));
    keys.map(|key| {
        let bytes = std::fs::read(server.file(&key)).expect("an object can be read");
        let digest = hex::encode(Sha256::digest(&bytes));
        assert!(key.ends_with(&digest), "{key} holds other bytes");
        digest
    })
    .collect()
}
