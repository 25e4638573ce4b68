//! Held bytes against a promise that came later.

use weir_content::ContentError;
use weir_domain::{Digest, Integrity};
use weir_testkit::StandIn;

use crate::setup::{Shelf, sized};

#[tokio::test]
async fn held_bytes_are_hashed_against_a_later_promise() {
    for size in [1_000, 3_000_000] {
        let shelf = Shelf::of([sized(size)]).await;
        shelf.show("a").await;
        let held = shelf.flight("a", "1.0.0").await.landed().await;
        let held = held.expect("held");
        let own = shelf.upstream.tarball_of("a", "1.0.0");
        let other = StandIn::start([sized(size + 1)]).await;
        let other = other.tarball_of("a", "1.0.0");
        for (promise, expected) in [
            (Integrity::from_dist(Some(&own.integrity), None), true),
            (Integrity::from_dist(None, Some(&own.shasum)), true),
            (Integrity::from_dist(Some(&other.integrity), None), false),
            // The stronger one decides.
            (
                Integrity::from_dist(Some(&other.integrity), Some(&own.shasum)),
                false,
            ),
        ] {
            let promise = promise.expect("a digest");
            let matches = shelf.content.matches(held, &promise).await;
            assert_eq!(matches.expect("readable"), expected, "{promise}");
        }
        let missing = (Digest::of(b"nothing"), 7);
        let promise = Integrity::from_dist(Some(&own.integrity), None).expect("a digest");
        let matches = shelf.content.matches(missing, &promise).await;
        assert!(
            matches!(matches, Err(ContentError::Damaged(_))),
            "what is not there proves nothing"
        );
    }
}
