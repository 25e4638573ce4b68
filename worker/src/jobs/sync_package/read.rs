//! Reads both sides of a sync: upstream's document and our rows, and what is wished for.

use std::collections::{BTreeMap, BTreeSet};

use weir_domain::{Registry, TaskId, packument::PackumentOutline, task::SyncOptions};
use weir_store::{
    packages::{self, UpstreamMark},
    task_trees,
    versions::{self, VersionOutline},
};
use weir_upstream::{FetchedPackument, PackumentReply, Validators};

use super::Sync;
use crate::job::JobError;

/// Everything a plan is made from.
#[derive(Debug)]
pub(super) struct Sides {
    pub(super) registry: Registry,
    /// Nothing if upstream says that what we have is what it has.
    pub(super) upstream: Option<Upstream>,
    pub(super) local: Local,
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
        let may_be_unchanged = stored
            .as_ref()
            .is_some_and(|p| p.revision > 0 && p.is_synced_cleanly)
            && !wishes.options.force;
        let local = match stored {
            Some(package) => Local {
                versions: versions::outlines(
                    self.environment.db.read(),
                    package.id,
                    package.revision,
                )
                .await?,
                revision: package.revision,
                head: package.head,
                mark: package.upstream,
            },
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
        let client = self.environment.upstreams.registry(&registry);
        let upstream = match client.packument(&self.spec.package, &validators).await? {
            PackumentReply::NotModified => None,
            PackumentReply::Fetched(document) => Some(self.read_document(document).await?),
        };
        Ok(Sides {
            registry,
            upstream,
            local,
            wishes,
        })
    }

    async fn read_document(&self, document: FetchedPackument) -> Result<Upstream, JobError> {
        let bytes = document.received_bytes();
        self.attempt.progress(|progress| progress.bytes += bytes);
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
