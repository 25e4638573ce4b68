//! Reads both sides of a sync: upstream's document and our rows, and what is wished for.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use weir_domain::{
    Registry, TaskId, Version,
    packument::PackumentOutline,
    task::{ErrorCode, SyncOptions},
};
use weir_store::{
    packages::{self, Package, UpstreamMark},
    task_trees,
    versions::{self, VersionOutline},
};
use weir_upstream::{FetchedPackument, PackumentReply, Validators};

use super::{Sync, promise::needs_proof};
use crate::job::JobError;

/// Everything a plan is made from.
#[derive(Debug)]
pub(super) struct Sides {
    pub(super) registry: Registry,
    /// Nothing if upstream says that what we have is what it has.
    pub(super) upstream: Option<Upstream>,
    pub(super) local: Local,
    /// Versions whose held bytes match a promise that upstream makes only now.
    pub(super) proven: BTreeSet<Version>,
    pub(super) wishes: Wishes,
}

/// Upstream's side.
#[derive(Debug)]
pub(super) struct Upstream {
    /// The document, for the second pass; absent in tests of the plan.
    pub(super) document: Option<FetchedPackument>,
    pub(super) outline: PackumentOutline,
    pub(super) mark: UpstreamMark,
}

/// Our side.
#[derive(Debug, Default)]
pub(super) struct Local {
    /// The visible revision; 0 if there is none.
    pub(super) revision: i64,
    pub(super) versions: Vec<VersionOutline>,
    pub(super) head: packages::Head,
    pub(super) mark: UpstreamMark,
}

/// What the requests want between them.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    pub(super) options: SyncOptions,
    /// Trees whose dependencies are followed from here, with the ranges each wants.
    pub(super) roots: BTreeMap<TaskId, Wants>,
}

/// What one tree wants of this package.
#[derive(Debug, Default, Clone)]
pub(super) struct Wants {
    /// The tree begins here: what a plain installation takes, and the versions asked for.
    pub(super) is_root: bool,
    /// Ranges and tags of dependents.
    pub(super) ranges: BTreeSet<String>,
}

impl Sync<'_> {
    pub(super) async fn read(&mut self, registry: Registry) -> Result<Sides, JobError> {
        let wishes = self.read_wishes().await?;
        let stored = packages::find(self.environment.db.read(), &self.spec.package).await?;
        if let Some(package) = &stored {
            self.refuse_foreign(package)?;
        }
        let may_be_unchanged = stored
            .as_ref()
            .is_some_and(|p| p.revision > 0 && p.is_synced_cleanly)
            && !wishes.options.force;
        let local = match stored {
            Some(package) => self.read_local(package).await?,
            None => Local::default(),
        };
        let validators = if may_be_unchanged {
            Validators {
                etag: local.mark.etag.clone(),
                last_modified: local.mark.last_modified.clone(),
            }
        } else {
            Validators::default()
        };
        if wishes.options.force {
            self.environment.upstreams.reopen(&registry).await;
        }
        let client = self.environment.upstreams.registry(&registry);
        let on_bytes = |bytes| self.attempt.progress(|progress| progress.bytes += bytes);
        let reply = client.packument(&self.spec.package, &validators, on_bytes);
        let upstream = match reply.await? {
            PackumentReply::NotModified => None,
            PackumentReply::Fetched(document) => Some(self.read_document(document).await?),
        };
        let proven = match &upstream {
            Some(upstream) => self.prove(&local, &upstream.outline).await?,
            None => BTreeSet::new(),
        };
        Ok(Sides {
            registry,
            upstream,
            local,
            proven,
            wishes,
        })
    }

    /// A package of ours, or of another registry, is never overwritten.
    fn refuse_foreign(&self, package: &Package) -> Result<(), JobError> {
        if package.revision == 0 || package.registry == Some(self.spec.registry) {
            return Ok(());
        }
        let text = "The package belongs to another registry, and is not taken from this one";
        Err(JobError::give_up(ErrorCode::Blocked, text))
    }

    async fn read_local(&self, package: Package) -> Result<Local, JobError> {
        let (db, revision) = (self.environment.db.read(), package.revision);
        Ok(Local {
            versions: versions::outlines(db, package.id, revision).await?,
            revision,
            head: package.head,
            mark: package.upstream,
        })
    }

    /// Hashes held tarballs anew where upstream names a stronger digest than before.
    async fn prove(
        &self,
        local: &Local,
        outline: &PackumentOutline,
    ) -> Result<BTreeSet<Version>, JobError> {
        let ours: HashMap<&Version, &VersionOutline> = local
            .versions
            .iter()
            .map(|ours| (&ours.version, ours))
            .collect();
        let mut proven = BTreeSet::new();
        for theirs in &outline.versions {
            let Some(ours) = ours.get(&theirs.version) else {
                continue;
            };
            let (true, Some(held), Some(promised)) =
                (needs_proof(ours, theirs), ours.tarball, &theirs.integrity)
            else {
                continue;
            };
            if self.environment.content.matches(held, promised).await? {
                proven.insert(theirs.version.clone());
            }
            // Hashing is a sign of life.
            self.attempt.progress(|_| {});
        }
        Ok(proven)
    }

    async fn read_document(&self, document: FetchedPackument) -> Result<Upstream, JobError> {
        let outline = document.outline().await?;
        let mark = UpstreamMark {
            revision: outline.revision.clone(),
            modified_at: outline.modified,
            etag: document.validators().etag.clone(),
            last_modified: document.validators().last_modified.clone(),
        };
        Ok(Upstream {
            document: Some(document),
            outline,
            mark,
        })
    }

    async fn read_wishes(&self) -> Result<Wishes, JobError> {
        let mut wishes = Wishes::default();
        let requests = &self.attempt.requests;
        if let Some(first) = requests.first() {
            wishes.options = requests.iter().fold(first.options.clone(), |all, request| {
                all.union(&request.options)
            });
        }
        for request in requests
            .iter()
            .filter(|request| !request.options.skip_dependencies)
        {
            if wishes.roots.contains_key(&request.root) {
                continue;
            }
            let ranges =
                task_trees::wants(self.environment.db.read(), request.root, &self.spec.package)
                    .await?;
            let wants = Wants {
                is_root: request.root == self.attempt.task.id,
                ranges: ranges.into_iter().collect(),
            };
            wishes.roots.insert(request.root, wants);
        }
        Ok(wishes)
    }
}
