//! Addresses at which anybody can read a blob for a while.

use std::time::Duration;

use http::Method;
use weir_testkit::client::{Call, get};

use crate::{
    Verb,
    tests::{Bench, put},
};

const VALID_FOR: Duration = Duration::from_secs(300);

#[tokio::test]
async fn an_address_works_for_its_method_its_blob_and_its_time() {
    let bench = Bench::remote().await;
    let digest = put(&bench.blobs, "0123456789").await;
    let address = async |verb| {
        let address = bench.blobs.presigned(digest, verb, VALID_FOR).await;
        address.expect("signed").expect("a bucket has addresses")
    };
    let url = address(Verb::Get).await;
    assert!(
        url.contains("X-Amz-Expires=300") && !url.contains("sesame"),
        "{url}"
    );
    let whole = get(url.clone()).send().await.expect("answered");
    assert_eq!((whole.status, &whole.body[..]), (200, &b"0123456789"[..]));
    let part = get(url.clone()).header("range", "bytes=2-4");
    let part = part.send().await.expect("answered");
    assert_eq!((part.status, &part.body[..]), (206, &b"234"[..]));

    let head = Call::new(Method::HEAD, url.clone())
        .send()
        .await
        .expect("answered");
    assert_eq!(head.status, 403, "a signature is for one method");
    let head = Call::new(Method::HEAD, address(Verb::Head).await);
    let head = head.send().await.expect("answered");
    assert_eq!((head.status, head.header("content-length")), (200, "10"));

    let later = url.replace("X-Amz-Expires=300", "X-Amz-Expires=999");
    assert_eq!(get(later).send().await.expect("answered").status, 403);
    let other = put(&bench.blobs, "other").await.to_string();
    let other = url.replace(&digest.to_string(), &other);
    assert_eq!(get(other).send().await.expect("answered").status, 403);
}

#[tokio::test]
async fn blobs_in_a_folder_have_no_addresses() {
    let bench = Bench::disk();
    let digest = put(&bench.blobs, "here").await;
    let address = bench.blobs.presigned(digest, Verb::Get, VALID_FOR).await;
    assert_eq!(address.expect("nothing to sign"), None);
}
