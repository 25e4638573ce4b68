//! The builder of a whole package: versions, dist-tags, history.

use std::collections::BTreeMap;

use weir_domain::{Timestamp, Version};

use super::{Fields, VersionSpec};

/// When the first version of every package was published: 2020-01-01T00:00:00Z.
const FIRST_PUBLICATION: i64 = 1_577_836_800_000;
/// Each version follows its predecessor by an hour.
const BETWEEN_VERSIONS: i64 = 3_600_000;

/// Describes a package as its registry knows it.
#[derive(Debug, Clone)]
pub struct PackageSpec {
    pub(super) name: String,
    pub(super) versions: Vec<VersionSpec>,
    /// Versions taken back; `time` still lists them.
    pub(super) removed: Vec<(String, Timestamp)>,
    tags: BTreeMap<String, String>,
    pub(super) readme: String,
    pub(super) fields: Fields,
    pub(super) is_unpublished: bool,
    is_absent: bool,
}

impl PackageSpec {
    /// Begins a package without versions.
    pub fn new(name: &str) -> Self {
        let mut fields = Fields::default();
        // A field nobody knows, in a spelling that does not survive a parser.
        fields.set_raw("_madeForTests", r#"{"weight":2.0e1,"list":[true,null]}"#);
        Self {
            name: name.to_owned(),
            versions: Vec::new(),
            removed: Vec::new(),
            tags: BTreeMap::new(),
            readme: format!("# {name}\n\nMade for a test, with “quotes” and a line.\n"),
            fields,
            is_unpublished: false,
            is_absent: false,
        }
    }

    /// Names a package that does not exist and may be asked for all the same.
    pub fn absent(name: &str) -> Self {
        Self {
            is_absent: true,
            ..Self::new(name)
        }
    }

    /// Says whether this only names a package that does not exist.
    pub fn is_absent(&self) -> bool {
        self.is_absent
    }

    /// Returns the package's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the versions in order of publication.
    pub fn versions(&self) -> &[VersionSpec] {
        &self.versions
    }

    /// Returns a version by its number.
    pub fn find(&self, version: &str) -> Option<&VersionSpec> {
        self.versions.iter().find(|known| known.version == version)
    }

    /// Publishes a version described by `describe`; a known number is described further.
    #[must_use]
    pub fn version(
        mut self,
        number: &str,
        describe: impl FnOnce(VersionSpec) -> VersionSpec,
    ) -> Self {
        let at = self.next_publication();
        match self
            .versions
            .iter_mut()
            .find(|known| known.version == number)
        {
            Some(known) => *known = describe(known.clone()),
            None => self.versions.push(describe(VersionSpec::new(number, at))),
        }
        self
    }

    /// Begins a package with many versions, described alike.
    pub fn with_versions(
        name: &str,
        numbers: impl IntoIterator<Item = String>,
        describe: impl Fn(VersionSpec) -> VersionSpec,
    ) -> Self {
        let mut package = Self::new(name);
        for number in numbers {
            let at = package.next_publication();
            package
                .versions
                .push(describe(VersionSpec::new(&number, at)));
        }
        package
    }

    /// Takes one version back; its number stays in `time`.
    #[must_use]
    pub fn without_version(mut self, number: &str) -> Self {
        let at = self
            .versions
            .iter()
            .position(|known| known.version == number);
        let gone = self.versions.remove(at.unwrap_or_else(|| {
            panic!(
                "{}@{number} cannot be taken back: it is not there",
                self.name
            )
        }));
        self.tags.retain(|_, target| target != number);
        self.removed.push((gone.version, gone.published_at));
        self
    }

    /// Points a dist-tag at a version. `latest` is the newest stable one unless set here.
    #[must_use]
    pub fn tag(mut self, tag: &str, version: &str) -> Self {
        self.tags.insert(tag.to_owned(), version.to_owned());
        self
    }

    /// Removes a dist-tag.
    #[must_use]
    pub fn without_tag(mut self, tag: &str) -> Self {
        self.tags.remove(tag);
        self
    }

    /// Sets the readme.
    #[must_use]
    pub fn readme(mut self, text: &str) -> Self {
        text.clone_into(&mut self.readme);
        self
    }

    /// Sets a root field of the packument, as raw JSON text.
    #[must_use]
    pub fn root_field(mut self, name: &str, raw_json: &str) -> Self {
        self.fields.set_raw(name, raw_json);
        self
    }

    /// Unpublishes the whole package: a tombstone with `time.unpublished` remains.
    #[must_use]
    pub fn unpublished(mut self) -> Self {
        self.is_unpublished = true;
        self
    }

    fn next_publication(&self) -> Timestamp {
        let earlier = i64::try_from(self.versions.len() + self.removed.len());
        Timestamp(FIRST_PUBLICATION + earlier.expect("few versions") * BETWEEN_VERSIONS)
    }

    /// Returns the dist-tags, `latest` among them when there is any version.
    pub fn tags(&self) -> BTreeMap<String, String> {
        let mut tags = self.tags.clone();
        if !tags.contains_key("latest") {
            let parsed = self
                .versions
                .iter()
                .filter_map(|v| Version::parse(&v.version).ok());
            let best = parsed.max_by_key(|v| (!v.is_prerelease(), v.clone()));
            tags.extend(best.map(|v| ("latest".to_owned(), v.as_str().to_owned())));
        }
        tags
    }
}
