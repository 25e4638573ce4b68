//! Damaged blobs are out of use in one commit, and proofs grow old.

use std::time::Duration;

use weir_domain::{Digest, Integrity, PackageId, RegistryId, Timestamp, Version};
use weir_store::{
    Signal, StoreError, Topic, audit,
    blobs::{self, Damage},
    documents::{self, Document},
    packages::{self, Flip, Head, UpstreamMark},
    versions,
};
use weir_testkit::TestDatabase;

use crate::{
    collect::{announce, blob, put},
    support::{Scene, package, write},
    versions::{SHA_A, new_version},
};

weir_testkit::on_both_engines!(
    a_damaged_tarball_is_lazy_from_one_commit_on,
    a_damaged_document_is_gone_from_one_commit_on,
    what_was_put_again_while_it_was_read_stays,
    a_row_that_names_what_is_gone_is_mended,
    proofs_grow_old_one_after_the_other,
    the_blobs_of_a_package_are_its_tarballs_and_documents,
);

fn version() -> Version {
    Version::parse("1.0.0").unwrap()
}

/// A package `x` with one version whose tarball is blob 7 and one document, blob 8.
async fn mirrored(scene: &Scene, registry: RegistryId) -> PackageId {
    let (now, name) = (scene.now(), package("x"));
    let row = write!(scene, |tx| packages::ensure(tx, &name, registry, now).await);
    let id = row.unwrap().id;
    for n in [7, 8] {
        put(scene, n).await;
    }
    write!(scene, |tx| {
        versions::stage(tx, id, 1, &[new_version("1.0.0", "", SHA_A)]).await?;
        let flip = Flip {
            package: id,
            name: package("x"),
            from_revision: 0,
            policy_generation: 0,
            head: Head::default(),
            upstream: UpstreamMark::default(),
        };
        let document = Document {
            form: "full".to_owned(),
            encoding: "gzip".to_owned(),
            base: "http://mirror.example".to_owned(),
            revision: 1,
            policy_generation: 0,
            valid_until: None,
            digest: blob(8).0,
            size_bytes: 8,
            identity_bytes: 8,
            etag: "W/\"1\"".to_owned(),
            modified_at: Timestamp(0),
        };
        packages::flip(tx, &flip, &[], now).await?;
        assert!(documents::put(tx, id, &document).await?);
        let promised = Integrity::from_dist(None, Some(SHA_A));
        versions::hold(tx, id, &version(), promised.as_ref(), blob(7)).await
    })
    .unwrap();
    scene.heard.take();
    id
}

async fn condemn(
    scene: &Scene,
    digest: Digest,
    seen_at: Timestamp,
) -> Result<Option<Damage>, StoreError> {
    let now = scene.now();
    write!(scene, |tx| {
        blobs::condemn(tx, digest, ("it has 3 bytes", seen_at), now).await
    })
}

async fn tarball(scene: &Scene, id: PackageId) -> Option<(Digest, u64)> {
    let outline = versions::find_outline(scene.db.read(), id, 1, &version()).await;
    outline.unwrap().unwrap().tarball
}

async fn a_damaged_tarball_is_lazy_from_one_commit_on(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let registry = RegistryId::new();
    let id = mirrored(&scene, registry).await;
    assert_eq!(tarball(&scene, id).await, Some(blob(7)));
    let damage = condemn(&scene, blob(7).0, scene.now()).await.unwrap();
    let damage = damage.expect("it is in use");
    assert_eq!(damage.tarballs, [(package("x"), Some(registry), version())]);
    assert!(damage.documents.is_empty());
    assert_eq!(tarball(&scene, id).await, None);
    let told = Signal::Invalidated(Topic::Package, "x".to_owned());
    assert!(scene.heard.take().contains(&told));
    let events = audit::list_of(scene.db.read(), audit::BLOB_DAMAGE, 10)
        .await
        .unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].target, blob(7).0.to_string());
    assert_eq!(events[0].detail, "it has 3 bytes; tarball of x@1.0.0");
    assert!(
        announce(&scene, 7).await.is_err(),
        "its file is being deleted"
    );
    assert_eq!(condemn(&scene, blob(7).0, scene.now()).await.unwrap(), None);
}

async fn a_damaged_document_is_gone_from_one_commit_on(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = mirrored(&scene, RegistryId::new()).await;
    let damage = condemn(&scene, blob(8).0, scene.now())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (damage.tarballs.len(), damage.documents),
        (0, vec![package("x")])
    );
    assert_eq!(scene.number("SELECT COUNT(*) AS n FROM documents").await, 0);
    assert_eq!(tarball(&scene, id).await, Some(blob(7)));
}

async fn what_was_put_again_while_it_was_read_stays(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = mirrored(&scene, RegistryId::new()).await;
    let seen_at = scene.now();
    scene.later(Duration::from_secs(1));
    put(&scene, 7).await;
    assert_eq!(condemn(&scene, blob(7).0, seen_at).await.unwrap(), None);
    assert_eq!(tarball(&scene, id).await, Some(blob(7)));
}

async fn a_row_that_names_what_is_gone_is_mended(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = mirrored(&scene, RegistryId::new()).await;
    scene.meddle("DELETE FROM blobs").await;
    let damage = condemn(&scene, blob(7).0, scene.now()).await.unwrap();
    assert_eq!(damage.expect("somebody names it").tarballs.len(), 1);
    assert_eq!(tarball(&scene, id).await, None);
}

async fn proofs_grow_old_one_after_the_other(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let due = async |bound| blobs::due(scene.db.read(), bound, 10).await.unwrap();
    let first = scene.now();
    put(&scene, 7).await;
    let second = scene.later(Duration::from_secs(10));
    put(&scene, 8).await;
    announce(&scene, 9).await.unwrap();
    let end = scene.later(Duration::from_secs(10));
    assert!(due(first).await.is_empty());
    assert_eq!(due(second).await, [blob(7)]);
    assert_eq!(due(end).await, [blob(7), blob(8)], "only what is stored");
    write!(scene, |tx| blobs::proven(tx, &[blob(7).0], end).await).unwrap();
    assert_eq!(due(end).await, [blob(8)]);
    let later = scene.later(Duration::from_secs(10));
    assert_eq!(due(later).await, [blob(8), blob(7)]);
}

async fn the_blobs_of_a_package_are_its_tarballs_and_documents(database: TestDatabase) {
    let scene = Scene::of(database).await;
    mirrored(&scene, RegistryId::new()).await;
    put(&scene, 9).await;
    let found = blobs::of_package(scene.db.read(), &package("x"))
        .await
        .unwrap();
    let mut expected = [blob(7), blob(8)];
    expected.sort();
    assert_eq!(found, expected);
    let found = blobs::of_package(scene.db.read(), &package("y"))
        .await
        .unwrap();
    assert!(found.is_empty());
}
