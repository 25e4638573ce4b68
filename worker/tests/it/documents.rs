//! Which documents a sync leaves.

use weir_content::BASES_SETTING;
use weir_domain::PublicBase;
use weir_render::Form;
use weir_store::{clock, settings};

use crate::setup::{BASE, Mirror, name, package};

impl Mirror {
    async fn set_bases(&self, text: &'static str) {
        let written = self.environment.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                settings::put(tx, BASES_SETTING, text, now).await
            })
        });
        written.await.expect("written");
    }
}

#[tokio::test]
async fn before_any_api_has_started_nothing_is_rendered_and_nothing_is_lost() {
    let mirror = Mirror::of([package("a", &["1.0.0"])]).await;
    mirror.set_bases("[]").await;
    mirror.sync("a").await;
    assert_eq!(mirror.document("a", Form::Full).await, None);
    let base = PublicBase::parse(BASE).expect("a base");
    let content = &mirror.environment.content;
    let rendered = content.render_visible(&name("a"), &base).await;
    assert_eq!(rendered.expect("rendered").expect("visible").len(), 2);
    assert_eq!(mirror.versions("a").await, ["1.0.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn a_flip_leaves_no_older_document_for_any_base() {
    let mirror = Mirror::of([package("a", &["1.0.0"])]).await;
    mirror.sync("a").await;
    let other = PublicBase::parse("http://other.example").expect("a base");
    let content = &mirror.environment.content;
    content
        .render_visible(&name("a"), &other)
        .await
        .expect("rendered");
    mirror.upstream.publish("a", "1.1.0", |v| v);
    mirror.sync("a").await;
    let db = mirror.environment.db.read();
    let now = clock::now(db).await.expect("a clock");
    let found = weir_store::documents::find(db, &name("a"), ("full", "gzip"), &other, now).await;
    let found = found.expect("readable").expect("the package is there");
    assert_eq!((found.revision, found.document), (2, None));
    assert_eq!(mirror.versions("a").await, ["1.0.0", "1.1.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn a_setting_nobody_can_read_stops_the_sync_and_hides_nothing() {
    let mirror = Mirror::of([package("a", &["1.0.0"])]).await;
    mirror.sync("a").await;
    let before = mirror.document("a", Form::Full).await;
    mirror.upstream.publish("a", "1.1.0", |v| v);
    mirror.set_bases("nonsense").await;
    let task = mirror.sync("a").await;
    assert_eq!(
        task.error_code,
        Some(weir_domain::task::ErrorCode::Internal)
    );
    assert_eq!(mirror.document("a", Form::Full).await, before);
    mirror.set_bases(r#"["http://mirror.example/npm"]"#).await;
    mirror.sync("a").await;
    assert_eq!(mirror.versions("a").await, ["1.0.0", "1.1.0"]);
    mirror.close().await;
}
