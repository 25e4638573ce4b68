//! What a mirror shows and holds, and what must be true of it whenever it is at rest.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde_json::Value;
use weir_domain::{
    Clock, Digest, Integrity, PublicBase, SystemClock, TaskId, json::escape_lone_surrogates,
};
use weir_render::{Encoding, Form, inflate};
use weir_store::{
    blobs, documents, packages, task_trees,
    tasks::{self, ListFilter, Task},
    versions,
};
use weir_testkit::until;

use crate::setup::{BASE, DEADLINE, Mirror, name};

impl Mirror {
    /// Returns the package's row.
    pub async fn row(&self, package: &str) -> packages::Package {
        let row = packages::find(self.environment.db.read(), &name(package)).await;
        row.expect("readable").expect("the package is there")
    }

    pub async fn outlines(&self, package: &str) -> Vec<versions::VersionOutline> {
        let row = self.row(package).await;
        let db = self.environment.db.read();
        let outlines = versions::outlines(db, row.id, row.revision).await;
        let mut outlines = outlines.expect("readable");
        outlines.sort_by(|a, b| a.version.cmp(&b.version));
        outlines
    }

    /// Returns the versions whose tarball is held, after hashing each of them again and
    /// comparing it with upstream's.
    pub async fn held(&self, package: &str) -> Vec<String> {
        let mut held = Vec::new();
        for outline in self.outlines(package).await {
            let Some((digest, size)) = outline.tarball else {
                continue;
            };
            let bytes = self.environment.content.blobs.read((digest, size)).await;
            let bytes = bytes.expect("readable").expect("held bytes are there");
            assert_eq!(Digest::of(&bytes), digest, "{package}@{}", outline.version);
            assert!(matches(outline.integrity.as_ref(), &bytes));
            held.push(outline.version.to_string());
        }
        held
    }

    /// Returns the stored bytes of a document; `None` if none is visible.
    pub async fn document(&self, package: &str, form: Form) -> Option<Bytes> {
        let base = PublicBase::parse(BASE).expect("a base");
        let kind = (form.as_str(), Encoding::Gzip.as_str());
        let db = self.environment.db.read();
        let found = documents::find(db, &name(package), kind, &base, SystemClock.now()).await;
        let document = found.expect("readable")?.document?;
        let blobs = &self.environment.content.blobs;
        let bytes = blobs.read((document.digest, document.size_bytes)).await;
        Some(
            bytes
                .expect("readable")
                .expect("a document's blob is there"),
        )
    }

    /// Returns the full packument as clients get it.
    pub async fn packument(&self, package: &str) -> Value {
        self.shown(package, Form::Full).await
    }

    pub async fn shown(&self, package: &str, form: Form) -> Value {
        let bytes = self.document(package, form).await;
        let bytes = bytes.unwrap_or_else(|| panic!("{package} is not shown"));
        let text = String::from_utf8(inflate(&bytes).expect("gzip")).expect("UTF-8");
        // What JavaScript reads and our parser does not.
        let text = escape_lone_surrogates(&text).replace("1e400", "1");
        serde_json::from_str(&text).expect("JSON")
    }

    /// Returns the versions that clients see.
    pub async fn versions(&self, package: &str) -> Vec<String> {
        let packument = self.packument(package).await;
        let versions = packument["versions"].as_object().expect("versions");
        versions.keys().cloned().collect()
    }

    pub async fn tag(&self, package: &str, tag: &str) -> Option<String> {
        let packument = self.packument(package).await;
        packument["dist-tags"][tag].as_str().map(str::to_owned)
    }

    /// Returns every task, newest first.
    pub async fn tasks(&self) -> Vec<Task> {
        let filter = ListFilter {
            limit: 10_000,
            ..ListFilter::default()
        };
        let tasks = tasks::list(self.environment.db.read(), &filter).await;
        tasks.expect("readable")
    }

    /// Waits until the root and every task of its tree have ended; returns the names that
    /// ended in error.
    pub async fn end_of_tree(&self, root: TaskId) -> Vec<String> {
        self.end_of(root).await;
        let db = self.environment.db.read();
        until("the end of a tree", DEADLINE * 2, async || {
            let children = task_trees::children(db, root).await.expect("readable");
            if children["waiting"] + children["processing"] == 0 {
                Ok(())
            } else {
                Err(format!("{children:?}"))
            }
        })
        .await;
        let failed = task_trees::failed_children(db, root, 100).await;
        let failed = failed.expect("readable").into_iter();
        failed.map(|(_, target)| target).collect()
    }

    /// Checks what must be true of every package at rest: nothing is left to do, every
    /// document is whole, every tag points into it, every stored blob is what it is called,
    /// and no temporary file is left.
    pub async fn check(&self) {
        let tasks = self.tasks().await;
        for task in &tasks {
            assert!(task.state.is_final(), "left behind: {task:?}");
        }
        let names: BTreeSet<&str> = tasks.iter().map(|task| task.target.as_str()).collect();
        for package in names {
            let row = packages::find(self.environment.db.read(), &name(package)).await;
            if row.expect("readable").is_some_and(|row| row.revision > 0) {
                self.check_documents(package).await;
                self.held(package).await;
            }
        }
        self.check_blobs().await;
    }

    async fn check_documents(&self, package: &str) {
        let mut shown = BTreeMap::new();
        for outline in self.outlines(package).await {
            if outline.quarantine.is_none() {
                shown.insert(outline.version.to_string(), outline.integrity);
            }
        }
        for form in Form::ALL {
            let packument = self.shown(package, form).await;
            let versions = packument["versions"].as_object().expect("versions");
            let listed: BTreeSet<&String> = versions.keys().collect();
            assert_eq!(listed, shown.keys().collect(), "{package} {form:?}");
            let tags = packument["dist-tags"].as_object().expect("tags");
            assert!(tags.contains_key("latest"), "{package}");
            for (tag, target) in tags {
                let target = target.as_str().expect("a version");
                assert!(versions.contains_key(target), "{package} {tag}: {target}");
            }
            for (version, manifest) in versions {
                let url = manifest["dist"]["tarball"].as_str().expect("a URL");
                assert!(url.starts_with(&format!("{BASE}/{package}/-/")), "{url}");
                assert_eq!(manifest["version"], version.as_str());
            }
        }
    }

    async fn check_blobs(&self) {
        let db = self.environment.db.read();
        let stored = blobs::list_stored(db, None, 100_000).await;
        for (digest, size) in stored.expect("readable") {
            let bytes = self.environment.content.blobs.read((digest, size)).await;
            let bytes = bytes.expect("readable").expect("a stored blob is there");
            assert_eq!(Digest::of(&bytes), digest);
        }
        // A run that was robbed may still be letting go of its file on a blocking thread.
        until("no temporary files", DEADLINE, async || {
            let left = self.temporaries();
            if left.is_empty() {
                Ok(())
            } else {
                Err(format!("{left:?}"))
            }
        })
        .await;
    }

    /// Returns the files that somebody has begun and not finished.
    fn temporaries(&self) -> Vec<std::path::PathBuf> {
        let entries = |folder: std::path::PathBuf| {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| entry.path())
        };
        let boots = entries(self.folder.path().join("blobs/tmp"));
        let files = boots.filter(|path| path.is_dir()).flat_map(entries);
        files.filter(|path| path.is_file()).collect()
    }
}

fn matches(promised: Option<&Integrity>, bytes: &[u8]) -> bool {
    promised.is_none_or(|promised| {
        let mut hasher = promised.hasher();
        hasher.update(bytes);
        promised.accepts(&hasher.finish())
    })
}
