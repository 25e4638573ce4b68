//! What is found out about a bucket before anything depends on it.

use std::{error::Error, sync::Arc};

use weir_domain::{Bucket, Decision, Retryable};
use weir_testkit::{ObjectFault, ObjectServer};

use crate::{
    BlobError, Blobs,
    backend::Backend,
    remote::Remote,
    tests::{
        bench::{ROOMY, brief},
        put,
    },
};

async fn check(bucket: &Bucket) -> Result<Blobs, BlobError> {
    let remote = Remote::open(bucket, &brief())?;
    remote.check().await?;
    Ok(Blobs {
        backend: Backend::Remote(Arc::new(remote)),
    })
}

/// Returns the one line that an operator reads.
async fn refusal(bucket: &Bucket) -> String {
    let error = check(bucket).await.expect_err("refused");
    assert!(matches!(error, BlobError::Bucket { .. }), "{error:?}");
    assert_eq!(error.decision(), Decision::GiveUp);
    let line = format!("{error}: {}", error.source().expect("a cause"));
    assert!(!line.contains('\n'), "{line}");
    line
}

#[tokio::test]
async fn a_bucket_that_cannot_be_used_is_one_clear_line() {
    let server = ObjectServer::start().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let good = server.bucket("p", folder.path(), ROOMY);

    let mut bucket = good.clone();
    bucket.url.name = "other".to_owned();
    let line = refusal(&bucket).await;
    assert!(
        line.starts_with("the bucket s3://other/p cannot be used: 404 Not Found"),
        "{line}"
    );

    let mut bucket = good.clone();
    bucket.aws.0[1].1 = "a-guess".to_owned();
    let line = refusal(&bucket).await;
    assert!(
        line.contains("403 Forbidden, SignatureDoesNotMatch"),
        "{line}"
    );

    for (method, part) in [("GET", "list-type"), ("PUT", "weir-probe")] {
        server.once(method, part, ObjectFault::Status(403, "AccessDenied"));
        let line = refusal(&good).await;
        assert!(line.contains("403 Forbidden, AccessDenied"), "{line}");
    }

    let mut bucket = good.clone();
    bucket.ca_file = Some(folder.path().join("absent.pem"));
    let line = refusal(&bucket).await;
    assert!(line.contains("absent.pem"), "{line}");

    drop(server);
    let line = refusal(&good).await;
    assert!(line.contains("refused"), "{line}");
}

#[tokio::test]
async fn a_store_without_conditions_is_warned_about_and_used() {
    for fault in [
        ObjectFault::Forgetful,
        ObjectFault::Status(400, "InvalidArgument"),
    ] {
        let server = ObjectServer::start().await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        match fault {
            ObjectFault::Forgetful => server.always("PUT", "weir-probe", fault),
            fault => server.once("PUT", "weir-probe", fault),
        }
        let blobs = check(&server.bucket("", folder.path(), ROOMY)).await;
        put(&blobs.expect("usable"), "unconditional").await;
        let asked = server.asked("PUT", "/blobs/");
        assert_eq!((asked.len(), asked[0].creates), (1, false));
    }
}

#[tokio::test]
async fn starts_at_the_same_moment_find_conditions_honoured() {
    let server = ObjectServer::start().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bucket = server.bucket("p", folder.path(), ROOMY);
    for blobs in futures::future::join_all((0..5).map(|_| check(&bucket))).await {
        put(&blobs.expect("usable"), "same").await;
    }
    assert!(
        server
            .asked("PUT", "/blobs/")
            .iter()
            .all(|asked| asked.creates)
    );
}
