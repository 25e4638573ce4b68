//! Lazy tarballs of registries that want to know who asks.

use std::sync::Arc;

use weir_content::ContentError;
use weir_runtime::Sealer;
use weir_store::{StoreError, clock, registries};
use weir_testkit::StandIn;

use crate::setup::{Shelf, read, sized};

const CREDENTIAL: &str = "Basic cm9ib3Q6c2VjcmV0LW1hcmtlcg==";

#[tokio::test]
async fn a_lazy_tarball_is_fetched_with_the_credentials_of_its_registry() {
    let upstream = StandIn::builder().package(sized(10_000)).behind(CREDENTIAL);
    let upstream = upstream.start().await;
    let url = format!("{}/", upstream.url());
    let mut shelf = Shelf::at(upstream, &url).await;
    shelf.show("a").await;
    let refused = shelf.flight("a", "1.0.0").await.landed().await;
    let refused = refused.expect_err("nobody said who we are");
    assert!(!refused.is_not_found(), "{refused}");

    let key = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    let sealer = Arc::new(Sealer::from_text(key, "test").expect("a key"));
    let id = shelf.registry.id;
    let plain = br#"{"username":"robot","password":"secret-marker"}"#;
    let sealed = sealer.seal(plain, &registries::credentials_place(id));
    let sealed = sealed.expect("sealed");
    shelf
        .write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                registries::set_credentials(tx, id, Some(&sealed), now).await
            })
        })
        .await;
    shelf.content = shelf.content.clone().opening_with(sealer);
    let (_, bytes, error) = read(shelf.flight("a", "1.0.0").await).await;
    assert_eq!(error, None);
    assert!(bytes == shelf.upstream.tarball_of("a", "1.0.0").bytes);

    let mut elsewhere = shelf.registry.clone();
    elsewhere.url = "https://elsewhere.example/".parse().expect("a URL");
    let refused = shelf.content.authorization(&elsewhere).await;
    let refused = refused.expect_err("it is for the place that the registry is at");
    assert!(
        matches!(refused, ContentError::Store(StoreError::Changed(_))),
        "{refused}"
    );
}
