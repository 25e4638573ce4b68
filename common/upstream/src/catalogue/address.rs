//! Where a source is: a plain Conan server at its own address, or a repository of an Artifactory
//! below its root, which people write with and without its context path.

use percent_encoding::utf8_percent_encode;
use url::Url;
use weir_domain::{catalogue::Reference, text::RESERVED};

/// The context path that Artifactory has unless somebody changed it.
const CONTEXT: &str = "artifactory";

/// Where a repository is, before anybody asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// Its path ends in a slash.
    pub(super) base: Url,
    /// Its key at an Artifactory; a plain Conan server has none.
    pub(super) repository: Option<String>,
}

impl Address {
    /// Takes what was configured; `…/api/conan/KEY` at the end of a URL is an Artifactory's root
    /// and a key.
    pub(super) fn new(base: &Url, repository: Option<&str>) -> Self {
        let mut segments: Vec<&str> = base.path().split('/').filter(|s| !s.is_empty()).collect();
        let mut repository = repository.map(str::to_owned);
        if let [.., "api", "conan" | "npm", key] = segments[..] {
            repository.get_or_insert_with(|| key.to_owned());
            segments.truncate(segments.len() - 3);
        }
        segments.push("");
        let mut base = base.clone();
        base.set_path(&segments.join("/"));
        Self { base, repository }
    }

    /// Returns where it may be, the likeliest first; only one if there is nothing to find out.
    pub(super) fn roots(&self) -> Vec<Url> {
        let has_context = self.base.path().ends_with(&format!("/{CONTEXT}/"));
        match &self.repository {
            Some(_) if !has_context => vec![self.base.clone(), folder(&self.base, &[CONTEXT])],
            _ => vec![self.base.clone()],
        }
    }

    /// Returns where the repository's interface for `kind` of packages is below a root.
    pub(super) fn interface(&self, root: &Url, kind: &str) -> Url {
        match &self.repository {
            Some(key) => folder(root, &["api", kind, key]),
            None => root.clone(),
        }
    }
}

/// Returns the URL of what lies below another; each segment is encoded.
pub(super) fn below(base: &Url, segments: &[&str]) -> Url {
    let encoded = segments
        .iter()
        .map(|one| utf8_percent_encode(one, RESERVED).to_string());
    let mut url = base.clone();
    url.set_path(&format!(
        "{}{}",
        base.path(),
        encoded.collect::<Vec<_>>().join("/")
    ));
    url
}

fn folder(base: &Url, segments: &[&str]) -> Url {
    let mut url = below(base, segments);
    url.set_path(&format!("{}/", url.path()));
    url
}

/// Returns the URL of something about a reference.
pub(super) fn of_reference(interface: &Url, reference: &Reference, rest: &[&str]) -> Url {
    let Reference {
        key,
        version,
        channel,
    } = reference;
    let mut segments = vec!["v2", "conans", &key.name, version, &key.namespace, channel];
    segments.extend(rest);
    below(interface, &segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_source_leads_there() {
        let table = [
            ("http://h/", None, "http://h/", &["http://h/"][..]),
            (
                "http://h/conan",
                None,
                "http://h/conan/",
                &["http://h/conan/"],
            ),
            (
                "http://h/artifactory",
                Some("r"),
                "http://h/artifactory/api/conan/r/",
                &["http://h/artifactory/"],
            ),
            (
                "http://h",
                Some("r"),
                "http://h/api/conan/r/",
                &["http://h/", "http://h/artifactory/"],
            ),
            (
                "http://h/artifactory/api/conan/r/",
                None,
                "http://h/artifactory/api/conan/r/",
                &["http://h/artifactory/"],
            ),
            (
                "http://h/api/conan/r",
                Some("r"),
                "http://h/api/conan/r/",
                &["http://h/", "http://h/artifactory/"],
            ),
        ];
        for (url, repository, interface, roots) in table {
            let address = Address::new(&url.parse().expect(url), repository);
            let found: Vec<_> = address.roots().iter().map(Url::to_string).collect();
            assert_eq!(found, roots, "{url}");
            let first = &address.roots()[0];
            assert_eq!(address.interface(first, "conan").as_str(), interface);
        }
    }

    #[test]
    fn odd_characters_of_a_reference_are_encoded() {
        let reference: Reference = "a/1.0+3~x".parse().expect("a reference");
        let base = "http://h/".parse().expect("a URL");
        let url = of_reference(&base, &reference, &["latest"]);
        assert_eq!(url.as_str(), "http://h/v2/conans/a/1.0%2B3~x/_/_/latest");
    }
}
