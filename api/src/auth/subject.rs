//! What a route is to credentials: one table, by the templates of the document.
//!
//! A template that no row fits is a route that nobody thought about: the server does not start
//! with it, and a test says which it is.

use http::Method;

/// What a route is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// The service, or the caller: nothing that could be kept from anybody.
    Open,
    /// Many things at once, each shown to whoever may see it.
    Many,
    /// The package that the path names.
    Package,
    /// Tasks, which the path names by id, whatever they are about.
    Tasks,
    /// The caller's account: profile, tokens, hooks, sessions.
    Account,
    /// The organisation that the path names.
    Org,
    /// How the service is set up and run.
    Administration,
}

/// A route, as credentials see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) subject: Subject,
    pub(super) is_write: bool,
}

/// Templates with what they are about; the first that fits counts. `**` is all that begins so;
/// a row with a method is only for that.
const SUBJECTS: &[(&str, Subject)] = &[
    ("/", Subject::Open),
    ("/-/ping", Subject::Open),
    ("/-/health", Subject::Open),
    ("/-/ready", Subject::Open),
    ("/-/whoami", Subject::Open),
    ("/-/npm/v1/keys", Subject::Open),
    ("/-/v1/login/**", Subject::Open),
    ("/-/v1/search", Subject::Many),
    ("/-/npm/v1/security/**", Subject::Many),
    ("/-/npm/v1/attestations/{versioned_name}", Subject::Package),
    ("/-/npm/v1/tokens/**", Subject::Account),
    ("/-/npm/v1/user/**", Subject::Account),
    ("/-/npm/v1/hooks/**", Subject::Account),
    // Who maintains what, and how to reach them: `npm owner` asks with any token.
    ("GET /-/user/**", Subject::Many),
    ("/-/user/**", Subject::Account),
    ("/api/v1/tokens/**", Subject::Account),
    // The catalogue is for everybody.
    ("/api/v1/packages/**", Subject::Open),
    ("/-/org", Subject::Administration),
    ("/-/org/**", Subject::Org),
    ("/-/team/**", Subject::Org),
    ("/-/admin/**", Subject::Administration),
    ("/api/v1/sync/**", Subject::Tasks),
    // Who sends them shows a secret of its own.
    ("/-/registry/{registry_id}/events", Subject::Open),
    // Which there are, anybody may know.
    ("GET /-/registry/**", Subject::Many),
    ("/-/registry/**", Subject::Administration),
    ("/-/scope/**", Subject::Administration),
    ("/-/metrics", Subject::Administration),
    ("/-/package/{fullname}/**", Subject::Package),
    ("/-/pkg/{fullname}", Subject::Package),
    ("/downloads/point/{period}/{fullname}", Subject::Package),
    ("/downloads/range/{period}/{fullname}", Subject::Package),
    ("/syncs/**", Subject::Tasks),
    ("/{fullname}/**", Subject::Package),
];

/// Operations that only read, though their method says otherwise: what needs a body to ask, and
/// what makes a ticket to read with.
const READS: &[&str] = &["/-/npm/v1/security/**", "/syncs/{task_id}/ticket"];

/// Parameters that name what a route is about.
const NAMES: &[(Subject, &[&str])] = &[
    (Subject::Package, &["fullname", "versioned_name"]),
    (Subject::Org, &["org", "scope"]),
];

impl Kind {
    /// Returns what an operation of the document is; nothing if no row fits.
    pub(super) fn of(method: &Method, template: &str) -> Option<Self> {
        let mut rows = SUBJECTS.iter();
        let row = rows.find(|(row, _)| match row.split_once(' ') {
            Some((only, row)) => method == only && fits(row, template),
            None => fits(row, template),
        });
        let reads = *method == Method::GET || READS.iter().any(|row| fits(row, template));
        row.map(|(_, subject)| Self {
            subject: *subject,
            is_write: !reads,
        })
    }

    /// Returns the place of the parameter that names what it is about, among the template's.
    pub(super) fn name_in(self, template: &str) -> Option<usize> {
        let names = NAMES.iter().find(|(subject, _)| *subject == self.subject);
        let (_, names) = names?;
        let parameters = template.split('/').filter_map(|part| {
            let inner = part.strip_prefix('{')?;
            inner.strip_suffix('}')
        });
        parameters
            .into_iter()
            .position(|name| names.contains(&name))
    }
}

/// Says whether a valid token may be refused at an operation of the document, as forbidden.
pub(crate) fn may_forbid(method: &Method, template: &str) -> bool {
    let is_closed = |subject| {
        matches!(
            subject,
            Subject::Account | Subject::Org | Subject::Administration
        )
    };
    Kind::of(method, template).is_some_and(|kind| kind.is_write || is_closed(kind.subject))
}

fn fits(row: &str, template: &str) -> bool {
    match row.strip_suffix("/**") {
        Some(start) => template
            .strip_prefix(start)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        None => row == template,
    }
}

/// Says whether somebody signs in there: whatever is shown beside it is what they come to
/// replace.
pub(super) fn signs_in(method: &Method, path: &str) -> bool {
    let is_user = path.starts_with("/-/user/") && !path.starts_with("/-/user/token/");
    (*method == Method::PUT && is_user) || path.starts_with("/-/v1/login")
}

/// Says whether a password may be shown there in the place of a token.
pub(super) fn takes_passwords(path: &str) -> bool {
    let is_user = path.starts_with("/-/user/") && !path.starts_with("/-/user/token/");
    is_user || path.starts_with("/-/npm/v1/tokens")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes;

    #[test]
    fn every_operation_is_of_a_kind_and_names_what_it_is_about() {
        for (method, template, id) in routes::operations() {
            let kind = Kind::of(&method.parse().expect("a method"), &template);
            let kind = kind.unwrap_or_else(|| panic!("{id} ({template}) needs a row in SUBJECTS"));
            let is_named = kind.name_in(&template).is_some();
            let has_name = NAMES.iter().any(|(subject, _)| *subject == kind.subject);
            assert_eq!(is_named, has_name, "{id}: {template}");
        }
    }

    #[test]
    fn kinds_are_what_the_contract_says() {
        let kind = |method: &str, template: &str| {
            let kind = Kind::of(&method.parse().expect("a method"), template);
            kind.map(|kind| (kind.subject, kind.is_write))
        };
        for (method, template, expected) in [
            ("GET", "/", Some((Subject::Open, false))),
            ("GET", "/{fullname}", Some((Subject::Package, false))),
            ("PUT", "/{fullname}", Some((Subject::Package, true))),
            (
                "PUT",
                "/{fullname}/-rev/{rev}",
                Some((Subject::Package, true)),
            ),
            (
                "PUT",
                "/-/package/{fullname}/syncs",
                Some((Subject::Package, true)),
            ),
            (
                "PUT",
                "/-/package/{fullname}/blocks",
                Some((Subject::Package, true)),
            ),
            (
                "POST",
                "/-/npm/v1/security/audits/quick",
                Some((Subject::Many, false)),
            ),
            (
                "POST",
                "/syncs/{task_id}/ticket",
                Some((Subject::Tasks, false)),
            ),
            (
                "POST",
                "/syncs/{task_id}/retry",
                Some((Subject::Tasks, true)),
            ),
            ("POST", "/-/npm/v1/tokens", Some((Subject::Account, true))),
            (
                "DELETE",
                "/api/v1/tokens/{id}",
                Some((Subject::Account, true)),
            ),
            ("GET", "/-/user/{user}", Some((Subject::Many, false))),
            (
                "DELETE",
                "/-/user/token/{token}",
                Some((Subject::Account, true)),
            ),
            ("PUT", "/-/org/{org}/team", Some((Subject::Org, true))),
            ("PUT", "/-/org", Some((Subject::Administration, true))),
            ("POST", "/-/registry", Some((Subject::Administration, true))),
            // Beside a row is not below it, and what nobody thought of is of no kind.
            ("GET", "/-/npm/v1/tokens2", None),
            ("GET", "/-/new", None),
            ("GET", "/other", None),
            ("GET", "/api/v1/other", None),
        ] {
            assert_eq!(kind(method, template), expected, "{method} {template}");
        }
        let of =
            |template| Kind::of(&Method::GET, template).and_then(|kind| kind.name_in(template));
        assert_eq!(of("/{fullname}/-/{file}"), Some(0));
        assert_eq!(of("/downloads/point/{period}/{fullname}"), Some(1));
        assert_eq!(of("/-/team/{org}/{team}/user"), Some(0));
        assert_eq!(of("/-/whoami"), None);
    }

    #[test]
    fn where_somebody_signs_in_credentials_play_no_part() {
        for (method, path, does) in [
            ("PUT", "/-/user/org.couchdb.user:alice", true),
            ("PUT", "/-/user/org.couchdb.user%3Aalice", true),
            ("PUT", "/-/user/org.couchdb.user:alice/-rev/1-a", true),
            ("GET", "/-/user/org.couchdb.user:alice", false),
            ("DELETE", "/-/user/token/x", false),
            ("POST", "/-/v1/login", true),
            ("GET", "/-/v1/login/done/x", true),
            ("PUT", "/a", false),
        ] {
            let method = method.parse().expect("a method");
            assert_eq!(signs_in(&method, path), does, "{method} {path}");
        }
    }
}
