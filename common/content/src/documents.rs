//! Rendering packuments into blobs: at a sync for the first public base, at the first
//! request for any other.
//!
//! Rows are read a page at a time and rendered on a blocking thread, both forms in one
//! pass, so memory does not grow with the package.

use std::io::Write;

use tokio::sync::mpsc;
use weir_blob::{BlockingBlobWriter, StagedBlob};
use weir_domain::{
    PackageId, PackageName, PublicBase, Timestamp, Version, manifest::StoredManifest,
};
use weir_render::{Encoding, Form, GzipWriter, Head, RenderError, Rendering, gzip_writer};
use weir_store::{
    StoreError, blobs, clock,
    documents::{self, Document},
    packages, settings, versions,
};

use crate::{Content, ContentError};

/// The setting that holds the public bases, as a JSON list; the first is rendered at a sync.
pub const BASES_SETTING: &str = "public_bases";

/// Manifests read at a time; a few pages are in memory at once.
const PAGE: i64 = 100;
/// How often a rendering is repeated because the package changed under it.
const TRIES: usize = 4;

/// Which state of a package to show.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The package.
    pub package: PackageId,
    /// Its name.
    pub name: PackageName,
    /// The revision whose versions to show (visible or staged).
    pub revision: i64,
    /// The policy it is shown under.
    pub policy_generation: i64,
    /// Everything but the versions.
    pub head: packages::Head,
}

type Page = Vec<(Version, StoredManifest)>;

impl Content {
    /// Returns the public base that a sync renders for; `None` before any API has started.
    ///
    /// # Errors
    /// If the database cannot be asked, or the setting is not readable.
    pub async fn first_base(&self) -> Result<Option<PublicBase>, StoreError> {
        let Some(text) = settings::find(self.db.read(), BASES_SETTING).await? else {
            return Ok(None);
        };
        let corrupt = || StoreError::Corrupt {
            table: "settings",
            column: "value",
            id: BASES_SETTING.to_owned(),
        };
        let bases: Vec<String> = serde_json::from_str(&text).map_err(|_| corrupt())?;
        let first = bases.first().map(|base| PublicBase::parse(base));
        first.transpose().map_err(|_| corrupt())
    }

    /// Renders both forms for `base`; their bytes are durable, their rows are the caller's
    /// to write (with [`Content::record_documents`], or in a flip).
    ///
    /// # Errors
    /// If rows cannot be read, a manifest cannot be rendered, or the disk refuses.
    ///
    /// # Cancel safety
    /// A dropped call leaves at most files that no row names.
    pub async fn render(
        &self,
        shown: &Shown,
        base: &PublicBase,
    ) -> Result<Vec<Document>, ContentError> {
        let _turn = self.renderers.acquire().await;
        let now = clock::now(self.db.read()).await?;
        let (pages, received) = mpsc::channel::<Page>(1);
        let rendering = {
            let (shown, base, blobs) = (shown.clone(), base.clone(), self.blobs.clone());
            tokio::task::spawn_blocking(move || {
                let outs = [blobs.create_blocking()?, blobs.create_blocking()?];
                render_pages((&shown, now), &base, outs, received)
            })
        };
        self.read_pages(shown, &pages).await?;
        drop(pages);
        let rendered = rendering.await.map_err(|_| ContentError::Interrupted)??;
        let (staged, documents): (Vec<_>, Vec<_>) = rendered.into_iter().unzip();
        self.keep_staged(staged).await?;
        Ok(documents)
    }

    async fn read_pages(
        &self,
        shown: &Shown,
        pages: &mpsc::Sender<Page>,
    ) -> Result<(), StoreError> {
        let mut after: Option<Version> = None;
        loop {
            let page = versions::manifests(
                self.db.read(),
                shown.package,
                shown.revision,
                after.as_ref(),
                PAGE,
            )
            .await?;
            after = page.last().map(|(version, _)| version.clone());
            let is_last = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
            // The receiver only goes away with an error that its task reports.
            if pages.send(page).await.is_err() || is_last {
                return Ok(());
            }
        }
    }

    /// Renders what a request misses: the visible state of a package for `base`.
    ///
    /// Returns nothing if the package has no visible state.
    ///
    /// # Errors
    /// As [`Content::render`]; [`StoreError::Changed`] if the package changed each time.
    ///
    /// # Concurrency
    /// A sync may make the next revision visible meanwhile; what it made old is neither
    /// recorded nor returned.
    pub async fn render_visible(
        &self,
        name: &PackageName,
        base: &PublicBase,
    ) -> Result<Option<Vec<Document>>, ContentError> {
        for _ in 0..TRIES {
            let package = packages::find(self.db.read(), name).await?;
            let Some(package) = package.filter(|package| package.revision > 0) else {
                return Ok(None);
            };
            let shown = Shown {
                package: package.id,
                name: package.name,
                revision: package.revision,
                policy_generation: package.policy_generation,
                head: package.head,
            };
            let rendered = self.render(&shown, base).await?;
            if self
                .record_documents(shown.package, rendered.clone())
                .await?
            {
                return Ok(Some(rendered));
            }
        }
        Err(StoreError::Changed("package").into())
    }

    /// Records documents rendered outside a sync; false if the package moved on meanwhile,
    /// and then none is recorded.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn record_documents(
        &self,
        package: PackageId,
        rendered: Vec<Document>,
    ) -> Result<bool, StoreError> {
        let recorded = self.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                blobs::stored(tx, &blobs_of(&rendered), now).await?;
                for document in &rendered {
                    if !documents::put(tx, package, document).await? {
                        return Err(StoreError::Changed("package"));
                    }
                }
                Ok(())
            })
        });
        match recorded.await {
            Ok(()) => Ok(true),
            Err(StoreError::Changed(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Returns the blobs that documents refer to, for [`weir_store::blobs::stored`].
pub(crate) fn blobs_of(documents: &[Document]) -> Vec<(weir_domain::Digest, u64)> {
    documents
        .iter()
        .map(|document| (document.digest, document.size_bytes))
        .collect()
}

type Out = GzipWriter<BlockingBlobWriter>;

fn render_pages(
    (shown, now): (&Shown, Timestamp),
    base: &PublicBase,
    outs: [BlockingBlobWriter; 2],
    mut pages: mpsc::Receiver<Page>,
) -> Result<Vec<(StagedBlob, Document)>, ContentError> {
    let revision = format!("{}-{}", shown.revision, shown.package.0.as_simple());
    let modified = shown.head.modified_at.unwrap_or_default();
    let head = Head {
        name: &shown.name,
        revision: &revision,
        dist_tags: &shown.head.dist_tags,
        time: &shown.head.time,
        modified,
        root: &shown.head.root,
    };
    let failed = |error| ContentError::Render(RenderError::Write(error));
    let mut outs = outs.map(gzip_writer);
    let mut renderings = Vec::new();
    for (form, out) in Form::ALL.into_iter().zip(&mut outs) {
        renderings.push((
            form,
            Rendering::begin(form, &head, base, out).map_err(failed)?,
        ));
    }
    while let Some(page) = pages.blocking_recv() {
        for (version, manifest) in &page {
            for (_, rendering) in &mut renderings {
                rendering.add(version, manifest)?;
            }
        }
    }
    let mut finished = Vec::new();
    for (form, rendering) in renderings {
        finished.push((form, rendering.finish(&head).map_err(failed)?));
    }
    let mut documents = Vec::new();
    for ((form, rendered), out) in finished.into_iter().zip(outs) {
        let staged = end(out).map_err(failed)?;
        let document = Document {
            form: form.as_str().to_owned(),
            encoding: Encoding::Gzip.as_str().to_owned(),
            base: base.as_str().to_owned(),
            revision: shown.revision,
            policy_generation: shown.policy_generation,
            valid_until: None,
            digest: staged.digest(),
            size_bytes: staged.size(),
            identity_bytes: rendered.identity_len,
            etag: rendered.etag,
            // Upstream's time says nothing of what changed here alone (a version hidden), and
            // it may lie before an answer given since.
            modified_at: to_the_second(modified.max(now)),
        };
        documents.push((staged, document));
    }
    Ok(documents)
}

fn end(out: Out) -> std::io::Result<StagedBlob> {
    let mut file = out.finish()?;
    file.flush()?;
    Ok(file.finish())
}

/// `last-modified` has no fractions; comparing with them would never match.
fn to_the_second(at: Timestamp) -> Timestamp {
    Timestamp(at.0 - at.0.rem_euclid(1000))
}
