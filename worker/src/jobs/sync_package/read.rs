//! Reads both sides of a sync: upstream's document and our rows, and what is wished for.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use weir_domain::{
    Registry, TaskId, Version,
    packument::PackumentOutline,
    removal::Absence,
    task::{ErrorCode, SyncOptions},
};
use weir_store::{
    StoreError,
    blocks::{self, Source},
    clock,
    packages::{self, Package, UpstreamMark},
    removals, scopes, task_trees,
    versions::{self, VersionOutline},
};
use weir_upstream::{FetchedPackument, NpmRegistry, PackumentReply, UpstreamError, Validators};

use super::{Sync, absent::Absent, plan::refuse_older, promise::needs_proof, removal::Removals};
use crate::job::JobError;

/// What reading comes to.
pub(super) enum Read {
    /// Both sides, to be compared.
    Sides(Box<Sides>),
    /// Upstream has no such package.
    Absent(Box<Absent>),
}

/// Everything a plan is made from.
#[derive(Debug)]
pub(super) struct Sides {
    pub(super) registry: Registry,
    /// Nothing if upstream says that what we have is what it has.
    pub(super) upstream: Option<Upstream>,
    pub(super) local: Local,
    /// Versions whose held bytes match a promise that upstream makes only now.
    pub(super) proven: BTreeSet<Version>,
    /// What upstream lacked before, and what is blocked.
    pub(super) removals: Removals,
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
    pub(super) async fn read(&mut self, registry: Registry) -> Result<Read, JobError> {
        let wishes = self.read_wishes().await?;
        let stored = packages::find(self.environment.db.read(), &self.spec.package).await?;
        if let Some(package) = &stored {
            self.refuse_foreign(package)?;
        }
        let stored = stored.filter(|package| package.revision > 0);
        let removals = self.read_removals(&registry, stored.as_ref()).await?;
        self.forbidden = removals.forbidden().cloned().collect();
        let client = self.environment.content.npm(&registry).await?;
        if wishes.options.force {
            self.environment.upstreams.reopen(&registry).await;
        }
        let reply = self
            .ask(&client, stored.as_ref(), &removals, wishes.options.force)
            .await;
        let (absence, said) = match reply {
            Ok(Some(upstream)) if upstream.outline.is_unpublished => {
                if let Some(package) = stored.as_ref().filter(|_| !wishes.options.force) {
                    refuse_older(&upstream.mark, &package.upstream)?;
                }
                let text = "Upstream says that the package was unpublished";
                (Absence::Unpublished, text.to_owned())
            }
            Ok(upstream) => {
                let local = match stored {
                    Some(package) => self.read_local(package, &removals).await?,
                    None => Local::default(),
                };
                let proven = match &upstream {
                    Some(upstream) => self.prove(&local, &upstream.outline).await?,
                    None => BTreeSet::new(),
                };
                return Ok(Read::Sides(Box::new(Sides {
                    registry,
                    upstream,
                    local,
                    proven,
                    removals,
                    wishes,
                })));
            }
            Err(error) if error.is_not_found() => (Absence::NotFound, error.to_string()),
            Err(error) => return Err(error.into()),
        };
        Ok(Read::Absent(Box::new(Absent {
            registry,
            package: stored,
            removals,
            absence,
            said,
        })))
    }

    /// Asks upstream for the document; nothing if it is the one we have.
    async fn ask(
        &self,
        client: &NpmRegistry,
        stored: Option<&Package>,
        removals: &Removals,
        force: bool,
    ) -> Result<Option<Upstream>, UpstreamError> {
        let known =
            stored.filter(|package| package.is_synced_cleanly && !force && !removals.is_open());
        let validators = known.map_or_else(Validators::default, |package| Validators {
            etag: package.upstream.etag.clone(),
            last_modified: package.upstream.last_modified.clone(),
        });
        let on_bytes = |bytes| self.attempt.progress(|progress| progress.bytes += bytes);
        let reply = client.packument(&self.spec.package, &validators, on_bytes);
        match reply.await? {
            PackumentReply::NotModified => Ok(None),
            PackumentReply::Fetched(document) => Ok(Some(read_document(document).await?)),
        }
    }

    async fn read_removals(
        &self,
        registry: &Registry,
        stored: Option<&Package>,
    ) -> Result<Removals, StoreError> {
        let db = self.environment.db.read();
        let mut removals = Removals {
            policy: registry.removals,
            span: self.environment.settings.removal_span,
            task: self.attempt.task.id,
            now: clock::now(db).await?,
            seen: BTreeMap::new(),
            blocked: BTreeMap::new(),
            is_blocked: false,
        };
        if let Some(package) = stored {
            let seen = removals::list(db, package.id).await?.into_iter();
            removals.seen = seen.map(|seen| (seen.version.clone(), seen)).collect();
        }
        for block in blocks::list(db, &self.spec.package).await? {
            match block.version {
                Some(version) => removals.blocked.extend([(version, block.source)]),
                None => removals.is_blocked = block.source == Source::Removal,
            }
        }
        Ok(removals)
    }

    /// A package of ours, or of another registry, is never overwritten.
    fn refuse_foreign(&self, package: &Package) -> Result<(), JobError> {
        if package.revision == 0 || package.registry == Some(self.spec.registry) {
            return Ok(());
        }
        let text = "The package belongs to another registry, and is not taken from this one";
        Err(JobError::give_up(ErrorCode::Blocked, text))
    }

    /// A name that is not mirrored yet is asked for where its scope lives: the wish may be older
    /// than the scope.
    pub(super) async fn refuse_stray(&self, registry: &Registry) -> Result<(), JobError> {
        let (db, name) = (self.environment.db.read(), &self.spec.package);
        let home = scopes::home(db, name).await?;
        let is_stray = home.is_some_and(|home| home != registry.id);
        let held = packages::find(db, name).await?;
        if !is_stray || held.is_some_and(|package| package.revision > 0) {
            return Ok(());
        }
        let text = "The scope comes from another registry; this one is not asked for it";
        Err(JobError::give_up(ErrorCode::Blocked, text))
    }

    async fn read_local(&self, package: Package, removals: &Removals) -> Result<Local, JobError> {
        let (db, revision) = (self.environment.db.read(), package.revision);
        let mut versions = versions::outlines(db, package.id, revision).await?;
        let is_blocked = |ours: &&mut VersionOutline| removals.blocked.contains_key(&ours.version);
        // A blocked version is hidden as a quarantined one is, but nothing is wrong with it.
        for ours in versions.iter_mut().filter(is_blocked) {
            ours.quarantine = None;
        }
        Ok(Local {
            versions,
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

async fn read_document(document: FetchedPackument) -> Result<Upstream, UpstreamError> {
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
