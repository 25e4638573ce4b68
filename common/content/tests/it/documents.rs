//! Documents for further bases, and while the package changes under them.

use std::collections::BTreeSet;

use serde_json::Value;
use weir_content::ContentError;
use weir_domain::{Digest, PublicBase};
use weir_render::{Encoding, Form, inflate};
use weir_store::{
    StoreError, clock,
    documents::{self, Document},
    packages::Head,
};
use weir_testkit::PackageSpec;

use crate::setup::{Shelf, base, name, shown};

const FIRST: &str = "http://mirror.example/npm";
const SECOND: &str = "https://other.example";

fn spec() -> PackageSpec {
    let numbers = (0..250).map(|n| format!("1.0.{n}"));
    PackageSpec::with_versions("a", numbers, |version| version)
}

impl Shelf {
    async fn served(&self, base: &PublicBase) -> Option<Document> {
        let kind = (Form::Full.as_str(), Encoding::Gzip.as_str());
        let db = self.content.db.read();
        let now = clock::now(db).await.expect("a clock");
        let found = documents::find(db, &name("a"), kind, base, now).await;
        found
            .expect("readable")
            .expect("the package is there")
            .document
    }

    async fn parsed(&self, document: &Document) -> Value {
        let blob = (document.digest, document.size_bytes);
        let bytes = self.content.blobs.read(blob).await.expect("readable");
        let identity = inflate(&bytes.expect("there")).expect("gzip");
        assert_eq!(identity.len() as u64, document.identity_bytes);
        serde_json::from_slice(&identity).expect("JSON")
    }
}

/// Fails unless every tag points into the document.
fn assert_whole(packument: &Value) -> usize {
    let versions = packument["versions"].as_object().expect("versions");
    for (tag, target) in packument["dist-tags"].as_object().expect("tags") {
        let target = target.as_str().expect("a version");
        assert!(versions.contains_key(target), "{tag}: {target}");
    }
    versions.len()
}

#[tokio::test]
async fn each_base_has_documents_of_its_own() {
    let shelf = Shelf::of([spec()]).await;
    shelf.show("a").await;
    let (first, second) = (base(FIRST), base(SECOND));
    for base in [&first, &second] {
        let rendered = shelf.content.render_visible(&name("a"), base).await;
        let rendered = rendered.expect("rendered").expect("visible");
        let forms: BTreeSet<&str> = rendered.iter().map(|d| d.form.as_str()).collect();
        assert_eq!(forms, ["abbreviated", "full"].into());
    }
    let mut etags = BTreeSet::new();
    for base in [&first, &second] {
        let document = shelf.served(base).await.expect("recorded");
        let packument = shelf.parsed(&document).await;
        assert_eq!(assert_whole(&packument), 250);
        let url = &packument["versions"]["1.0.7"]["dist"]["tarball"];
        assert_eq!(url, &format!("{base}/a/-/a-1.0.7.tgz"));
        etags.insert(document.etag);
    }
    assert_eq!(etags.len(), 2);
}

/// What was rendered, whenever it was.
fn blobs(rendered: Result<Vec<Document>, ContentError>) -> Vec<(String, Digest, String)> {
    let rendered = rendered.expect("rendered").into_iter();
    rendered.map(|d| (d.form, d.digest, d.etag)).collect()
}

#[tokio::test]
async fn rendering_again_gives_the_same_blob() {
    let shelf = Shelf::of([spec()]).await;
    let row = shelf.show("a").await;
    let once = shelf
        .content
        .render(&shown(row.clone()), &base(FIRST))
        .await;
    let twice = shelf.content.render(&shown(row), &base(FIRST)).await;
    assert_eq!(blobs(once), blobs(twice));
}

#[tokio::test]
async fn nothing_is_rendered_of_what_is_not_there() {
    let shelf = Shelf::of([spec()]).await;
    let none = shelf.content.render_visible(&name("a"), &base(FIRST)).await;
    assert!(none.expect("readable").is_none());
}

#[tokio::test]
async fn what_a_flip_made_old_is_neither_recorded_nor_served() {
    let shelf = Shelf::of([spec()]).await;
    let row = shelf.show("a").await;
    let (first, second) = (base(FIRST), base(SECOND));
    // The rendering begins before the flip and is recorded after it.
    let old = shelf.content.render(&shown(row.clone()), &second).await;
    let old = old.expect("rendered");
    shelf.upstream.deprecate("a", "1.0.3", "old");
    let newer = shelf.show("a").await;
    assert_eq!(newer.revision, row.revision + 1);
    let recorded = shelf.content.record_documents(row.id, old.clone()).await;
    assert!(!recorded.expect("writable"));
    assert_eq!(shelf.served(&second).await, None);

    let rendered = shelf.content.render_visible(&name("a"), &second).await;
    rendered.expect("rendered").expect("visible");
    let recorded = shelf.content.record_documents(row.id, old).await;
    assert!(!recorded.expect("writable"), "the newer one stays");
    let served = shelf.served(&second).await.expect("recorded");
    let packument = shelf.parsed(&served).await;
    assert_eq!(packument["versions"]["1.0.3"]["deprecated"], "old");
    assert_eq!(shelf.served(&first).await, None);
}

#[tokio::test]
async fn a_reader_that_was_at_the_replaced_revision_still_finds_it_whole() {
    let shelf = Shelf::of([spec()]).await;
    let row = shelf.show("a").await;
    let before = shelf
        .content
        .render(&shown(row.clone()), &base(FIRST))
        .await;
    shelf.upstream.deprecate("a", "1.0.3", "old");
    shelf.show("a").await;
    let after = shelf.content.render(&shown(row), &base(FIRST)).await;
    assert_eq!(blobs(after), blobs(before));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn renderings_and_flips_at_once_give_no_mix() {
    let shelf = Shelf::of([spec()]).await;
    shelf.show("a").await;
    let flips = async {
        for n in 250..262 {
            let number = format!("1.0.{n}");
            shelf.upstream.publish("a", &number, |version| version);
            let packument = shelf.upstream.packument_of("a");
            let manifest = packument["versions"][&number].to_string();
            let tags = [("latest".to_owned(), crate::setup::version(&number))];
            let head = Head {
                dist_tags: tags.into(),
                ..Head::default()
            };
            shelf.show_these("a", vec![(number, manifest)], head).await;
        }
    };
    let readings = async {
        let mut seen = BTreeSet::new();
        while !seen.contains(&262) {
            let rendered = shelf.content.render_visible(&name("a"), &base(FIRST)).await;
            let rendered = match rendered {
                Ok(rendered) => rendered.expect("visible"),
                Err(ContentError::Store(StoreError::Changed(_))) => continue,
                Err(error) => panic!("{error}"),
            };
            for document in &rendered {
                let packument = shelf.parsed(document).await;
                let count = assert_whole(&packument);
                let latest = &packument["dist-tags"]["latest"];
                assert_eq!(latest, &format!("1.0.{}", count - 1), "of one revision");
                seen.insert(count);
            }
        }
    };
    tokio::join!(flips, readings);
    let served = shelf.served(&base(FIRST)).await.expect("recorded");
    assert_eq!(assert_whole(&shelf.parsed(&served).await), 262);
}

#[tokio::test]
async fn a_document_is_compressed_once_more_beside_itself_and_only_once() {
    let shelf = Shelf::of([spec()]).await;
    shelf.show("a").await;
    let (a, base) = (name("a"), base(FIRST));
    let in_br = || {
        let kind = (Form::Full, Encoding::Brotli);
        shelf.content.encode(&a, kind, &base)
    };
    assert_eq!(
        in_br().await.expect("readable"),
        None,
        "nothing is rendered"
    );
    let rendered = shelf.content.render_visible(&a, &base).await;
    rendered.expect("rendered").expect("visible");
    let gzip = shelf.served(&base).await.expect("recorded");
    let made = in_br().await.expect("made").expect("visible");
    assert_eq!(made.encoding, "br");
    let as_gzip = Document {
        encoding: gzip.encoding.clone(),
        digest: gzip.digest,
        size_bytes: gzip.size_bytes,
        ..made.clone()
    };
    assert_eq!(as_gzip, gzip, "but for its bytes it is the same");
    let (kept, _) = shelf.bytes_on_disk();
    let found = in_br().await.expect("found");
    assert_eq!((found, shelf.bytes_on_disk()), (Some(made), (kept, 0)));
    assert_eq!(shelf.served(&base).await, Some(gzip));
}
