//! Documents: what answers a request is of the visible revision and policy, and still valid.

use std::time::Duration;

use weir_domain::{Digest, PackageId, PublicBase, RegistryId, Timestamp};
use weir_store::{
    documents::{self, Document, Found},
    packages::{self, Flip, Head, UpstreamMark},
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, ended, package, spawn, write};

weir_testkit::on_both_engines!(
    a_document_of_the_visible_revision_is_found,
    each_form_encoding_and_base_has_its_own_document,
    a_document_of_another_policy_is_not_found,
    a_lapsed_document_is_not_found,
    a_flip_replaces_all_documents,
    of_two_documents_for_a_key_the_newer_stays,
    a_rendering_that_meets_a_flip_does_not_replace_what_it_shows,
);

const BASE: &str = "http://mirror.example/";

fn document(revision: i64, policy_generation: i64, content: &str) -> Document {
    Document {
        form: "full".to_owned(),
        encoding: "gzip".to_owned(),
        base: PublicBase::parse(BASE).unwrap().as_str().to_owned(),
        revision,
        policy_generation,
        valid_until: None,
        digest: Digest::of(content.as_bytes()),
        size_bytes: content.len() as u64,
        identity_bytes: 1000,
        etag: format!("W/\"{content}\""),
        modified_at: Timestamp(5000),
    }
}

async fn ensure(scene: &Scene) -> PackageId {
    let (name, now) = (package("x"), scene.now());
    let registry = RegistryId::new();
    let made = write!(scene, |tx| packages::ensure(tx, &name, registry, now).await);
    made.unwrap().id
}

async fn flip(scene: &Scene, id: PackageId, from_revision: i64, rendered: Vec<Document>) {
    let flip = Flip {
        package: id,
        name: package("x"),
        from_revision,
        policy_generation: 0,
        head: Head::default(),
        upstream: UpstreamMark::default(),
    };
    let now = scene.now();
    write!(scene, |tx| packages::flip(tx, &flip, &rendered, now).await).unwrap();
}

async fn put(scene: &Scene, id: PackageId, document: Document) {
    write!(scene, |tx| documents::put(tx, id, &document).await).unwrap();
}

async fn found(scene: &Scene) -> Found {
    found_as(scene, ("full", "gzip"), BASE).await
}

async fn found_as(scene: &Scene, kind: (&str, &str), base: &str) -> Found {
    let base = PublicBase::parse(base).unwrap();
    let found = documents::find(scene.db.read(), &package("x"), kind, &base, scene.now()).await;
    found.unwrap().unwrap()
}

async fn a_document_of_the_visible_revision_is_found(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let base = PublicBase::parse(BASE).unwrap();
    let name = package("x");
    let none = documents::find(scene.db.read(), &name, ("full", "gzip"), &base, scene.now());
    assert_eq!(none.await.unwrap(), None);
    let id = ensure(&scene).await;
    let before = found(&scene).await;
    assert_eq!((before.package, before.revision), (id, 0));
    assert_eq!(before.document, None);
    let first = document(1, 0, "first");
    flip(&scene, id, 0, vec![first.clone()]).await;
    let after = found(&scene).await;
    assert_eq!(after.revision, 1);
    assert_eq!(after.document, Some(first));
}

async fn each_form_encoding_and_base_has_its_own_document(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await;
    flip(&scene, id, 0, vec![document(1, 0, "full")]).await;
    let abbreviated = Document {
        form: "abbreviated".to_owned(),
        ..document(1, 0, "abbreviated")
    };
    put(&scene, id, abbreviated.clone()).await;
    let elsewhere = Document {
        base: "http://other.example/npm/".to_owned(),
        ..document(1, 0, "elsewhere")
    };
    put(&scene, id, elsewhere.clone()).await;
    let of = async |kind, base| found_as(&scene, kind, base).await.document;
    assert_eq!(
        of(("full", "gzip"), BASE).await,
        Some(document(1, 0, "full"))
    );
    assert_eq!(of(("abbreviated", "gzip"), BASE).await, Some(abbreviated));
    assert_eq!(
        of(("full", "br"), BASE).await,
        Some(document(1, 0, "full")),
        "gzip where there is nothing else"
    );
    let brotli = Document {
        encoding: "br".to_owned(),
        ..document(1, 0, "brotli")
    };
    put(&scene, id, brotli.clone()).await;
    assert_eq!(of(("full", "br"), BASE).await, Some(brotli));
    for encoding in ["gzip", "zstd", "identity"] {
        let found = of(("full", encoding), BASE).await;
        assert_eq!(found, Some(document(1, 0, "full")), "{encoding}");
    }
    let other = PublicBase::parse("http://other.example/npm/").unwrap();
    if other.as_str() == elsewhere.base {
        let found = of(("full", "gzip"), "http://other.example/npm/").await;
        assert_eq!(found, Some(elsewhere));
    }
}

async fn a_document_of_another_policy_is_not_found(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await;
    flip(&scene, id, 0, vec![document(1, 0, "before")]).await;
    scene
        .meddle("UPDATE packages SET policy_generation = 1")
        .await;
    let now = found(&scene).await;
    assert_eq!((now.policy_generation, now.document), (1, None));
    put(&scene, id, document(1, 1, "after")).await;
    let etag = found(&scene).await.document.unwrap().etag;
    assert_eq!(etag, "W/\"after\"");
}

async fn a_lapsed_document_is_not_found(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await;
    let until = scene.now().plus(Duration::from_secs(10));
    let dated = Document {
        valid_until: Some(until),
        ..document(1, 0, "dated")
    };
    let brotli = Document {
        encoding: "br".to_owned(),
        ..dated.clone()
    };
    flip(&scene, id, 0, vec![dated.clone(), brotli.clone()]).await;
    let as_brotli = async || found_as(&scene, ("full", "br"), BASE).await.document;
    assert_eq!(found(&scene).await.document, Some(dated));
    assert_eq!(as_brotli().await, Some(brotli));
    scene.later(Duration::from_secs(10));
    assert_eq!(found(&scene).await.document, None);
    let anew = document(1, 0, "rendered anew");
    put(&scene, id, anew.clone()).await;
    assert_eq!(as_brotli().await, Some(anew), "not the one that lapsed");
}

async fn a_flip_replaces_all_documents(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await;
    let brotli = Document {
        encoding: "br".to_owned(),
        ..document(1, 0, "brotli")
    };
    flip(&scene, id, 0, vec![document(1, 0, "old"), brotli]).await;
    flip(&scene, id, 1, vec![document(2, 0, "new")]).await;
    let rows = "SELECT COUNT(*) AS n FROM documents";
    assert_eq!(scene.number(rows).await, 1);
    let etag = found(&scene).await.document.unwrap().etag;
    assert_eq!(etag, "W/\"new\"");
}

async fn of_two_documents_for_a_key_the_newer_stays(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await;
    flip(&scene, id, 0, vec![]).await;
    flip(&scene, id, 1, vec![document(2, 0, "of revision 2")]).await;
    // A slow renderer comes back with what it began before the flip.
    put(&scene, id, document(1, 0, "late")).await;
    assert!(found(&scene).await.document.is_some());
    scene
        .meddle("UPDATE packages SET policy_generation = 3")
        .await;
    put(&scene, id, document(2, 3, "of policy 3")).await;
    put(&scene, id, document(2, 2, "of policy 2")).await;
    let stays = found(&scene).await.document.unwrap();
    assert_eq!(stays.etag, "W/\"of policy 3\"");
    put(&scene, id, document(2, 3, "made again")).await;
    let stays = found(&scene).await.document.unwrap();
    assert_eq!(stays.etag, "W/\"made again\"");
}

async fn a_rendering_that_meets_a_flip_does_not_replace_what_it_shows(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = ensure(&scene).await;
    flip(&scene, id, 0, vec![document(1, 0, "old")]).await;
    let next = Flip {
        package: id,
        name: package("x"),
        from_revision: 1,
        policy_generation: 0,
        head: Head::default(),
        upstream: UpstreamMark::default(),
    };
    let (now, rendered) = (scene.now(), [document(2, 0, "new")]);
    let flipping = scene
        .hold_open(move |tx| {
            Box::pin(async move { packages::flip(tx, &next, &rendered, now).await })
        })
        .await;
    let other = scene.clone();
    let late = spawn(async move { put(&other, id, document(1, 0, "late")).await });
    scene.settle(&late).await;
    flipping.commit().await.unwrap();
    ended(late).await;
    let stays = found(&scene).await.document.unwrap();
    assert_eq!(stays.etag, "W/\"new\"");
}
