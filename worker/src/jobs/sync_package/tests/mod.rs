//! Plans as tables: two sides go in, what a sync does comes out.
//!
//! [`Case`] builds the sides, [`V`] one version as either of them sees it. A version's
//! digest follows from its description, so two descriptions differ as manifests do.

mod choose;
mod compare;
mod promises;
mod refuse;
mod removals;
mod show;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use weir_domain::{
    Digest, Integrity, Registry, RegistryId, RemovalPolicy, TarballPolicy, TaskId, Timestamp,
    UpstreamDigest, Version,
    manifest::{ManifestFacts, Span, UrlSpans},
    packument::PackumentOutline,
};
use weir_store::{
    packages::{Head, UpstreamMark},
    versions::VersionOutline,
};

use super::{
    plan::{self, SyncPlan},
    read::{Local, Sides, Upstream, Wants, Wishes},
    removal::Removals,
};
use crate::job::JobError;

fn version(number: &str) -> Version {
    Version::parse(number).expect("a version")
}

fn versions(numbers: &[&str]) -> BTreeSet<Version> {
    numbers.iter().map(|number| version(number)).collect()
}

fn texts<'v>(versions: impl IntoIterator<Item = &'v Version>) -> Vec<&'v str> {
    versions.into_iter().map(Version::as_str).collect()
}

/// A digest that differs with `byte`.
fn sha1(byte: u8) -> UpstreamDigest {
    UpstreamDigest::Sha1([byte; 20])
}

/// A digest that differs with `byte`.
fn sha512(byte: u8) -> UpstreamDigest {
    UpstreamDigest::Sha512([byte; 64])
}

/// One version, as upstream or the mirror sees it.
#[derive(Debug, Clone)]
struct V {
    number: &'static str,
    promises: Vec<UpstreamDigest>,
    is_deprecated: bool,
    note: &'static str,
    is_held: bool,
    quarantine: Option<&'static str>,
}

fn v(number: &'static str) -> V {
    V {
        number,
        promises: vec![sha512(1)],
        is_deprecated: false,
        note: "",
        is_held: false,
        quarantine: None,
    }
}

impl V {
    fn promising(mut self, promises: impl IntoIterator<Item = UpstreamDigest>) -> Self {
        self.promises = promises.into_iter().collect();
        self
    }

    fn deprecated(mut self) -> Self {
        self.is_deprecated = true;
        self
    }

    /// Changes something of no importance.
    fn noted(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }

    fn held(mut self) -> Self {
        self.is_held = true;
        self
    }

    fn quarantined(mut self) -> Self {
        self.quarantine = Some("it broke its promise");
        self
    }

    fn integrity(&self) -> Option<Integrity> {
        let promises: Vec<_> = self.promises.iter().map(ToString::to_string).collect();
        Integrity::parse(&promises.join(" "))
    }

    fn canonical_digest(&self) -> Digest {
        let manifest = (self.number, &self.promises, self.is_deprecated, self.note);
        Digest::of(format!("{manifest:?}").as_bytes())
    }

    fn theirs(&self) -> ManifestFacts {
        ManifestFacts {
            version: version(self.number),
            canonical_digest: self.canonical_digest(),
            integrity: self.integrity(),
            tarball_url: format!("https://registry.example/a-{}.tgz", self.number),
            is_deprecated: self.is_deprecated,
            spans: UrlSpans {
                tarball: Span { start: 0, len: 0 },
                attestations: None,
            },
        }
    }

    fn ours(&self) -> VersionOutline {
        let facts = self.theirs();
        VersionOutline {
            version: facts.version,
            canonical_digest: facts.canonical_digest,
            integrity: facts.integrity,
            tarball_url: facts.tarball_url,
            is_deprecated: facts.is_deprecated,
            tarball: self
                .is_held
                .then(|| (Digest::of(self.number.as_bytes()), 17)),
            quarantine: self.quarantine.map(str::to_owned),
        }
    }
}

/// Two sides and what is wished for.
#[derive(Debug)]
struct Case(Sides);

impl Case {
    /// A package nobody has.
    fn new() -> Self {
        Self(Sides {
            registry: Registry {
                id: RegistryId::new(),
                slug: "default".to_owned(),
                name: "default".to_owned(),
                url: "https://registry.example/".parse().expect("a URL"),
                tarballs: TarballPolicy::Tagged,
                is_internal: false,
                allows_undigested: false,
                kind: weir_domain::RegistryKind::Npm,
                user_prefix: None,
                change_stream: None,
                removals: RemovalPolicy::Keep,
                downloads: None,
            },
            upstream: None,
            local: Local::default(),
            proven: BTreeSet::new(),
            removals: Removals {
                policy: RemovalPolicy::Keep,
                span: Duration::from_secs(24 * 3600),
                task: TaskId::new(),
                now: Timestamp(1_800_000_000_000),
                seen: BTreeMap::new(),
                blocked: BTreeMap::new(),
                is_blocked: false,
            },
            wishes: Wishes::default(),
        })
    }

    fn ours(mut self, versions: &[V]) -> Self {
        self.0.local.revision = 7;
        self.0.local.versions = versions.iter().map(V::ours).collect();
        self
    }

    fn our_head(mut self, change: impl FnOnce(&mut Head)) -> Self {
        change(&mut self.0.local.head);
        self
    }

    fn our_tags(self, tags: &[(&str, &str)]) -> Self {
        let tags = tags.iter().map(|(t, v)| ((*t).to_owned(), version(v)));
        let tags = tags.collect();
        self.our_head(|head| head.dist_tags = tags)
    }

    fn our_mark(mut self, mark: UpstreamMark) -> Self {
        self.0.local.mark = mark;
        self
    }

    fn theirs(self, versions: &[V]) -> Self {
        let versions = versions.iter().map(V::theirs).collect();
        self.their_outline(|outline| outline.versions = versions)
    }

    fn their_outline(mut self, change: impl FnOnce(&mut PackumentOutline)) -> Self {
        let upstream = self.0.upstream.get_or_insert_with(|| Upstream {
            document: None,
            outline: PackumentOutline::default(),
            mark: UpstreamMark::default(),
        });
        change(&mut upstream.outline);
        self
    }

    fn their_tags(self, tags: &[(&str, &str)]) -> Self {
        let tags: BTreeMap<_, _> = tags
            .iter()
            .map(|(tag, v)| ((*tag).to_owned(), (*v).to_owned()))
            .collect();
        self.their_outline(|outline| outline.dist_tags = tags)
    }

    fn their_mark(mut self, mark: UpstreamMark) -> Self {
        self = self.their_outline(|_| {});
        self.0.upstream.as_mut().expect("just made").mark = mark;
        self
    }

    fn policy(mut self, policy: TarballPolicy) -> Self {
        self.0.registry.tarballs = policy;
        self
    }

    fn allows_undigested(mut self) -> Self {
        self.0.registry.allows_undigested = true;
        self
    }

    fn proven(mut self, proven: &[&str]) -> Self {
        self.0.proven = versions(proven);
        self
    }

    fn wishes(mut self, change: impl FnOnce(&mut Wishes)) -> Self {
        change(&mut self.0.wishes);
        self
    }

    fn force(self) -> Self {
        self.wishes(|wishes| wishes.options.force = true)
    }

    fn specific(self, specific: &[&str]) -> Self {
        let specific = versions(specific);
        self.wishes(|wishes| wishes.options.specific_versions = specific)
    }

    /// A tree that wants these ranges and tags.
    fn tree(self, ranges: &[&str]) -> Self {
        let wants = Wants {
            is_root: false,
            ranges: ranges.iter().map(|range| (*range).to_owned()).collect(),
        };
        self.wishes(|wishes| drop(wishes.roots.insert(TaskId::new(), wants)))
    }

    /// A tree that begins here.
    fn root(self) -> Self {
        let wants = Wants {
            is_root: true,
            ranges: BTreeSet::new(),
        };
        self.wishes(|wishes| drop(wishes.roots.insert(TaskId::new(), wants)))
    }

    fn plan(&self) -> Result<SyncPlan, JobError> {
        plan::plan(&self.0)
    }

    #[track_caller]
    fn planned(&self) -> SyncPlan {
        self.plan().expect("a plan")
    }
}

impl SyncPlan {
    #[track_caller]
    fn tags(&self) -> Vec<(&str, &str)> {
        let head = self.head.as_ref().expect("a new revision");
        let tags = head.dist_tags.iter();
        tags.map(|(tag, version)| (tag.as_str(), version.as_str()))
            .collect()
    }

    #[track_caller]
    fn warns_of(&self, words: &[&str]) {
        assert_eq!(self.warnings.len(), words.len(), "{:?}", self.warnings);
        for (warning, words) in self.warnings.iter().zip(words) {
            assert!(warning.contains(words), "{warning:?} has no {words:?}");
        }
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}
