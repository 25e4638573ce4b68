//! Makes an answer about a package fit into a small buffer.
//!
//! Fields are taken from in a fixed order, those first that can be read elsewhere, until the
//! answer fits; it says which. Name, namespace and latest version are never among them.

use super::detail::{PackageAnswer, PackageDetail};

/// Largest answer.
const MAX_BYTES: usize = 4_096;
/// A description of fewer characters is no use.
const SHORTEST: usize = 40;

/// Takes a little of a field away; false if nothing was there to take.
type Step = fn(&mut PackageDetail) -> bool;

/// What is taken away, in this order, until the answer fits.
const STEPS: &[(&str, Step)] = &[
    ("versions", |data| data.versions.pop().is_some()),
    ("topics", |data| data.topics.pop().is_some()),
    ("description", |data| shorten(&mut data.description)),
    ("dependencies", |data| data.dependencies.pop().is_some()),
    ("alternatives", |data| data.alternatives.pop().is_some()),
    ("licenses", |data| data.licenses.pop().is_some()),
    ("author", |data| data.author.take().is_some()),
    ("license", |data| data.license.take().is_some()),
    ("homepage", |data| data.homepage.take().is_some()),
    ("repository", |data| data.repository.take().is_some()),
    ("supportSdkVersion", |data| {
        data.support_sdk_version.take().is_some()
    }),
    ("packageType", |data| data.package_type.take().is_some()),
    ("readmeUrl", |data| data.readme_url.take().is_some()),
    ("versionsUrl", |data| data.versions_url.take().is_some()),
    ("categories", |data| {
        data.categories.len() > 1 && data.categories.pop().is_some()
    }),
    ("install", |data| data.install.take().is_some()),
    ("reference", |data| data.reference.take().is_some()),
    ("fullName", |data| data.full_name.take().is_some()),
    ("latestStableVersion", |data| {
        data.latest_stable_version.take().is_some()
    }),
];

/// Halves a text, and drops it at last.
fn shorten(text: &mut Option<String>) -> bool {
    let Some(whole) = text.take() else {
        return false;
    };
    let half = whole.chars().count() / 2;
    if half >= SHORTEST {
        let kept: String = whole.chars().take(half).collect();
        *text = Some(format!("{}…", kept.trim_end_matches('…')));
    }
    true
}

fn fits(answer: &PackageAnswer) -> bool {
    serde_json::to_vec(answer).is_ok_and(|json| json.len() <= MAX_BYTES)
}

/// Takes away what is too much.
pub(super) fn fit(answer: &mut PackageAnswer) {
    for (field, step) in STEPS {
        let mut is_noted = false;
        while !fits(answer) && step(&mut answer.data) {
            if !is_noted {
                answer.data.omitted.push((*field).to_owned());
                is_noted = true;
            }
        }
    }
}
